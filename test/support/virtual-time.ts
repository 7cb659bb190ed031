import { start } from './issuer.ts'

/** Time that passes only when all wait: the earliest timer ends next. */
export class VirtualTime {
  time = start * 1000
  sleeps = 0
  #timers: { readonly at: number; readonly end: () => void }[] = []

  readonly now = () => this.time

  readonly sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      this.sleeps++
      const timer = { at: this.time + milliseconds, end: resolve }
      this.#timers.push(timer)
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
        resolve()
      })
    })

  /** Lets time pass until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false
    const over = () => {
      done = true
    }
    work.then(over, over)
    while (!done) {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve))
      const next = Math.min(...this.#timers.map(({ at }) => at))
      if (done || next === Infinity) continue
      this.time = Math.max(this.time, next)
      const due = this.#timers.filter(({ at }) => at <= next)
      this.#timers = this.#timers.filter(({ at }) => at > next)
      for (const { end } of due) end()
    }
    return work
  }
}
