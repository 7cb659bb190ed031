/** The last characters of a token's signature: enough to tell tokens apart, and quicker to hash than all of it. */
const TAIL = 43

/**
 * Remembers values by token, for at most `max` tokens; the least recently used goes first. Two tokens with one tail
 * displace each other, and are never taken for one another: the whole token is compared.
 */
export class TokenCache<V extends { readonly token: string }> {
  readonly #entries = new Map<string, V>()
  readonly #max: number
  /** Goes on to what is set later, and so always stands before the least recently used one. */
  readonly #oldest = this.#entries.keys()
  #newest: V | undefined

  constructor(max: number) {
    this.#max = max
  }

  get(token: string): V | undefined {
    const newest = this.#newest
    if (newest !== undefined && newest.token === token) return newest
    const tail = token.slice(-TAIL)
    const entry = this.#entries.get(tail)
    if (entry === undefined || entry.token !== token) return undefined
    this.#entries.delete(tail)
    this.#entries.set(tail, entry)
    this.#newest = entry
    return entry
  }

  set(entry: V): void {
    const tail = entry.token.slice(-TAIL)
    this.#entries.delete(tail)
    this.#entries.set(tail, entry)
    this.#newest = this.#max > 0 ? entry : undefined
    if (this.#entries.size > this.#max) this.#entries.delete(this.#oldest.next().value ?? tail)
  }
}
