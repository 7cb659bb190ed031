import { readMember, structure, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import type { PoolState, State, UserState } from '../state/index.ts'
import {
  findUser,
  linkKey,
  listUsersBy,
  putUser,
  readIdentities,
  readPool,
  removeUser,
  userNotFound,
} from './directory.ts'
import { revokeTokens } from './refresh-tokens.ts'

/** How many identities of providers a user may be linked to (AdminLinkProviderForUser). */
const maxLinked = 5

/** The operations that link identities of providers to users, and take them away. */
export function linkedProviderOperations(): Operations {
  return {
    'cognito-idp.AdminDisableProviderForUser': disableProvider,
    'cognito-idp.AdminLinkProviderForUser': linkProvider,
  }
}

/** A `ProviderUserIdentifierType`. */
interface Identifier {
  readonly provider: string
  readonly attribute: string
  readonly value: string
}

function readIdentifier(input: JsonObject, member: string): Identifier {
  const names = ['ProviderName', 'ProviderAttributeName', 'ProviderAttributeValue']
  const shape = structure(Object.fromEntries(names.map((name) => [name, text()])))
  const [provider = '', attribute = '', value = ''] = names.map((name) => {
    return String(readMember(input, member, shape)[name] ?? '')
  })
  if (provider === '' || value === '') {
    throw invalidParameter(`${member} needs ProviderName and ProviderAttributeValue.`)
  }
  return { provider, attribute, value }
}

/** Whoever signs in with the source's identity is from then on the user of the destination. */
function linkProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const to = readIdentifier(input, 'DestinationUser')
  const from = readIdentifier(input, 'SourceUser')
  if (from.provider === 'Cognito' || from.provider === 'COGNITO') {
    throw invalidParameter('SourceUser has to be a user of an external identity provider.')
  }
  const provider = pool.providers[from.provider]
  if (provider === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Identity provider ${from.provider} does not exist.`)
  }
  const user = findDestination(pool, to)
  if (user === undefined) throw userNotFound()
  const holder = findLinked(pool, from)
  if (holder !== undefined) {
    throw invalidParameter('Merging is not currently supported, provide a SourceUser that has not been merged already.')
  }
  const identities = readIdentities(user)
  if (identities.length >= maxLinked) {
    throw new ServiceError('LimitExceededException', `A user is linked to at most ${maxLinked} identities.`)
  }
  // Who has signed in with the identity before had a user of the provider, which goes.
  const own = findUser(pool, `${from.provider}_${from.value}`)
  if (own !== undefined && own.username !== user.username) {
    revokeTokens(pool, own.username, context)
    removeUser(pool, own)
  }
  const link = {
    userId: from.value,
    providerName: from.provider,
    providerType: provider.type,
    issuer: null,
    primary: false,
    dateCreated: context.now,
  }
  putIdentities(pool, user, [...identities, link], context)
  return {}
}

/** A native user is disabled; of a user of a provider the link goes, or the user as a whole is disabled. */
function disableProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const identifier = readIdentifier(input, 'User')
  if (identifier.provider === 'Cognito') {
    if (identifier.attribute !== 'Cognito_Subject') {
      throw invalidParameter('ProviderAttributeName has to be Cognito_Subject for users of the user pool.')
    }
    const user = findUser(pool, identifier.value)
    if (user === undefined) throw userNotFound()
    disable(pool, user, context)
    return {}
  }
  const user = findLinked(pool, identifier)
  if (user !== undefined) {
    const left = readIdentities(user).filter(({ providerName, userId }) => {
      return providerName !== identifier.provider || userId !== identifier.value
    })
    putIdentities(pool, user, left, context)
    return {}
  }
  const own = findUser(pool, `${identifier.provider}_${identifier.value}`)
  if (own === undefined) throw userNotFound()
  disable(pool, own, context)
  return {}
}

function disable(pool: PoolState, user: UserState, context: Context): void {
  putUser(pool, { ...user, enabled: false, updatedAt: context.now })
  revokeTokens(pool, user.username, context)
}

/** A user of the pool by name, or one of a provider by the name that the provider gives. */
function findDestination(pool: PoolState, { provider, attribute, value }: Identifier): UserState | undefined {
  if (provider !== 'Cognito') return findUser(pool, `${provider}_${value}`)
  if (attribute === '' || attribute === 'Cognito_Subject' || attribute === 'username') return findUser(pool, value)
  throw invalidParameter('DestinationUser: ProviderAttributeName has to be absent or username for Cognito.')
}

/** The user to whom the identity is linked, by whatever attribute it was. */
function findLinked(pool: PoolState, { provider, value }: Identifier): UserState | undefined {
  return listUsersBy(pool, linkKey(provider, value), { count: 1 })[0]?.[1]
}

function putIdentities(pool: PoolState, user: UserState, identities: readonly JsonObject[], { now }: Context): void {
  const { identities: _, ...rest } = user.attributes
  const attributes = identities.length === 0 ? rest : { ...rest, identities: JSON.stringify(identities) }
  putUser(pool, { ...user, attributes, updatedAt: now })
}
