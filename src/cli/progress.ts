import { type CliContext, CommandError } from './context.ts'

/** How far a piece of work is. */
export interface Step {
  readonly done: number
  /** Where it is known. */
  readonly total?: number | undefined
  /** How many seconds a call now waits, because AWS throttles. */
  readonly waiting?: number | undefined
}

/**
 * A line on stderr that says how far a command is. It is shown at a terminal only, and gone when the work is done. Show each piece of
 * work when it begins, with what earlier runs have done of it: the rate is of what is done since.
 */
export interface Progress {
  show(what: string, step: Step): void
  clear(): void
}

/** At most 10 lines a second are drawn. `now` in milliseconds. */
export function createProgress({ process }: CliContext, now: () => number = () => performance.now()): Progress {
  const { stderr } = process
  if (!stderr.isTTY) return { show() {}, clear() {} }
  let begin = { what: '', time: 0, done: 0 }
  let drawn = 0
  let throttles = 0
  let isShown = false
  return {
    show(what, { done, total, waiting }) {
      if (waiting !== undefined) throttles++
      const time = now()
      const isNew = what !== begin.what
      if (isNew) begin = { what, time, done }
      if (isShown && !isNew && time - drawn < 100 && waiting === undefined && done !== total) return
      drawn = time
      isShown = true
      const seconds = (time - begin.time) / 1000
      const rate = (done - begin.done) / Math.max(seconds, 0.001)
      const left = total !== undefined && seconds >= 2 && rate > 0 && done < total ? (total - done) / rate : undefined
      // By what is left out last where the terminal is narrow.
      const parts = [
        { place: 0, text: `${what}: ${done}${total === undefined ? '' : ` of ${total}`}` },
        { place: 4, text: waiting === undefined ? '' : `AWS throttles, waiting ${formatSeconds(waiting)}` },
        { place: 2, text: left === undefined ? '' : `${formatSeconds(left)} left` },
        { place: 3, text: throttles > 0 ? `${throttles} throttle${throttles > 1 ? 's' : ''}` : '' },
        { place: 1, text: seconds >= 1 && rate > 0 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s` : '' },
      ].filter(({ text }) => text !== '')
      const toLine = () =>
        parts
          .toSorted((a, b) => a.place - b.place)
          .map(({ text }) => text)
          .join(', ')
      const width = (stderr.columns || 80) - 1
      while (parts.length > 1 && toLine().length > width) parts.pop()
      const line = toLine()
      stderr.write(`\r\u001b[2K${line.length > width ? `${line.slice(0, width - 1)}…` : line}`)
    },
    clear() {
      if (isShown) stderr.write('\r\u001b[2K')
      isShown = false
    },
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`
}

/**
 * A signal that aborts at the first Ctrl-C, or SIGTERM, and says so; a second one ends the process at once. `resume` says how the work
 * goes on later. Call the result's `dispose` when the work is done.
 */
export function abortOnInterrupt({ process }: CliContext, resume: string): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const dispose = () => {
    for (const signal of signals) process.removeListener(signal, stop)
  }
  const stop = () => {
    process.stderr.write(`\nStopping after the calls that are under way; again stops at once. ${resume}\n`)
    dispose()
    controller.abort(new CommandError('stopped'))
  }
  for (const signal of signals) process.on(signal, stop)
  return { signal: controller.signal, dispose }
}
