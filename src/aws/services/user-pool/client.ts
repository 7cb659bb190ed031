import { type CallOptions, type ClientOptions, createCall, jsonProtocol } from '../../client/call.ts'
import { type Operation, quotePlain, quoteReason } from '../../client/error.ts'
import { createSigning } from '../../client/sign.ts'
import { createList, type List } from '../../client/page.ts'
import { assertKnown, assertMade } from '../../../internal/options.ts'
import type { Inputs, Outputs, Paged } from './cognito-idp.generated.ts'
import { isOdd, isUnsigned } from './operation-kinds.generated.ts'
import { paging } from './paging-table.generated.ts'

/** What an operation takes of the caller: its input, in which the pool need not be named. */
export type PoolInput<O extends Operation> = 'UserPoolId' extends keyof Inputs[O]
  ? Omit<Inputs[O], 'UserPoolId'> & { readonly UserPoolId?: string | undefined }
  : Inputs[O]

/**
 * Calls any operation of the user-pool API, in AWS's own names and shapes; operations that take a `UserPoolId` get the
 * pool's own unless one is given. Throws AwsError; where the answer to a write was lost, with outcome `unknown` and
 * without having repeated it.
 */
export type PoolCall = <O extends Operation>(
  operation: O,
  input: PoolInput<O>,
  options?: CallOptions,
) => Promise<Outputs[O]>

/** Calls of the user-pool API (`cognito-idp`). Throws ConfigurationError, naming the option. */
export function createPoolCall(userPoolId: string, options: ClientOptions): PoolCall {
  const call = createCall(
    {
      service: 'cognito-idp',
      ...jsonProtocol('AWSCognitoIdentityProviderService.'),
      quote: quoteReason,
      isSigned: (operation) => !isUnsigned(operation),
      isRead: (operation) => /^(Admin)?(List|Describe|Get(?!TokensFrom|ClientToken|UserAttributeV))/.test(operation),
    },
    options,
    createSigning('cognito-idp', options),
  )
  return (operation, input, callOptions) => {
    const takesPool = isUnsigned(operation) === isOdd(operation)
    const given = 'UserPoolId' in input ? input.UserPoolId : undefined
    // Answers are not checked against their types.
    return call(operation, takesPool ? { ...input, UserPoolId: given ?? userPoolId } : input, callOptions) as Promise<
      Outputs[typeof operation]
    >
  }
}

/** Calls an operation of the user-pool API that is not signed. Throws AwsError. */
export type UserCall = <O extends Operation>(
  operation: O,
  input: Inputs[O],
  options?: CallOptions,
) => Promise<Outputs[O]>

/** Calls of the user-pool API that users make themselves: none of them is signed. Throws ConfigurationError. */
export function createUserCall(options: Omit<ClientOptions, 'credentials'>): UserCall {
  const call = createCall(
    {
      service: 'cognito-idp',
      ...jsonProtocol('AWSCognitoIdentityProviderService.'),
      quote: quotePlain,
      isSigned: () => false,
      isRead: (operation) => /^(List|Get(User$|UserAuthF|Device))/.test(operation),
    },
    options,
  )
  // Answers are not checked against their types.
  return call as UserCall
}

/** The operations of the user-pool API that answer in pages. */
export type PagedOperation = keyof Paged & keyof Inputs

/** The list that a paged operation answers, each operation with its own names of token, limit and items. */
export function paginate<O extends PagedOperation>(
  client: { readonly call: PoolCall },
  operation: O,
  input: PoolInput<O>,
  options?: CallOptions,
): List<Paged[O]> {
  assertMade('paginate', client, 'call', 'what createPoolAdmin returns.')
  assertKnown('paginate', 'operation', operation, new Map(Object.entries(paging)))
  const [tokenName, limitName, itemsName] = paging[operation]
  return createList(operation, async ({ token, limit } = {}) => {
    const position = { ...(token && { [tokenName]: token }), ...(limit && limitName && { [limitName]: limit }) }
    const output = Object.entries(await client.call(operation, { ...input, ...position }, options))
    const member = (name: string): unknown => output.find(([key]) => key === name)?.[1]
    return {
      items: (member(itemsName) ?? []) as readonly Paged[O][],
      token: (member(tokenName) || undefined) as string | undefined,
    }
  })
}
