import { choice, clientIdRules, readMember, readMetadata, readOptionalText, readText, readTexts } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { removeEnding } from '../sorted-pairs.ts'
import type { ClientState, PoolState, RefreshState, State, UserState } from '../state/index.ts'
import { logged } from './auth-events.ts'
import {
  codeChallenge,
  consumeSession,
  continueSignIn,
  issueChallenge,
  passwordVerifierChallenge,
  readSession,
  readParameter,
  type SignIn,
  type SrpStart,
  unknownUser,
} from './challenges.ts'
import {
  checkSecretHash,
  expectedSecretHash,
  findClient,
  hidesUnknownUsers,
  isSecretOf,
  listSetting,
  type SecretHashes,
} from './clients.ts'
import { applyDecision, type CustomStep, decideCustom } from './custom-auth.ts'
import { readClient, readPool, findSigningIn } from './directory.ts'
import { canUsePasskey, createRequest } from './passkeys.ts'
import { checkSignIn } from './passwords.ts'
import { poolSetting } from './pool-settings.ts'
import { isRotating, readRefreshToken, rotateRefreshToken } from './refresh-tokens.ts'
import { type Attempt, askBeforeSignIn, askForMigration, type Migration, migrateUser } from './sign-in-triggers.ts'
import { type Credit, countCredit, levelOf, readCredit, readTarget } from './step-up.ts'
import { computeVerifier, createSalt, derivePretended, isPublicValue } from './srp.ts'
import { authenticationResult } from './tokens.ts'

type Texts = Readonly<Record<string, string>>

/** Signing in, as oneself or as the administrator of a pool, and renewing. */
export function signInOperations(): Operations {
  const initiate = (byAdministrator: boolean): Operations[string] => ({
    async prepare(state, input, keys, context) {
      const credit = await readCredit(state, input, keys, context)
      const hash = await expectedSecretHash(state, input, 'AuthParameters')
      const start = await prepareSrp(state, input, 'AuthParameters', context)
      const attempt = readAttempt(state, input, context, hash, byAdministrator)
      const migration = attempt && (await migrationFor(attempt, context))
      if (attempt !== undefined) await askBeforeSignIn(attempt, context)
      const custom = await prepareCustom(state, input, context)
      return (current, sameInput, now) => {
        const proof = { hash, start, custom, migration, credit, byAdministrator }
        const about = { pool: attempt?.pool, username: attempt?.name, factor: 'Password' } as const
        return logged(about, now, () => initiateAuth(current, sameInput, now, proof))
      }
    },
  })
  return {
    'cognito-idp.AdminInitiateAuth': initiate(true),
    'cognito-idp.GetTokensFromRefreshToken': renewTokens,
    'cognito-idp.InitiateAuth': initiate(false),
  }
}

/** What had to be computed before the operation. */
interface Proof {
  readonly hash: SecretHashes
  readonly start: SrpStart | undefined
  readonly custom: CustomStep | undefined
  readonly migration: Migration | undefined
  readonly credit: Credit | undefined
  readonly byAdministrator: boolean
}

/** A sign-in that the triggers are asked about; undefined for renewals, and for what is refused without them. */
function readAttempt(
  state: State,
  input: JsonObject,
  context: Context,
  hash: SecretHashes,
  byAdministrator: boolean,
): (Attempt & { readonly flow: Flow; readonly parameters: Texts }) | undefined {
  try {
    const flow = readMember(input, 'AuthFlow', choice(authFlows()))
    const parameters = readTexts(input, 'AuthParameters')
    const metadata = readMetadata(input)
    const { pool, client } = readPoolAndClient(state, input, context, byAdministrator)
    checkFlow(client, flow, byAdministrator, context)
    checkSecretHash(client, hash, parameters['SECRET_HASH'])
    const name = parameters['USERNAME']
    if (name === undefined || flow.startsWith('REFRESH_TOKEN')) return undefined
    return { pool, client, name, metadata, flow, parameters }
  } catch (error) {
    if (error instanceof ServiceError) return undefined
    throw error
  }
}

/** Users are migrated where their password is sent as it is. */
async function migrationFor(
  attempt: Attempt & { readonly flow: Flow; readonly parameters: Texts },
  context: Context,
): Promise<Migration | undefined> {
  const { flow, parameters } = attempt
  const password = parameters['PASSWORD']
  const isSent = flow.endsWith('USER_PASSWORD_AUTH') || flow === 'ADMIN_NO_SRP_AUTH'
  return isSent && password !== undefined
    ? askForMigration(attempt, { source: 'Authentication', password }, context)
    : undefined
}

/** The pool and the client of a call: administrators name the pool, a user's client is enough by itself. */
export function readPoolAndClient(
  state: State,
  input: JsonObject,
  context: Context,
  byAdministrator: boolean,
): { readonly pool: PoolState; readonly client: ClientState } {
  if (byAdministrator) {
    const pool = readPool(state, input, context)
    return { pool, client: readClient(pool, input) }
  }
  const clientId = readText(input, 'ClientId', clientIdRules())
  const found = findClient(state, clientId)
  if (found !== undefined && found.pool.region === context.region) return found
  throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

/**
 * The verifier of the user's password where parameters begin an SRP exchange. A user who is not there has one as well,
 * with a salt and an id that are the same every time. Changes nothing, and never throws.
 */
export async function prepareSrp(
  state: State,
  input: JsonObject,
  parameters: 'AuthParameters' | 'ChallengeResponses',
  { random }: Context,
): Promise<SrpStart | undefined> {
  const given = new Map(Object.entries(Object(input[parameters])))
  const name = given.get('USERNAME')
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  if (found === undefined || typeof name !== 'string' || typeof given.get('SRP_A') !== 'string') return undefined
  const { pool } = found
  const user = findSigningIn(pool, name)
  if (user === undefined) {
    const salt = BigInt(`0x${await derivePretended(`salt ${pool.userPoolId} ${name}`)}`).toString(16)
    const hex = await derivePretended(`name ${pool.userPoolId} ${name}`)
    const username = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
    return { username, salt, verifier: await computeVerifier(username, random.hex(16), salt), isPretended: true }
  }
  const salt = createSalt(random)
  const owner = srpOwner(pool, user.username)
  const verifier = await computeVerifier(owner, user.password ?? random.hex(16), salt)
  return { username: user.username, salt, verifier, isPretended: false }
}

/** Whom a password belongs to, as SRP hashes it: the pool's id without its region, and the user name. */
export function srpOwner({ userPoolId, region }: PoolState, username: string): string {
  return userPoolId.slice(region.length + 1) + username
}

function initiateAuth(state: State, input: JsonObject, context: Context, proof: Proof): JsonObject {
  const { byAdministrator } = proof
  if (byAdministrator) readPool(state, input, context)
  const flow = readMember(input, 'AuthFlow', choice(authFlows()))
  const parameters = readTexts(input, 'AuthParameters')
  readMetadata(input)
  const session = readOptionalText(input, 'Session', { min: 20, max: 2048 })
  const { pool, client } = readPoolAndClient(state, input, context, byAdministrator)
  const deviceKey = parameters['DEVICE_KEY']
  const base = { pool, client, context, byAdministrator, deviceKey }
  checkFlow(client, flow, byAdministrator, context)
  switch (flow) {
    case 'ADMIN_USER_PASSWORD_AUTH':
    case 'ADMIN_NO_SRP_AUTH':
    case 'USER_PASSWORD_AUTH':
      return signInWithPassword(base, parameters, proof)
    case 'USER_SRP_AUTH':
      return signInWithSrp(base, parameters, proof, { withSession: false })
    case 'CUSTOM_AUTH':
      return signInByTriggers(base, parameters, proof)
    case 'USER_AUTH':
      if (session !== undefined) return signInAfterSignUp(base, parameters, proof, session)
      return chooseFirstFactor(base, parameters, proof)
    case 'REFRESH_TOKEN_AUTH':
    case 'REFRESH_TOKEN':
      if (isRotating(client)) {
        throw invalidParameter('Refresh token rotation is enabled for this client: use GetTokensFromRefreshToken.')
      }
      return renew(pool, client, parameters, context, proof.hash)
  }
}

type Base = Omit<SignIn, 'user'>

function signInWithPassword(base: Base, parameters: Texts, { hash, migration }: Proof): JsonObject {
  const { pool, client, context } = base
  const name = readParameter(parameters, 'USERNAME')
  const password = readParameter(parameters, 'PASSWORD')
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  if (migration !== undefined) migrateUser(pool, migration, context)
  const user = findSigningIn(pool, name)
  if (user === undefined) throw unknownUser(client)
  checkSignIn(pool, user, user.password === password, context.now)
  return continueSignIn({ ...base, user }, 'password', 'PASSWORD')
}

function signInWithSrp(
  base: Base,
  parameters: Texts,
  { hash, start }: Proof,
  how: { readonly withSession: boolean },
): JsonObject {
  const { client } = base
  readParameter(parameters, 'USERNAME')
  const A = readPublicValue(parameters)
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  if (start === undefined || (start.isPretended && !hidesUnknownUsers(client))) throw unknownUser(client)
  return passwordVerifierChallenge(base, start, A, how)
}

/** CUSTOM_AUTH: the triggers decide, with the password by SRP first where the client sends `SRP_A`. */
function signInByTriggers(base: Base, parameters: Texts, { hash, start, custom }: Proof): JsonObject {
  const { pool, client } = base
  const user = findSigningIn(pool, readParameter(parameters, 'USERNAME'))
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  if (user === undefined || custom === undefined) throw unknownUser(client)
  const { decision, results } = custom
  if (decision.kind !== 'password' || start === undefined) return applyDecision({ ...base, user }, decision, results)
  return passwordVerifierChallenge(base, start, readPublicValue(parameters), { withSession: true, custom: { results } })
}

/** What the triggers say to a beginning sign-in; undefined for other flows and unknown users. */
async function prepareCustom(state: State, input: JsonObject, context: Context): Promise<CustomStep | undefined> {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const parameters: JsonObject = Object(input['AuthParameters'])
  if (found === undefined || input['AuthFlow'] !== 'CUSTOM_AUTH') return undefined
  checkFlow(found.client, 'CUSTOM_AUTH', false, context)
  const user = findSigningIn(found.pool, String(parameters['USERNAME']))
  if (user === undefined) return undefined
  const results = parameters['SRP_A'] === undefined ? [] : [{ challengeName: 'SRP_A', challengeResult: true }]
  return { results, decision: await decideCustom({ ...found, user }, results, context) }
}

/**
 * USER_AUTH with the session of ConfirmSignUp: the code that confirmed the user is the first factor. Once, and no later
 * than the session lives.
 */
function signInAfterSignUp(base: Base, parameters: Texts, { hash }: Proof, session: string): JsonObject {
  const { pool, client, context } = base
  const user = findSigningIn(pool, readParameter(parameters, 'USERNAME'))
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  if (user === undefined) throw unknownUser(client)
  const { clientId } = client
  readSession(pool, session, { username: user.username, clientId, challenge: 'SIGNED_UP' }, context.now)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  consumeSession(pool, session)
  return continueSignIn({ ...base, user }, 'password', 'EMAIL_OTP')
}

/** The client's `SRP_A`. Throws InvalidParameterException for one that would give the password away. */
export function readPublicValue(parameters: Texts): string {
  const A = readParameter(parameters, 'SRP_A')
  if (!isPublicValue(A)) throw invalidParameter('SRP_A is not a valid value.')
  return A
}

/** USER_AUTH: the preferred challenge where the user can answer it, and a choice of all otherwise. */
function chooseFirstFactor(before: Base, parameters: Texts, proof: Proof): JsonObject {
  const { pool, client } = before
  const name = readParameter(parameters, 'USERNAME')
  checkSecretHash(client, proof.hash, parameters['SECRET_HASH'])
  const user = findSigningIn(pool, name)
  if (user === undefined && !hidesUnknownUsers(client)) throw unknownUser(client)
  const target = user && readTarget(pool, user, parameters)
  const base = { ...before, target }
  if (user !== undefined && target !== undefined) {
    const proven = countCredit(proof.credit, user, parameters, before.context)
    if (target === 4 && levelOf(proven) < 4) return answerWithFactor({ ...base, user }, 'WEB_AUTHN', parameters, proof)
    if (proven.length > 0) return continueSignIn({ ...base, user, proven }, 'factor')
  }
  const preferred = parameters['PREFERRED_CHALLENGE']
  if (user !== undefined && preferred !== undefined && firstFactors(pool, user).includes(preferred)) {
    return answerWithFactor({ ...base, user }, preferred, parameters, proof)
  }
  if (user === undefined && preferred === 'PASSWORD_SRP' && parameters['SRP_A'] !== undefined) {
    return signInWithSrp(base, parameters, proof, { withSession: true })
  }
  const AvailableChallenges = firstFactors(pool, user ?? { attributes: {}, mfa: [] })
  const asked = { ...base, user: { username: user?.username ?? name } }
  return { ...issueChallenge(asked, 'SELECT_CHALLENGE', {}, { isPretended: user === undefined }), AvailableChallenges }
}

/**
 * The first factors that a user can choose among. Passwords are always shown, so that nobody learns who has one. Users
 * with a second factor begin with a password, or with a passkey that counts as two factors.
 */
function firstFactors(pool: PoolState, user: Pick<UserState, 'attributes' | 'mfa' | 'passkeys'>): readonly string[] {
  const { attributes, mfa } = user
  const passkey = canUsePasskey(pool, user) ? ['WEB_AUTHN'] : []
  if (pool.mfa === 'ON' || (pool.mfa === 'OPTIONAL' && mfa.length > 0)) return ['PASSWORD', 'PASSWORD_SRP', ...passkey]
  const reachable = (name: string) => attributes[name] !== undefined && attributes[`${name}_verified`] === 'true'
  const allowed = poolSetting(pool, 'SignInPolicy')['AllowedFirstAuthFactors']
  const isAllowed = (factor: string) => Array.isArray(allowed) && allowed.includes(factor)
  return [
    'PASSWORD',
    'PASSWORD_SRP',
    ...passkey,
    ...(reachable('email') && isAllowed('EMAIL_OTP') ? ['EMAIL_OTP'] : []),
    ...(reachable('phone_number') && isAllowed('SMS_OTP') ? ['SMS_OTP'] : []),
  ]
}

/** Signs in with the first factor that the user has chosen. */
export function answerWithFactor(
  signIn: SignIn,
  factor: string,
  parameters: Texts,
  proof: Pick<Proof, 'hash' | 'start'>,
): JsonObject {
  const { pool, user, context } = signIn
  if (!firstFactors(pool, user).includes(factor)) throw invalidParameter(`${factor} is not available for the user.`)
  switch (factor) {
    case 'PASSWORD':
      if (parameters['PASSWORD'] === undefined) return issueChallenge(signIn, 'PASSWORD', {})
      checkSignIn(pool, user, user.password === parameters['PASSWORD'], context.now)
      return continueSignIn(signIn, 'password', 'PASSWORD')
    case 'PASSWORD_SRP':
      if (proof.start === undefined) return issueChallenge(signIn, 'PASSWORD_SRP', {})
      return passwordVerifierChallenge(signIn, proof.start, readPublicValue(parameters), { withSession: true })
    default:
      if (!user.enabled) throw notAuthorized('User is disabled.')
      if (user.status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.')
      if (factor === 'WEB_AUTHN') {
        const { parameters: shown, challenge } = createRequest(pool, user, context)
        return issueChallenge(signIn, 'WEB_AUTHN', shown, { passkeyChallenge: challenge })
      }
      return codeChallenge(signIn, factor === 'EMAIL_OTP' ? 'EMAIL_OTP' : 'SMS_OTP')
  }
}

/** Renewal by the user's own client, which sends its secret as it is. With rotation there comes a new refresh token. */
function renewTokens(state: State, input: JsonObject, context: Context): JsonObject {
  const token = readText(input, 'RefreshToken', { pattern: /^[A-Za-z0-9-_=.]+$/ })
  const secret = readOptionalText(input, 'ClientSecret', { min: 1, max: 64, pattern: /^[\w+]+$/ })
  const deviceKey = readOptionalText(input, 'DeviceKey', { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ })
  const clientMetadata = readMetadata(input)
  const { pool, client } = readPoolAndClient(state, input, context, false)
  if (!isSecretOf(client, secret)) throw notAuthorized(`Unable to verify secret for client ${client.clientId}`)
  return renewByToken(pool, client, { token, deviceKey, clientMetadata }, context)
}

/** The answer to a refresh token of this client, at whatever endpoint. */
export function renewByToken(
  pool: PoolState,
  client: ClientState,
  {
    token,
    deviceKey,
    clientMetadata,
  }: {
    readonly token: string
    readonly deviceKey?: string | undefined
    readonly clientMetadata?: JsonObject | undefined
  },
  context: Context,
): { readonly AuthenticationResult: JsonObject } {
  const entry = readRefreshToken(pool, client, token, context.now)
  const user = readRenewingUser(pool, client, entry, deviceKey)
  const next = isRotating(client) ? rotateRefreshToken(pool, client, token, context) : undefined
  const undo = () => {
    if (next === undefined) return
    removeEnding(pool.refreshTokens, next)
    pool.refreshTokens[token] = entry
  }
  const options = { renewed: entry, token: next, clientMetadata, undo }
  const { AuthenticationResult } = authenticationResult(pool, user, client, context, options)
  return { AuthenticationResult }
}

function renew(
  pool: PoolState,
  client: ClientState,
  parameters: Texts,
  context: Context,
  hash: SecretHashes,
): JsonObject {
  const token = readRefreshToken(pool, client, readParameter(parameters, 'REFRESH_TOKEN'), context.now)
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  const user = readRenewingUser(pool, client, token, parameters['DEVICE_KEY'])
  return authenticationResult(pool, user, client, context, { renewed: token })
}

/** Whom a refresh token is for. Throws where the user is gone or disabled, or where the token's device is missing. */
function readRenewingUser(
  pool: PoolState,
  client: ClientState,
  { username, deviceKey }: RefreshState,
  given: string | undefined,
): UserState {
  const user = pool.users[username]
  if (user === undefined) throw unknownUser(client)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  const isTracked = pool.deviceTracking !== 'off' && user.devices.some(({ key }) => key === deviceKey)
  // A device that was offered at the sign-in has to be confirmed before its tokens renew.
  const isUnconfirmed = deviceKey !== undefined && user.newDevices?.[deviceKey] !== undefined
  if (isUnconfirmed || (isTracked && given !== deviceKey)) throw notAuthorized('Invalid Refresh Token.')
  return user
}

/** Throws InvalidParameterException where the client does not allow the flow, or the operation has no such flow. */
function checkFlow(client: ClientState, flow: Flow, byAdministrator: boolean, { finish }: Context): void {
  if (finish !== undefined) return
  const isOfAdministrators = flow.startsWith('ADMIN_')
  if (isOfAdministrators && !byAdministrator) throw invalidParameter(`${flow} is not a flow of InitiateAuth.`)
  if (flow === 'USER_PASSWORD_AUTH' && byAdministrator) {
    throw invalidParameter(`${flow} is not a flow of AdminInitiateAuth.`)
  }
  const enabling: Readonly<Record<Flow, readonly string[]>> = {
    ADMIN_NO_SRP_AUTH: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
    ADMIN_USER_PASSWORD_AUTH: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
    CUSTOM_AUTH: ['ALLOW_CUSTOM_AUTH', 'CUSTOM_AUTH_FLOW_ONLY'],
    REFRESH_TOKEN: ['ALLOW_REFRESH_TOKEN_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'],
    REFRESH_TOKEN_AUTH: ['ALLOW_REFRESH_TOKEN_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'],
    USER_AUTH: ['ALLOW_USER_AUTH'],
    USER_PASSWORD_AUTH: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
    USER_SRP_AUTH: ['ALLOW_USER_SRP_AUTH'],
  }
  if (listSetting(client, 'ExplicitAuthFlows').some((one) => enabling[flow].includes(one))) return
  throw invalidParameter('Auth flow not enabled for this client')
}

type Flow = ReturnType<typeof authFlows>[number]

function authFlows() {
  return [
    'USER_SRP_AUTH',
    'REFRESH_TOKEN_AUTH',
    'REFRESH_TOKEN',
    'CUSTOM_AUTH',
    'ADMIN_NO_SRP_AUTH',
    'USER_PASSWORD_AUTH',
    'ADMIN_USER_PASSWORD_AUTH',
    'USER_AUTH',
  ] as const
}
