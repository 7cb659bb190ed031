import { choice, readMember, readMetadata, readOptionalText, readTexts } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations } from '../operation.ts'
import type { MfaMethod, PoolState, SessionState, State, UserState } from '../state/index.ts'
import { applyChanges, checkAliases, checkChanges, isWritable } from './attributes.ts'
import { type LoggedAttempt, logged } from './auth-events.ts'
import {
  codeChallenge,
  consumeSession,
  continueSignIn,
  deviceVerifierChallenge,
  asksForFactor,
  emailSetUpChallenge,
  factorChallenge,
  readParameter,
  readSession,
  setUpMethods,
  type SignIn,
  type SrpStart,
  unknownUser,
} from './challenges.ts'
import { checkSecretHash, expectedSecretHash, findClient, type SecretHashes } from './clients.ts'
import { codeMismatch, expiredCode } from './codes.ts'
import { applyDecision, type CustomStep, decideCustom, judgeCustom } from './custom-auth.ts'
import { putUser, findSigningIn } from './directory.ts'
import { canUsePasskey, type PasskeyProof, provePasskey, withUsedPasskey } from './passkeys.ts'
import { choosePassword, checkSignIn } from './passwords.ts'
import { answerWithFactor, prepareSrp, readPoolAndClient, readPublicValue, srpOwner } from './sign-in.ts'
import { computeSignature } from './srp.ts'
import { findTotpStep } from './totp.ts'

type Texts = Readonly<Record<string, string>>

/** Answers to challenges, by the user or by the administrator of a pool. */
export function challengeOperations(): Operations {
  const answer = (byAdministrator: boolean): Operations[string] => ({
    async prepare(state, input, _, context) {
      const signature = await expectedSignature(state, input)
      const proof: Proof = {
        hash: await expectedSecretHash(state, input, 'ChallengeResponses'),
        start: await prepareSrp(state, input, 'ChallengeResponses', context),
        signature,
        totpStep: await findStep(state, input, context),
        passkey: await provePasskey(state, input),
        custom: await prepareNext(state, input, context, signature),
      }
      return (current, sameInput, now) => {
        const about = attemptOf(current, sameInput)
        return logged(about, now, () => respond(current, sameInput, now, proof, byAdministrator))
      }
    },
  })
  return {
    'cognito-idp.AdminRespondToAuthChallenge': answer(true),
    'cognito-idp.RespondToAuthChallenge': answer(false),
  }
}

/** Whose sign-in an answer is about. */
function attemptOf(state: State, input: JsonObject): LoggedAttempt {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const name: unknown = Object(input['ChallengeResponses'])['USERNAME']
  const isMfa = ['SMS_MFA', 'EMAIL_OTP', 'SOFTWARE_TOKEN_MFA'].some((one) => one === input['ChallengeName'])
  return {
    pool: found?.pool,
    username: typeof name === 'string' ? name : undefined,
    factor: isMfa ? 'Mfa' : 'Password',
  }
}

/** What had to be computed before the operation. */
interface Proof {
  readonly hash: SecretHashes
  readonly start: SrpStart | undefined
  /** The signature that the right password or device gives. */
  readonly signature: string | undefined
  /** What the triggers say to the answer, in CUSTOM_AUTH. */
  readonly custom: CustomStep | undefined
  /** The passkey that has signed; undefined where the answer is not right. */
  readonly passkey: PasskeyProof | undefined
  /** The time step of the TOTP code; undefined where it does not fit. */
  readonly totpStep: number | undefined
}

function respond(
  state: State,
  input: JsonObject,
  context: Context,
  proof: Proof,
  byAdministrator: boolean,
): JsonObject {
  const challenge = readMember(input, 'ChallengeName', choice(challengeNames()))
  const answers = readTexts(input, 'ChallengeResponses')
  const given = readOptionalText(input, 'Session', { min: 20, max: 2048 })
  const clientMetadata = readMetadata(input)
  const { pool, client } = readPoolAndClient(state, input, context, byAdministrator)
  if (!isAnswerable(challenge)) throw invalidParameter('The local pool takes no answers to this challenge.')
  const isVerifier = challenge.endsWith('_VERIFIER')
  if (given === undefined && !isVerifier) throw invalidParameter('Missing required parameter Session')
  const name = readParameter(answers, 'USERNAME')
  const session = isVerifier ? readParameter(answers, 'PASSWORD_CLAIM_SECRET_BLOCK') : (given ?? '')
  checkSecretHash(client, proof.hash, answers['SECRET_HASH'])
  const user = findSigningIn(pool, name)
  const { clientId } = client
  const known = pool.sessions[session]
  if (isVerifier && (known === undefined || known.isPretended)) throw notAuthorized('Incorrect username or password.')
  if (challenge === 'SELECT_CHALLENGE' && known?.isPretended) {
    throw notAuthorized('Incorrect username or password.')
  }
  if (user === undefined) throw unknownUser(client)
  const entry = readSession(pool, session, { username: user.username, clientId, challenge }, context.now)
  if (isVerifier && entry.session !== undefined && entry.session !== given) {
    throw notAuthorized('Invalid session for the user.')
  }
  const deviceKey = answers['DEVICE_KEY'] ?? entry.deviceKey
  const { proven, target } = entry
  const base = { pool, user, client, context, byAdministrator, deviceKey }
  const signIn: SignIn = { ...base, clientMetadata, proven, target }
  const next = answerChallenge(signIn, challenge, entry, answers, proof)
  consumeSession(pool, session)
  return next
}

function answerChallenge(
  signIn: SignIn,
  challenge: Answerable,
  entry: SessionState,
  answers: Texts,
  proof: Proof,
): JsonObject {
  const { pool, user, context } = signIn
  const isDecided = challenge !== 'PASSWORD_VERIFIER' && challenge !== 'SELECT_CHALLENGE' && challenge !== 'PASSWORD'
  if (isDecided && !user.enabled) throw notAuthorized('User is disabled.')
  switch (challenge) {
    case 'PASSWORD_VERIFIER':
      checkSignIn(pool, user, user.password !== undefined && isSigned(answers, proof), context.now)
      if (entry.custom === undefined) return continueSignIn(signIn, 'password', 'PASSWORD')
      return factorChallenge(signIn, { results: proof.custom?.results ?? [] }) ?? applyStep(signIn, proof)
    case 'CUSTOM_CHALLENGE':
      return applyStep(signIn, proof)
    case 'DEVICE_SRP_AUTH':
      return deviceVerifierChallenge(signIn, readDevice(signIn), readPublicValue(answers))
    case 'DEVICE_PASSWORD_VERIFIER':
      if (!isSigned(answers, proof)) throw notAuthorized('Incorrect username or password.')
      return continueSignIn({ ...signIn, user: withUsedDevice(signIn) }, 'device')
    case 'NEW_PASSWORD_REQUIRED':
      return continueSignIn({ ...signIn, user: withNewPassword(signIn, answers) }, 'new-password')
    case 'SELECT_MFA_TYPE':
      return codeChallenge(signIn, readMethod(user, answers))
    case 'SOFTWARE_TOKEN_MFA':
      if (entry.custom !== undefined) return applyStep({ ...signIn, user: withUsedCode(signIn, answers, proof) }, proof)
      return continueSignIn({ ...signIn, user: withUsedCode(signIn, answers, proof) }, 'factor', challenge)
    case 'SMS_MFA':
    case 'EMAIL_OTP':
    case 'SMS_OTP':
      if (readParameter(answers, `${challenge}_CODE`) !== entry.code)
        throw codeMismatch('Invalid code received for user')
      if (entry.custom !== undefined) return applyStep(signIn, proof)
      if (entry.newEmail === undefined) return continueSignIn(signIn, 'factor', challenge)
      return continueSignIn({ ...signIn, user: withEmailFactor(signIn, entry.newEmail) }, 'factor', challenge)
    case 'WEB_AUTHN':
      return continueSignIn(
        { ...signIn, user: withPasskey(signIn, answers, proof) },
        'factor',
        passkeyFactor(pool, proof),
      )
    case 'MFA_SETUP':
      if (answers['EMAIL'] !== undefined) return emailSetUpChallenge(signIn, readNewEmail(signIn, answers['EMAIL']))
      if (!entry.isVerified) throw invalidParameter('No factor has been set up in this session.')
      return continueSignIn(signIn, 'factor', 'SOFTWARE_TOKEN_MFA')
    case 'SELECT_CHALLENGE':
      return answerWithFactor(signIn, readParameter(answers, 'ANSWER'), answers, proof)
    case 'PASSWORD':
    case 'PASSWORD_SRP':
      return answerWithFactor(signIn, challenge, answers, proof)
  }
}

/** The signature for the exchange that the secret block names. Changes nothing, and never throws. */
async function expectedSignature(state: State, input: JsonObject): Promise<string | undefined> {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const answers = new Map(Object.entries(Object(input['ChallengeResponses'])))
  const secretBlock = String(answers.get('PASSWORD_CLAIM_SECRET_BLOCK'))
  const entry = found?.pool.sessions[secretBlock]
  if (found === undefined || entry?.srp === undefined || entry.isPretended) return undefined
  const { pool } = found
  const device = pool.users[entry.username]?.devices.find(({ key }) => key === entry.deviceKey)
  const isDevice = entry.challenge === 'DEVICE_PASSWORD_VERIFIER'
  const owner = isDevice ? `${device?.groupKey}${device?.key}` : srpOwner(pool, entry.username)
  return computeSignature(entry.srp, owner, secretBlock, String(answers.get('TIMESTAMP')))
}

/** What the triggers say to an answer in CUSTOM_AUTH; undefined for other sign-ins and wrong passwords. */
async function prepareNext(
  state: State,
  input: JsonObject,
  context: Context,
  signature: string | undefined,
): Promise<CustomStep | undefined> {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const answers: JsonObject = Object(input['ChallengeResponses'])
  const isPassword = input['ChallengeName'] === 'PASSWORD_VERIFIER'
  const session = String(isPassword ? answers['PASSWORD_CLAIM_SECRET_BLOCK'] : input['Session'])
  const entry = found?.pool.sessions[session]
  const user = entry && found?.pool.users[entry.username]
  if (found === undefined || user === undefined || entry?.custom === undefined) return undefined
  if (entry.isUsed || entry.until <= context.now || entry.challenge !== input['ChallengeName']) return undefined
  const subject = { ...found, user }
  const { results: earlier, hidden = {}, metadata } = entry.custom
  const isCustom = entry.challenge === 'CUSTOM_CHALLENGE'
  const isRight = isPassword
    ? signature !== undefined && signature === answers['PASSWORD_CLAIM_SIGNATURE']
    : isCustom
      ? await judgeCustom(subject, String(answers['ANSWER']), hidden, context)
      : await isFactorShown(entry, user, answers, context)
  if (!isCustom && !isRight) return undefined
  const result = { challengeName: entry.challenge, challengeResult: isRight, challengeMetadata: metadata }
  const results = [...earlier, result]
  const needsFactor = isPassword && asksForFactor(found.pool, user)
  const decision = needsFactor ? { kind: 'failure' as const } : await decideCustom(subject, results, context)
  return { results, decision }
}

/** Whether an answer to a second factor within CUSTOM_AUTH is right. */
async function isFactorShown(
  entry: SessionState,
  user: UserState,
  answers: JsonObject,
  { now }: Context,
): Promise<boolean> {
  const code = answers[`${entry.challenge}_CODE`]
  if (entry.challenge !== 'SOFTWARE_TOKEN_MFA') return entry.code !== undefined && entry.code === code
  if (typeof code !== 'string' || user.totpSecret === undefined) return false
  const step = await findTotpStep(user.totpSecret, code, now)
  return step !== undefined && step > (user.totpUsed ?? 0)
}

function applyStep(signIn: SignIn, { custom }: Proof): JsonObject {
  if (custom === undefined) throw notAuthorized('Incorrect username or password.')
  return applyDecision(signIn, custom.decision, custom.results)
}

/** The client names the time as `Tue Nov 3 09:05:07 UTC 2026`: the day without a leading zero. */
function isSigned(answers: Texts, { signature }: Proof): boolean {
  const given = readParameter(answers, 'PASSWORD_CLAIM_SIGNATURE')
  const timestamp = readParameter(answers, 'TIMESTAMP')
  const isTime = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} [1-9]\d? \d\d:\d\d:\d\d UTC \d{4}$/.test(timestamp)
  if (!isTime) throw invalidParameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.')
  return signature !== undefined && given === signature
}

async function findStep(state: State, input: JsonObject, { now }: Context): Promise<number | undefined> {
  const code = Object(input['ChallengeResponses'])['SOFTWARE_TOKEN_MFA_CODE']
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const entry = found?.pool.sessions[String(input['Session'])]
  const secret = entry && found?.pool.users[entry.username]?.totpSecret
  return secret === undefined || typeof code !== 'string' ? undefined : findTotpStep(secret, code, now)
}

/** The user who has now used this code of the application. Each code works once. */
function withUsedCode({ pool, user }: SignIn, answers: Texts, { totpStep }: Proof): UserState {
  readParameter(answers, 'SOFTWARE_TOKEN_MFA_CODE')
  if (totpStep === undefined) throw codeMismatch('Invalid code received for user')
  if (totpStep <= (user.totpUsed ?? 0)) throw expiredCode('Your software token has already been used once.')
  const renewed = { ...user, totpUsed: totpStep }
  putUser(pool, renewed)
  return renewed
}

/** A passkey counts as two factors where the pool says so and it has verified its user. */
function passkeyFactor({ passkeys }: PoolState, { passkey }: Proof): string {
  return passkey?.isUserVerified && passkeys?.isMultiFactor ? 'VERIFIED_PASSKEY' : 'PASSKEY'
}

/** The user whose passkey has signed. Throws NotAuthorizedException for an answer that is not right, whatever is wrong. */
function withPasskey({ pool, user }: SignIn, answers: Texts, { passkey }: Proof): UserState {
  readParameter(answers, 'CREDENTIAL')
  const renewed = passkey && canUsePasskey(pool, user) ? withUsedPasskey(pool, user, passkey) : undefined
  if (renewed === undefined) throw notAuthorized('Invalid credential.')
  return renewed
}

/** The address that codes are to go to. One that the user has already cannot be changed on this way. */
function readNewEmail({ pool, user }: SignIn, email: string): string {
  if (!setUpMethods(pool).includes('EMAIL_OTP')) throw invalidParameter('EMAIL_OTP cannot be set up in this user pool.')
  const held = user.attributes['email'] ?? email
  if (held !== email) throw notAuthorized('Cannot modify an already provided email')
  checkChanges(pool, user.attributes, new Map([['email', email]]))
  return email
}

/** The user who has shown that the address is theirs, which is a second factor from now on. */
function withEmailFactor({ pool, user, context }: SignIn, email: string): UserState {
  const attributes = { ...user.attributes, email, email_verified: 'true' }
  checkAliases(pool, user.username, attributes)
  const mfa = [...new Set<MfaMethod>([...user.mfa, 'EMAIL_OTP'])]
  const renewed = { ...user, attributes, mfa, updatedAt: context.now }
  putUser(pool, renewed)
  return renewed
}

function readMethod(user: UserState, answers: Texts): MfaMethod {
  const answer = readParameter(answers, 'ANSWER')
  const method = user.mfa.find((one) => one === answer)
  if (method === undefined) throw invalidParameter(`${answer} is not available for the user.`)
  return method
}

function readDevice({ user, deviceKey }: SignIn) {
  const device = user.devices.find(({ key }) => key === deviceKey)
  if (device?.verifier === undefined) throw notAuthorized('Device does not exist.')
  return device
}

function withUsedDevice({ pool, user, deviceKey, context }: SignIn): UserState {
  const devices = user.devices.map((device) => (device.key === deviceKey ? { ...device, usedAt: context.now } : device))
  const renewed = { ...user, devices }
  putUser(pool, renewed)
  return renewed
}

/** The new password, and what attributes the user lacked; those that are there cannot be changed on this way. */
function withNewPassword({ pool, user, client, context }: SignIn, answers: Texts): UserState {
  const password = readParameter(answers, 'NEW_PASSWORD')
  const changes = readNewAttributes(answers)
  const chosen = choosePassword(pool, user, password)
  const provided = [...changes.keys()].find((name) => Object.hasOwn(user.attributes, name))
  if (provided !== undefined) throw notAuthorized(`Cannot modify an already provided ${provided}`)
  checkChanges(pool, user.attributes, changes)
  const forbidden = [...changes.keys()].find((name) => name.endsWith('_verified') || !isWritable(client, name))
  if (forbidden !== undefined) throw notAuthorized('A client attempted to write unauthorized attribute')
  const attributes = Object.fromEntries(applyChanges(user.attributes, changes))
  const missing = pool.requiredAttributes.find((name) => attributes[name] === undefined)
  if (missing !== undefined) throw invalidParameter(`Invalid attributes given, ${missing} is missing`)
  checkAliases(pool, user.username, attributes)
  const { passwordUntil: _, ...rest } = user
  const renewed = { ...rest, attributes, ...chosen, status: 'CONFIRMED', updatedAt: context.now }
  putUser(pool, renewed)
  return renewed
}

function readNewAttributes(answers: Texts): ReadonlyMap<string, string> {
  const prefix = 'userAttributes.'
  const named = Object.entries(answers).filter(([name]) => name.startsWith(prefix))
  return new Map(named.map(([name, value]) => [name.slice(prefix.length), value]))
}

type Answerable = Exclude<ReturnType<typeof challengeNames>[number], 'ADMIN_NO_SRP_AUTH'>

function isAnswerable(challenge: ReturnType<typeof challengeNames>[number]): challenge is Answerable {
  return challenge !== 'ADMIN_NO_SRP_AUTH'
}

function challengeNames() {
  return [
    'SMS_MFA',
    'EMAIL_OTP',
    'SOFTWARE_TOKEN_MFA',
    'SELECT_MFA_TYPE',
    'MFA_SETUP',
    'PASSWORD_VERIFIER',
    'CUSTOM_CHALLENGE',
    'SELECT_CHALLENGE',
    'DEVICE_SRP_AUTH',
    'DEVICE_PASSWORD_VERIFIER',
    'ADMIN_NO_SRP_AUTH',
    'NEW_PASSWORD_REQUIRED',
    'SMS_OTP',
    'PASSWORD',
    'WEB_AUTHN',
    'PASSWORD_SRP',
  ] as const
}
