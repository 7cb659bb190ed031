import type { PoolCall, PoolInput } from '../services/user-pool/client.ts'
import type { Inputs, Paged } from '../services/user-pool/cognito-idp.generated.ts'
import { paging } from '../services/user-pool/paging-table.generated.ts'
import type { CallOptions } from './call.ts'
import { AwsError } from './error.ts'

/** The operations of the user-pool API that answer in pages. */
export type PagedOperation = keyof Paged & keyof Inputs

/** The list that a paged operation answers, each operation with its own names of token, limit and items. */
export function paginate<O extends PagedOperation>(
  { call }: { readonly call: PoolCall },
  operation: O,
  input: PoolInput<O>,
  options?: CallOptions,
): List<Paged[O]> {
  const [tokenName, limitName, itemsName] = paging[operation]
  return createList(operation, async ({ token, limit } = {}) => {
    const position = { ...(token && { [tokenName]: token }), ...(limit && limitName && { [limitName]: limit }) }
    const output = Object.entries(await call(operation, { ...input, ...position }, options))
    const member = (name: string): unknown => output.find(([key]) => key === name)?.[1]
    return {
      items: (member(itemsName) ?? []) as readonly Paged[O][],
      token: (member(tokenName) || undefined) as string | undefined,
    }
  })
}

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

/** A list that is read page by page, anew for each loop. */
export interface List<T> extends AsyncIterable<T> {
  /** All items, or the first `max`. */
  toArray(max?: number): Promise<T[]>
  /** One page, for lists that a user leafs through. */
  page(options?: PageOptions): Promise<Page<T>>
}

/**
 * A list of what `read` gives. A page token that comes twice would go round for ever: iterating then throws AwsError of
 * code `PageTokenRepeated`.
 */
export function createList<T>(operation: string, read: (options?: PageOptions) => Promise<Page<T>>): List<T> {
  async function* iterate(): AsyncGenerator<T, void, undefined> {
    const seen = new Set<string | undefined>()
    let token: string | undefined
    do {
      if (seen.has(token)) throw new AwsError({ code: 'PageTokenRepeated', operation })
      seen.add(token)
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
