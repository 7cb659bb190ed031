import type { JsonObject } from '../json.ts'
import type { Context } from '../operation.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { IdentityPoolState, State } from '../state.ts'
import { readOptional, readText } from '../cognito-idp/input.ts'
import type { TextRules } from '../cognito-idp/rules.ts'
import { mapOf, type Reader, text } from '../cognito-idp/shape.ts'

/** Ids of identity pools and of identities: a region, a colon and a UUID. */
export function identityIdRules(): TextRules {
  return { min: 1, max: 55, pattern: /^[\w-]+:[0-9a-f-]+$/ }
}

/** Names of identity pools. */
export function identityPoolNameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }
}

/** ARNs of roles and providers. */
export function identityArnRules(): TextRules {
  return { min: 20, max: 2048 }
}

/** The pool that `IdentityPoolId` names. */
export function readIdentityPool(state: State, input: JsonObject, context: Context): IdentityPoolState {
  const identityPoolId = readText(input, 'IdentityPoolId', identityIdRules())
  const pool = state.identityPools[identityPoolId]
  if (pool === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `IdentityPool '${identityPoolId}' not found.`)
  }
  return pool
}

/** Throws where `Logins` is no map of at most ten tokens by provider. What they are worth is another question. */
export function checkLogins(input: JsonObject): void {
  readOptional(input, 'Logins', smallMap(text({ min: 1, max: 128 }), text({ min: 1, max: 50_000 }), 10))
}

/** A map from text to text of at most `max` entries. */
export function smallMap(
  key: Reader<string>,
  item: Reader<string>,
  max: number,
): Reader<Readonly<Record<string, string>>> {
  const read = mapOf(key, item)
  return (value, path) => {
    const map = read(value, path)
    if (Object.keys(map).length <= max) return map
    throw invalidParameter(
      `1 validation error detected: Value at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
    )
  }
}
