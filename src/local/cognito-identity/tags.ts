import { partitionOf } from '../hosts.ts'
import { listOf, mapOf, readFlag, readMember, readOptional, readText, text } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { accountId, type IdentityPoolState, type State } from '../state/index.ts'
import type { Login } from './identities.ts'
import { readIdentityPool, smallMap } from './pools.ts'

/** The operations on tags of identity pools, and on the session tags that they make of claims. */
export function identityTagOperations(): Operations {
  return {
    'cognito-identity.TagResource': tagResource,
    'cognito-identity.UntagResource': untagResource,
    'cognito-identity.ListTagsForResource': (state, input, context) => ({
      Tags: tagsOf(readTagged(state, input, context)),
    }),
    'cognito-identity.GetPrincipalTagAttributeMap': getPrincipalTags,
    'cognito-identity.SetPrincipalTagAttributeMap': setPrincipalTags,
  }
}

function tagResource(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readTagged(state, input, context)
  const added = readMember(input, 'Tags', mapOf(text({ min: 1, max: 128 }), text({ max: 256 })))
  const tags = { ...tagsOf(pool), ...added }
  if (Object.keys(tags).length > 50) throw invalidParameter('A resource has at most 50 tags.')
  return keepTags(state, pool, tags)
}

function untagResource(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readTagged(state, input, context)
  const removed = readMember(input, 'TagKeys', listOf(text({ min: 1, max: 128 })))
  const left = Object.entries(tagsOf(pool)).filter(([key]) => !removed.includes(key))
  return keepTags(state, pool, Object.fromEntries(left))
}

function keepTags(state: State, pool: IdentityPoolState, tags: JsonObject): JsonObject {
  state.identityPools[pool.identityPoolId] = { ...pool, settings: { ...pool.settings, IdentityPoolTags: tags } }
  return {}
}

function tagsOf({ settings }: IdentityPoolState): JsonObject {
  return isObject(settings['IdentityPoolTags']) ? settings['IdentityPoolTags'] : {}
}

function readTagged(state: State, input: JsonObject, { region }: Context): IdentityPoolState {
  const arn = readText(input, 'ResourceArn', { min: 20, max: 2048 })
  const prefix = `arn:${partitionOf(region)}:cognito-identity:${region}:${accountId()}:identitypool/`
  const pool = arn.startsWith(prefix) ? state.identityPools[arn.slice(prefix.length)] : undefined
  if (pool === undefined) throw new ServiceError('ResourceNotFoundException', `Resource '${arn}' not found.`)
  return pool
}

/** What becomes a session tag unless told otherwise. */
const defaultTags = { username: 'sub', client: 'aud' }

/** A provider of which nothing was set makes no session tags. */
function getPrincipalTags(state: State, input: JsonObject, context: Context): JsonObject {
  const { identityPoolId, principalTags } = readIdentityPool(state, input, context)
  const provider = readText(input, 'IdentityProviderName', { min: 1, max: 128 })
  const { useDefaults, tags } = principalTags[provider] ?? { useDefaults: false, tags: {} }
  return {
    IdentityPoolId: identityPoolId,
    IdentityProviderName: provider,
    PrincipalTags: tags,
    UseDefaults: useDefaults,
  }
}

function setPrincipalTags(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readIdentityPool(state, input, context)
  const provider = readText(input, 'IdentityProviderName', { min: 1, max: 128 })
  const useDefaults = readFlag(input, 'UseDefaults')
  const given = readOptional(
    input,
    'PrincipalTags',
    smallMap(text({ min: 1, max: 128 }), text({ min: 1, max: 256 }), 50),
  )
  const tags = useDefaults ? defaultTags : (given ?? {})
  const principalTags = createMap([...Object.entries(pool.principalTags), [provider, { useDefaults, tags }]])
  state.identityPools[pool.identityPoolId] = { ...pool, principalTags }
  return getPrincipalTags(state, input, context)
}

/** The session tags of a login. A claim that is absent makes none; lists are joined by commas. */
export function principalTagsOf(
  { principalTags }: IdentityPoolState,
  login: Login | undefined,
): Readonly<Record<string, string>> {
  if (login === undefined) return {}
  const { tags = {} } = principalTags[login.provider] ?? {}
  return Object.fromEntries(
    Object.entries(tags).flatMap(([tag, claim]): [string, string][] => {
      const value = login.claims[claim]
      if (value === undefined || value === null) return []
      return [[tag, Array.isArray(value) ? value.join(',') : String(value)]]
    }),
  )
}
