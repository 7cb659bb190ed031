/** The last characters of a token's signature: enough to tell tokens apart, and quicker to hash than all of it. */
const TAIL = 43

/**
 * Remembers values by token, for at most `max` tokens; the least recently used goes first. Two tokens with one tail
 * displace each other, and are never taken for one another: the whole token is compared.
 */
export class TokenCache<V extends { readonly token: string }> {
  readonly #entries = new Map<string, V>()
  readonly #max: number
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
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#max) break
      this.#entries.delete(oldest)
    }
  }
}
