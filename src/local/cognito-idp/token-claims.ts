import type { JsonObject } from '../json.ts'
import type { PoolState, UserState } from '../state.ts'
import { groupsOfUser } from './memberships.ts'
import { chooseRole } from './role-choice.ts'

/** What the tokens of one sign-in have in common. Times are in whole seconds since the epoch. */
export interface Grant {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
  readonly authTime: number
  readonly issuedAt: number
  readonly expiresAt: number
  readonly originJti: string
  readonly eventId: string
}

/** The claims of a user's access token, without overrides. */
export function accessClaims(pool: PoolState, user: UserState, grant: Grant, jti: string): JsonObject {
  return {
    sub: user.attributes['sub'],
    ...groupsClaim(pool, user),
    iss: grant.issuer,
    version: 2,
    client_id: grant.clientId,
    origin_jti: grant.originJti,
    event_id: grant.eventId,
    token_use: 'access',
    scope: grant.scope,
    auth_time: grant.authTime,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    jti,
    username: user.username,
  }
}

/** The claims of a user's ID token, without overrides, `at_hash` and `nonce`. */
export function idClaims(pool: PoolState, user: UserState, grant: Grant, jti: string): JsonObject {
  const { roles, preferred } = chooseRole(groupsOfUser(pool, user))
  return {
    ...attributeClaims(user),
    ...groupsClaim(pool, user),
    ...(roles.length > 0 ? { 'cognito:roles': roles } : {}),
    ...(preferred !== undefined ? { 'cognito:preferred_role': preferred } : {}),
    iss: grant.issuer,
    'cognito:username': user.username,
    origin_jti: grant.originJti,
    aud: grant.clientId,
    event_id: grant.eventId,
    token_use: 'id',
    auth_time: grant.authTime,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    jti,
  }
}

/** The claims of a machine's access token (client credentials). */
export function machineClaims(grant: Omit<Grant, 'originJti' | 'eventId'>, jti: string): JsonObject {
  return {
    sub: grant.clientId,
    token_use: 'access',
    scope: grant.scope,
    auth_time: grant.authTime,
    iss: grant.issuer,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    version: 2,
    jti,
    client_id: grant.clientId,
  }
}

function groupsClaim(pool: PoolState, user: UserState): JsonObject {
  const names = groupsOfUser(pool, user).map(({ name }) => name)
  return names.length > 0 ? { 'cognito:groups': names } : {}
}

/** Attributes are text in the directory; in tokens a few of them have a type (OpenID Connect Core section 5.1). */
function attributeClaims({ attributes }: UserState): JsonObject {
  const claims = Object.entries(attributes).map(([name, value]): [string, unknown] => {
    if (name === 'email_verified' || name === 'phone_number_verified') return [name, value === 'true']
    if (name === 'identities') return [name, JSON.parse(value)]
    if (name === 'address') return [name, { formatted: value }]
    return [name, value]
  })
  return {
    ...verification(attributes, 'email'),
    ...verification(attributes, 'phone_number'),
    ...Object.fromEntries(claims),
  }
}

/** Whoever has an e-mail address or a phone number has the claim that says whether it is verified. */
function verification(attributes: UserState['attributes'], name: string): JsonObject {
  return attributes[name] === undefined ? {} : { [`${name}_verified`]: false }
}
