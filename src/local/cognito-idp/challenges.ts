import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, ServiceError } from '../operation.ts'
import { putEnding } from '../sorted-pairs.ts'
import type { ClientState, DeviceState, MfaMethod, PoolState, SessionState, UserState } from '../state/index.ts'
import { hidesUnknownUsers } from './clients.ts'
import { maskDestination, readRecipient, sendCode } from './codes.ts'
import { putUser, userNotFound } from './directory.ts'
import { startExchange } from './srp.ts'
import { describeLevel, findStepUp, levelOf } from './step-up.ts'
import type { TokenSource } from './token-trigger.ts'
import { authenticationResult, type IssueOptions } from './tokens.ts'

/** A sign-in that is not finished. */
export interface SignIn {
  readonly pool: PoolState
  readonly user: UserState
  readonly client: ClientState
  readonly context: Context
  /** Whether an administrator signs the user in. Every challenge then holds the user's name. */
  readonly byAdministrator: boolean
  /** The device that the user says to sign in from. */
  readonly deviceKey?: string | undefined
  /** The factors that the user has shown, and the level that is to be reached. */
  readonly proven?: readonly string[] | undefined
  readonly target?: number | undefined
  /** For the triggers: that of an answer, and never that of the first call. */
  readonly clientMetadata?: JsonObject | undefined
}

/** What the user has shown so far. */
export type Shown = 'password' | 'new-password' | 'factor' | 'device'

/** The next challenge, or the tokens where nothing is left to ask. `factor` is what the user has just shown. */
export function continueSignIn(before: SignIn, shown: Shown, factor?: string): JsonObject {
  const proven = [...(before.proven ?? []), ...(factor === undefined ? [] : [factor])]
  const signIn = { ...before, proven }
  const { pool, user, client, context, target, clientMetadata } = signIn
  if (shown === 'password' && user.status === 'FORCE_CHANGE_PASSWORD') return newPasswordChallenge(signIn)
  const device = findDevice(signIn)
  if (shown === 'password' || shown === 'new-password') {
    if (device?.isRemembered) return issueChallenge(signIn, 'DEVICE_SRP_AUTH', {})
    const next = factorChallenge(signIn)
    if (next !== undefined) return next
  }
  const stepUp = target !== undefined && levelOf(proven) < target ? findStepUp(user, proven, target) : undefined
  if (stepUp !== undefined) return codeChallenge(signIn, stepUp)
  if (shown !== 'device' && device?.verifier) return issueChallenge(signIn, 'DEVICE_SRP_AUTH', {})
  const level = target === undefined ? undefined : describeLevel(pool, proven)
  if (context.finish !== undefined) return context.finish(user, proven, level)
  const options = { source: sourceOf(shown), clientMetadata, factors: proven, level }
  if (device !== undefined || pool.deviceTracking === 'off') {
    return authenticationResult(pool, user, client, context, { ...options, deviceKey: device?.key })
  }
  return withNewDevice(signIn, options)
}

/** What triggers are told about a sign-in that ended so. */
function sourceOf(shown: Shown): TokenSource {
  if (shown === 'new-password') return 'NewPasswordChallenge'
  return shown === 'device' ? 'AuthenticateDevice' : 'Authentication'
}

/** The challenge by which the client shows that it knows the password (`PASSWORD_VERIFIER`). */
export function passwordVerifierChallenge(
  signIn: Omit<SignIn, 'user'>,
  start: SrpStart,
  A: string,
  { withSession, custom }: { readonly withSession: boolean; readonly custom?: SessionState['custom'] },
): JsonObject {
  return srpChallenge(
    signIn,
    start,
    A,
    { challenge: 'PASSWORD_VERIFIER', withSession, custom },
    { USERNAME: start.username },
  )
}

/** The same for a device (`DEVICE_PASSWORD_VERIFIER`). */
export function deviceVerifierChallenge(
  signIn: SignIn,
  { key, salt = '', verifier = '' }: DeviceState,
  A: string,
): JsonObject {
  const { username } = signIn.user
  const start = { username, salt, verifier, isPretended: false }
  return srpChallenge(
    signIn,
    start,
    A,
    { challenge: 'DEVICE_PASSWORD_VERIFIER', withSession: true },
    { DEVICE_KEY: key },
  )
}

/** What the server begins an exchange with: the password's verifier, and whose it is. */
export interface SrpStart {
  readonly username: string
  readonly salt: string
  readonly verifier: string
  readonly isPretended: boolean
}

function srpChallenge(
  { pool, client, context, byAdministrator, deviceKey, proven, target }: Omit<SignIn, 'user'>,
  { username, salt, verifier, isPretended }: SrpStart,
  A: string,
  {
    challenge,
    withSession,
    custom,
  }: {
    readonly challenge: string
    readonly withSession: boolean
    readonly custom?: SessionState['custom']
  },
  names: JsonObject,
): JsonObject {
  const { now, random } = context
  const srp = startExchange(verifier, salt, A, random)
  const secretBlock = btoa(random.alphanumeric(384))
  const session = withSession ? random.opaque(96) : undefined
  const until = now + sessionLife(client)
  const about = { username, clientId: client.clientId, challenge, until }
  const common = { ...about, byAdministrator, deviceKey, proven, target }
  putEnding(pool.sessions, secretBlock, { ...common, srp, session, isPretended, custom }, now)
  return {
    ChallengeName: challenge,
    ...(session !== undefined && { Session: session }),
    ChallengeParameters: {
      SALT: srp.salt,
      SECRET_BLOCK: secretBlock,
      SRP_B: srp.B,
      ...names,
      ...(challenge === 'PASSWORD_VERIFIER' && { USER_ID_FOR_SRP: username }),
    },
  }
}

/** The answer that asks for a new password in place of a temporary one. */
function newPasswordChallenge(signIn: SignIn): JsonObject {
  const { pool, user } = signIn
  const { sub: _, ...held } = user.attributes
  const missing = pool.requiredAttributes.filter((name) => held[name] === undefined)
  return issueChallenge(signIn, 'NEW_PASSWORD_REQUIRED', {
    USER_ID_FOR_SRP: user.username,
    requiredAttributes: JSON.stringify(missing.map((name) => `userAttributes.${name}`)),
    userAttributes: JSON.stringify(held),
  })
}

/**
 * The answer that asks for a second factor, or to set one up; undefined where none is needed. Within CUSTOM_AUTH, `custom`
 * is what the triggers know so far.
 */
export function factorChallenge(signIn: SignIn, custom?: SessionState['custom']): JsonObject | undefined {
  const { pool, user } = signIn
  const methods = usableFactors(pool, user)
  const [first, ...others] = methods
  if (first === undefined) {
    if (pool.mfa !== 'ON' || custom !== undefined) return undefined
    const byItself = findAutomatic(pool, user)
    if (byItself !== undefined) return codeChallenge(signIn, byItself)
    return issueChallenge(signIn, 'MFA_SETUP', { MFAS_CAN_SETUP: JSON.stringify(setUpMethods(pool)) })
  }
  const preferred = methods.find((method) => method === user.preferredMfa)
  const method = preferred ?? (others.length === 0 || custom !== undefined ? first : undefined)
  if (method !== undefined) return codeChallenge(signIn, method, custom)
  return issueChallenge(signIn, 'SELECT_MFA_TYPE', { MFAS_CAN_CHOOSE: JSON.stringify(methods) })
}

/** Whether the user is asked for a second factor. */
export function asksForFactor(pool: PoolState, user: UserState): boolean {
  return usableFactors(pool, user).length > 0
}

function usableFactors({ mfa, mfaMethods }: PoolState, user: UserState): readonly MfaMethod[] {
  return mfa === 'OFF' ? [] : user.mfa.filter((method) => mfaMethods.includes(method))
}

/** The second factors that can be set up within a sign-in. */
export function setUpMethods({ mfaMethods }: PoolState): readonly MfaMethod[] {
  return mfaMethods.filter((method) => method !== 'SMS_MFA')
}

/** Where no application can be set up, codes go to a verified address or number, though the user has set nothing up. */
function findAutomatic({ mfaMethods }: PoolState, { attributes }: UserState): MfaMethod | undefined {
  if (mfaMethods.includes('SOFTWARE_TOKEN_MFA')) return undefined
  return mfaMethods.find(
    (method) => attributes[`${method === 'EMAIL_OTP' ? 'email' : 'phone_number'}_verified`] === 'true',
  )
}

/** The answer that asks for a code: of an application, or of a message that is sent with it. */
export function codeChallenge(
  signIn: SignIn,
  method: MfaMethod | 'SMS_OTP',
  custom?: SessionState['custom'],
): JsonObject {
  const { pool, user, context } = signIn
  if (method === 'SOFTWARE_TOKEN_MFA') return issueChallenge(signIn, method, {}, { custom })
  const recipient = readRecipient(user, method === 'EMAIL_OTP' ? 'email' : 'phone_number')
  const code = sendCode(pool, user.username, recipient, 'sign-in', context)
  const parameters = {
    CODE_DELIVERY_DELIVERY_MEDIUM: recipient.medium,
    CODE_DELIVERY_DESTINATION: maskDestination(recipient.medium, recipient.to),
  }
  return issueChallenge(signIn, method, parameters, { code, custom })
}

/** Sends a code to an address that is to become the user's second factor (MFA_SETUP). */
export function emailSetUpChallenge(signIn: SignIn, to: string): JsonObject {
  const { pool, user, context } = signIn
  const code = sendCode(pool, user.username, { medium: 'EMAIL', attribute: 'email', to }, 'sign-in', context)
  const parameters = {
    CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL',
    CODE_DELIVERY_DESTINATION: maskDestination('EMAIL', to),
  }
  return issueChallenge(signIn, 'EMAIL_OTP', parameters, { code, newEmail: to })
}

/** A challenge with a session of its own. */
export function issueChallenge(
  signIn: Omit<SignIn, 'user'> & { readonly user: Pick<UserState, 'username'> },
  challenge: string,
  parameters: JsonObject,
  details: Partial<SessionState> = {},
): JsonObject {
  const { pool, client, byAdministrator, deviceKey, proven, target } = signIn
  const { username } = signIn.user
  const { now, random } = signIn.context
  const session = random.opaque(96)
  const until = now + sessionLife(client)
  const about = { username, clientId: client.clientId, challenge, until }
  const common = { ...about, byAdministrator, deviceKey, proven, target }
  putEnding(pool.sessions, session, { ...common, ...details }, now)
  return {
    ChallengeName: challenge,
    Session: session,
    ChallengeParameters: { ...(byAdministrator && { USER_ID_FOR_SRP: username }), ...parameters },
  }
}

/** The open challenge of this session. Throws NotAuthorizedException where it is not that of this user and client. */
export function readSession(
  pool: PoolState,
  session: string,
  expected: Partial<Pick<SessionState, 'username' | 'clientId'>> & Pick<SessionState, 'challenge'>,
  now: number,
): SessionState {
  const state = pool.sessions[session]
  const fits =
    state?.challenge === expected.challenge &&
    state.username === (expected.username ?? state.username) &&
    state.clientId === (expected.clientId ?? state.clientId)
  if (state === undefined || !fits) throw notAuthorized('Invalid session for the user.')
  if (state.isUsed) throw notAuthorized('Invalid session for the user, session can only be used once.')
  if (state.until <= now) throw notAuthorized('Invalid session for the user, session is expired.')
  return state
}

/** Success consumes a session; wrong answers leave it usable. */
export function consumeSession(pool: PoolState, session: string): void {
  const state = pool.sessions[session]
  if (state !== undefined) pool.sessions[session] = { ...state, isUsed: true }
}

/** A parameter that must be there. */
export function readParameter(parameters: Readonly<Record<string, string>>, name: string): string {
  const value = parameters[name]
  if (value === undefined || value === '') throw invalidParameter(`Missing required parameter ${name}`)
  return value
}

/** The answer for a user that is not there: a client may hide that (`PreventUserExistenceErrors`). */
export function unknownUser(client: ClientState): ServiceError {
  return hidesUnknownUsers(client) ? notAuthorized('Incorrect username or password.') : userNotFound()
}

function findDevice({ pool, user, deviceKey }: SignIn): DeviceState | undefined {
  if (pool.deviceTracking === 'off' || deviceKey === undefined) return undefined
  const device = user.devices.find(({ key }) => key === deviceKey)
  if (device === undefined) throw new ServiceError('ResourceNotFoundException', 'Device does not exist.')
  return device
}

/** The tokens, with the key of a new device for the client to confirm. */
function withNewDevice({ pool, user, client, context }: SignIn, options: IssueOptions): JsonObject {
  const key = `${pool.region}_${context.random.uuid()}`
  const groupKey = `-${context.random.alphanumeric(8)}`
  const held = pool.users[user.username] ?? user
  const pending = Object.entries(held.newDevices ?? {}).slice(-9)
  putUser(pool, { ...held, newDevices: Object.fromEntries([...pending, [key, groupKey]]) })
  const answer = authenticationResult(pool, user, client, context, { ...options, deviceKey: key })
  const NewDeviceMetadata = { DeviceKey: key, DeviceGroupKey: groupKey }
  return { ...answer, AuthenticationResult: { ...answer.AuthenticationResult, NewDeviceMetadata } }
}

/** In milliseconds. */
export function sessionLife({ settings }: ClientState): number {
  return Number(settings['AuthSessionValidity'] ?? 3) * 60_000
}
