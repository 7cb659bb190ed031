import {
  choice,
  flag,
  listOf,
  readMember,
  readOptional,
  readOptionalText,
  readText,
  structure,
  text,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { putEnding } from '../sorted-pairs.ts'
import type { MfaMethod, PoolState, SessionState, State, UserState } from '../state/index.ts'
import { readSignedIn, verifyAccessToken, withUser } from './access-token.ts'
import { consumeSession, readSession } from './challenges.ts'
import { putUser, readPool, readUser } from './directory.ts'
import { createTotpSecret, findTotpStep } from './totp.ts'

/** The operations on the second factors of a user. */
export function mfaOperations(): Operations {
  return {
    'cognito-idp.AdminDeleteSoftwareToken': deleteSoftwareToken,
    'cognito-idp.AdminSetUserMFAPreference': (state, input, context) => {
      const pool = readPool(state, input, context)
      return setPreference(pool, readUser(pool, input), input, context)
    },
    'cognito-idp.AdminSetUserSettings': (state, input, context) => {
      const pool = readPool(state, input, context)
      return setSettings(pool, readUser(pool, input), input, context)
    },
    'cognito-idp.SetUserSettings': withUser(({ pool, user }, input, context) =>
      setSettings(pool, user, input, context),
    ),
    'cognito-idp.AssociateSoftwareToken': {
      async prepare(_, input, keys) {
        const claims = await readClaims(input, keys)
        return (state, sameInput, context) => associate(state, claims, sameInput, context)
      },
    },
    'cognito-idp.SetUserMFAPreference': withUser(({ pool, user }, input, context) => {
      return setPreference(pool, user, input, context)
    }),
    'cognito-idp.VerifySoftwareToken': {
      async prepare(state, input, keys, context) {
        const claims = await readClaims(input, keys)
        const code = String(input['UserCode'])
        const secret = findSetUp(state, claims, input, context).secret
        const step = secret === undefined ? undefined : await findTotpStep(secret, code, context.now)
        return (current, sameInput, now) => verify(current, claims, sameInput, now, step)
      },
    },
  }
}

/** Takes the application away; it is no second factor of the user any more. */
function deleteSoftwareToken(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  if (user.hasSoftwareToken !== true) {
    throw new ServiceError('ResourceNotFoundException', 'The user has no software token.')
  }
  const { hasSoftwareToken: _, totpSecret: __, totpUsed: ___, totpPending: ____, ...rest } = user
  putUser(pool, {
    ...rest,
    mfa: user.mfa.filter((method) => method !== 'SOFTWARE_TOKEN_MFA'),
    preferredMfa: user.preferredMfa === 'SOFTWARE_TOKEN_MFA' ? undefined : user.preferredMfa,
    updatedAt: context.now,
  })
  return {}
}

/** The claims of the access token; undefined for a call in a session of sign-in. */
async function readClaims(
  input: JsonObject,
  keys: Parameters<typeof verifyAccessToken>[1],
): Promise<JsonObject | undefined> {
  const token = input['AccessToken']
  return typeof token === 'string' ? verifyAccessToken(token, keys) : undefined
}

/** Whose application is being set up: the signed-in user's, or that of a user who has to before the sign-in goes on. */
interface SetUp {
  readonly pool: PoolState
  readonly user: UserState
  readonly secret: string | undefined
  /** The session, and its key. */
  readonly entry?: SessionState | undefined
  readonly session?: string | undefined
}

function findSetUp(state: State, claims: JsonObject | undefined, input: JsonObject, context: Context): SetUp {
  if (claims !== undefined) {
    const { pool, user } = readSignedIn(state, claims, context)
    return { pool, user, secret: user.totpPending }
  }
  const session = readOptionalText(input, 'Session', { min: 20, max: 2048 })
  if (session === undefined) throw invalidParameter('Either an access token or a session is required.')
  const pool = Object.values(state.pools).find(({ sessions }) => sessions[session] !== undefined)
  if (pool === undefined) throw notAuthorized('Invalid session for the user.')
  const entry = readSession(pool, session, { challenge: 'MFA_SETUP' }, context.now)
  const user = pool.users[entry.username]
  if (user === undefined) throw notAuthorized('Invalid session for the user.')
  return { pool, user, secret: entry.totpSecret, entry, session }
}

/** A secret for an application, for a signed-in user or within a sign-in. */
export function associate(
  state: State,
  claims: JsonObject | undefined,
  input: JsonObject,
  context: Context,
): JsonObject {
  const setUp = findSetUp(state, claims, input, context)
  const { pool, user } = setUp
  if (!pool.mfaMethods.includes('SOFTWARE_TOKEN_MFA')) {
    throw new ServiceError(
      'SoftwareTokenMFANotFoundException',
      'Software Token MFA has not been enabled for the userPool.',
    )
  }
  const SecretCode = createTotpSecret(context.random)
  if (setUp.entry === undefined) putUser(pool, { ...user, totpPending: SecretCode })
  return { SecretCode, ...moveSession(setUp, { totpSecret: SecretCode }, context) }
}

/** From now on the application counts; within a sign-in it becomes the user's second factor at once. */
function verify(
  state: State,
  claims: JsonObject | undefined,
  input: JsonObject,
  context: Context,
  step: number | undefined,
): JsonObject {
  const setUp = findSetUp(state, claims, input, context)
  readText(input, 'UserCode', { min: 6, max: 6, pattern: /^\d+$/ })
  const { pool, secret } = setUp
  if (secret === undefined) throw new ServiceError('SoftwareTokenMFANotFoundException', 'Software token MFA not found.')
  if (step === undefined) {
    throw new ServiceError('EnableSoftwareTokenMFAException', 'Code mismatch and fail enable Software Token MFA')
  }
  const { totpPending: _, ...user } = setUp.user
  const mfa = setUp.entry === undefined ? user.mfa : [...new Set<MfaMethod>([...user.mfa, 'SOFTWARE_TOKEN_MFA'])]
  putUser(pool, { ...user, mfa, hasSoftwareToken: true, totpSecret: secret, totpUsed: step, updatedAt: context.now })
  return { Status: 'SUCCESS', ...moveSession(setUp, { isVerified: true }, context) }
}

/** Each answer within a sign-in comes with a session of its own, which takes the place of the one before. */
function moveSession(
  { pool, entry, session }: SetUp,
  details: Partial<SessionState>,
  { now, random }: Context,
): JsonObject {
  if (entry === undefined || session === undefined) return {}
  const Session = random.opaque(96)
  putEnding(pool.sessions, Session, { ...entry, ...details }, now)
  consumeSession(pool, session)
  return { Session }
}

/** A method that is not sent stays as it is. At most one is preferred. */
function setPreference(pool: PoolState, user: UserState, input: JsonObject, context: Context): JsonObject {
  const methods = new Set(user.mfa)
  const chosen: MfaMethod[] = []
  let { preferredMfa } = user
  for (const [member, method] of members()) {
    const setting = readOptional(input, member, structure({ Enabled: flag(), PreferredMfa: flag() }))
    if (setting === undefined) continue
    const isEnabled = setting['Enabled'] === true
    if (isEnabled && !pool.mfaMethods.includes(method)) {
      throw invalidParameter(`The user pool does not offer ${method}; SetUserPoolMfaConfig turns it on.`)
    }
    if (isEnabled) methods.add(method)
    else methods.delete(method)
    if (setting['PreferredMfa'] === true) {
      if (!isEnabled) throw invalidParameter('A method that is not enabled cannot be preferred.')
      chosen.push(method)
    } else if (preferredMfa === method) preferredMfa = undefined
  }
  if (chosen.length > 1) throw invalidParameter('Only one method can be preferred.')
  if (methods.has('SOFTWARE_TOKEN_MFA') && user.hasSoftwareToken !== true) {
    throw invalidParameter('User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA')
  }
  const passkeyMfa = readPasskeySetting(pool, methods, input) ?? user.passkeyMfa
  const { attributes } = user
  const lacks = (method: MfaMethod, name: string) => methods.has(method) && attributes[name] === undefined
  if (lacks('SMS_MFA', 'phone_number')) throw invalidParameter('User does not have a phone number.')
  if (lacks('EMAIL_OTP', 'email')) throw invalidParameter('User does not have an email address.')
  putUser(pool, {
    ...user,
    mfa: [...methods],
    preferredMfa: chosen[0] ?? preferredMfa,
    ...(passkeyMfa !== undefined && { passkeyMfa }),
    updatedAt: context.now,
  })
  return {}
}

/** The older way to switch text messages on, and with an empty list off. It knows no other factor. */
function setSettings(pool: PoolState, user: UserState, input: JsonObject, context: Context): JsonObject {
  const option = structure({ DeliveryMedium: choice(['SMS', 'EMAIL']), AttributeName: text({ min: 1, max: 32 }) })
  const options = readMember(input, 'MFAOptions', listOf(option))
  const isFitting = options.every((one) => one['DeliveryMedium'] === 'SMS' && one['AttributeName'] === 'phone_number')
  if (!isFitting) throw invalidParameter('Only SMS to the phone_number can be set here.')
  const SMSMfaSettings = { Enabled: options.length > 0 }
  return setPreference(pool, user, { SMSMfaSettings }, context)
}

/** Whether passkeys count as two factors. The user needs another second factor too, so as not to be locked out. */
function readPasskeySetting(pool: PoolState, methods: ReadonlySet<MfaMethod>, input: JsonObject): boolean | undefined {
  const setting = readOptional(input, 'WebAuthnMfaSettings', structure({ Enabled: flag() }))
  if (setting === undefined) return undefined
  const isEnabled = setting['Enabled'] === true
  if (isEnabled && pool.passkeys?.isMultiFactor !== true) {
    throw invalidParameter('Passkeys do not count as two factors in this user pool.')
  }
  if (isEnabled && methods.size === 0) throw invalidParameter('Passkeys need another second factor beside them.')
  return isEnabled
}

function members(): readonly (readonly [string, MfaMethod])[] {
  return [
    ['SMSMfaSettings', 'SMS_MFA'],
    ['SoftwareTokenMfaSettings', 'SOFTWARE_TOKEN_MFA'],
    ['EmailMfaSettings', 'EMAIL_OTP'],
  ]
}
