/** The last characters of a token's signature: enough to tell tokens apart, and quicker to hash than all of it. */
const TAIL = 43

interface Slot<V> {
  readonly value: V
  /** Whether it was asked for since it was put where it is. */
  used: boolean
}

/**
 * Remembers values by token, for at most `max` tokens. One that nobody asked for goes first, the oldest of them; one that was
 * asked for goes behind the others once (the clock algorithm), which spares a move on every request. Two tokens with one tail
 * displace each other, and are never taken for one another: the whole token is compared.
 */
export class TokenCache<V extends { readonly token: string }> {
  readonly #slots = new Map<string, Slot<V>>()
  readonly #max: number
  /** Goes on to what is set later, and so always stands before the oldest one. */
  readonly #oldest = this.#slots.entries()
  #newest: Slot<V> | undefined

  constructor(max: number) {
    this.#max = max
  }

  get(token: string): V | undefined {
    const newest = this.#newest
    const slot = newest?.value.token === token ? newest : this.#slots.get(token.slice(-TAIL))
    if (slot?.value.token !== token) return undefined
    slot.used = true
    this.#newest = slot
    return slot.value
  }

  set(value: V): void {
    if (this.#max === 0) return
    const tail = value.token.slice(-TAIL)
    this.#slots.delete(tail)
    while (this.#slots.size >= this.#max) {
      const [oldest, slot] = this.#oldest.next().value ?? []
      if (oldest === undefined || slot === undefined) break
      this.#slots.delete(oldest)
      if (slot.used) this.#slots.set(oldest, slot)
      slot.used = false
    }
    this.#newest = { value, used: false }
    this.#slots.set(tail, this.#newest)
  }
}
