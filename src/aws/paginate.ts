import type { CallOptions } from './client.ts'
import type { Inputs, Paged } from './cognito-idp.generated.ts'
import { createList, type List } from './list.ts'
import { paging } from './paging-table.generated.ts'
import type { PoolCall, PoolInput } from './user-pool-api.ts'

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
