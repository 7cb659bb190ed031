import { putEnding } from '../sorted-pairs.ts'
import type { JsonObject } from '../json.ts'
import { type Context, notAuthorized } from '../operation.ts'
import type { ClientState, MfaMethod, PoolState, SessionState, UserState } from '../state.ts'

/** The answer that asks for a new password in place of a temporary one. */
export function newPasswordChallenge(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
): JsonObject {
  const { sub: _, ...held } = user.attributes
  const missing = pool.requiredAttributes.filter((name) => held[name] === undefined)
  return challenge(pool, user, client, context, 'NEW_PASSWORD_REQUIRED', {
    requiredAttributes: JSON.stringify(missing.map((name) => `userAttributes.${name}`)),
    userAttributes: JSON.stringify(held),
  })
}

/** The answer that asks for a second factor; undefined for users who have none. */
export function mfaChallenge(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
): JsonObject | undefined {
  const [first, ...others] = user.mfa
  if (first === undefined) return undefined
  const method = user.preferredMfa ?? (others.length === 0 ? first : undefined)
  if (method === undefined) {
    return challenge(pool, user, client, context, 'SELECT_MFA_TYPE', { MFAS_CAN_CHOOSE: JSON.stringify(user.mfa) })
  }
  return challenge(pool, user, client, context, method, delivery(method, user))
}

/** The open challenge of this session. Throws NotAuthorizedException where it is not that of this user and client. */
export function readSession(
  pool: PoolState,
  session: string,
  expected: Omit<SessionState, 'until'>,
  now: number,
): SessionState {
  const state = pool.sessions[session]
  const fits =
    state?.username === expected.username &&
    state.clientId === expected.clientId &&
    state.challenge === expected.challenge
  if (state === undefined || !fits) throw notAuthorized('Invalid session for the user.')
  if (state.until <= now) throw notAuthorized('Invalid session for the user, session is expired.')
  return state
}

function challenge(
  pool: PoolState,
  { username }: UserState,
  client: ClientState,
  { now, random }: Context,
  name: string,
  parameters: JsonObject,
): JsonObject {
  const session = random.opaque(96)
  const minutes = Number(client.settings['AuthSessionValidity'] ?? 3)
  const entry = { username, clientId: client.clientId, challenge: name, until: now + minutes * 60_000 }
  putEnding(pool.sessions, session, entry, now)
  return {
    ChallengeName: name,
    Session: session,
    ChallengeParameters: { USER_ID_FOR_SRP: username, ...parameters },
  }
}

function delivery(method: MfaMethod, { attributes }: UserState): JsonObject {
  if (method === 'SOFTWARE_TOKEN_MFA') return {}
  const medium = method === 'SMS_MFA' ? 'SMS' : 'EMAIL'
  const destination = medium === 'SMS' ? maskPhone(attributes['phone_number']) : maskEmail(attributes['email'])
  return { CODE_DELIVERY_DELIVERY_MEDIUM: medium, CODE_DELIVERY_DESTINATION: destination }
}

function maskPhone(number = ''): string {
  return `+${'*'.repeat(Math.max(0, number.length - 5))}${number.slice(-4)}`
}

function maskEmail(address = ''): string {
  const [local = '', domain = ''] = address.split('@')
  return `${local.charAt(0)}***@${domain.charAt(0)}***`
}
