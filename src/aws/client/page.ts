import { AwsError } from './error.ts'

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Opens the next page; undefined on the last one. A page without items need not be the last. */
  readonly token: string | undefined
}

/** Which page of a list. */
export interface PageOptions {
  /** The most items on it. Default and maximum: the service's own, mostly 60. */
  readonly limit?: number | undefined
  /** The `token` of the page before. Default: the first page. */
  readonly token?: string | undefined
}

/** A list that is read page by page. Each loop reads it again. */
export interface List<T> extends AsyncIterable<T> {
  /** All items, or the first `max`. */
  toArray(max?: number): Promise<T[]>
  /** One page, for lists that a user leafs through. */
  page(options?: PageOptions): Promise<Page<T>>
}

/**
 * A list of what `read` gives. A page token that comes twice would never end: iterating then throws AwsError of
 * code `PageTokenRepeated`.
 */
export function createList<T>(operation: string, read: (options?: PageOptions) => Promise<Page<T>>): List<T> {
  async function* iterate(): AsyncGenerator<T, void, undefined> {
    const seen = new Set<string | undefined>()
    let token: string | undefined
    do {
      // By its text: a token that is an object, as none should be, would be another one each time.
      const key = JSON.stringify(token)
      if (seen.has(key)) throw new AwsError({ code: 'PageTokenRepeated', operation })
      seen.add(key)
      const page = await read({ token })
      yield* page.items
      token = page.token
    } while (token)
  }
  return {
    [Symbol.asyncIterator]: iterate,
    async toArray(max) {
      const items: T[] = []
      if (max === 0) return items
      for await (const item of iterate()) if (items.push(item) === max) break
      return items
    },
    page: read,
  }
}
