import { createMap, isObject, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { State } from '../state.ts'
import { readMember, readOptional } from '../cognito-idp/input.ts'
import { nameRules } from '../cognito-idp/rules.ts'
import { choice, listOf, type Reader, structure, text } from '../cognito-idp/shape.ts'
import { identityArnRules, readIdentityPool, smallMap } from './input.ts'

/** The operations on the roles of identity pools, and on how they are chosen. */
export function poolRoleOperations(): Operations {
  return {
    'cognito-identity.GetIdentityPoolRoles': getIdentityPoolRoles,
    'cognito-identity.SetIdentityPoolRoles': setIdentityPoolRoles,
  }
}

function getIdentityPoolRoles(state: State, input: JsonObject, context: Context): JsonObject {
  const { identityPoolId, roles, roleMappings } = readIdentityPool(state, input, context)
  return {
    IdentityPoolId: identityPoolId,
    Roles: roles,
    ...(Object.keys(roleMappings).length > 0 && { RoleMappings: roleMappings }),
  }
}

/** Replaces roles and mappings together: what is not sent is gone. */
function setIdentityPoolRoles(state: State, input: JsonObject, context: Context): undefined {
  const pool = readIdentityPool(state, input, context)
  const kind = text({ min: 1, max: 128, pattern: /^(un)?authenticated$/ })
  const roles = createMap(Object.entries(readMember(input, 'Roles', smallMap(kind, text(identityArnRules()), 2))))
  const roleMappings = createMap(Object.entries(readOptional(input, 'RoleMappings', mappings()) ?? {}))
  state.identityPools[pool.identityPoolId] = { ...pool, roles, roleMappings }
}

function mappings(): Reader<Readonly<Record<string, JsonObject>>> {
  const provider = text({ min: 1, max: 128 })
  return (value, path) => {
    if (!isObject(value))
      throw new ServiceError('SerializationException', `The value at '${path}' is of the wrong type.`)
    const entries = Object.entries(value)
    if (entries.length > 10) throw invalidParameter('There may be 10 role mappings at most.')
    return Object.fromEntries(
      entries.map(([name, item]) => [provider(name, `${path}.key`), mapping(item, `${path}.${name}`)]),
    )
  }
}

function mapping(value: unknown, path: string): JsonObject {
  const rule = structure(
    {
      Claim: text({ ...nameRules(), max: 64 }),
      MatchType: choice(['Equals', 'Contains', 'StartsWith', 'NotEqual']),
      Value: text({ min: 1, max: 128 }),
      RoleARN: text(identityArnRules()),
    },
    ['Claim', 'MatchType', 'Value', 'RoleARN'],
  )
  const shape = structure(
    {
      Type: choice(['Token', 'Rules']),
      AmbiguousRoleResolution: choice(['AuthenticatedRole', 'Deny']),
      RulesConfiguration: structure({ Rules: listOf(rule, 400) }, ['Rules']),
    },
    ['Type'],
  )
  const read = shape(value, `${path}.member`)
  if (read['AmbiguousRoleResolution'] === undefined) {
    throw invalidParameter('AmbiguousRoleResolution is required for role mappings of type Token and Rules.')
  }
  if ((read['Type'] === 'Rules') !== (read['RulesConfiguration'] !== undefined)) {
    throw invalidParameter('RulesConfiguration is for role mappings of type Rules, and required there.')
  }
  return read
}
