import {
  clientIdRules,
  nameRules,
  passwordRules,
  readAttributes,
  readFlag,
  readOptionalText,
  readMetadata,
  readText,
} from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import {
  type Context,
  invalidParameter,
  notAuthorized,
  type Operations,
  type PreparedOperation,
  ServiceError,
} from '../operation.ts'
import { putEnding } from '../sorted-pairs.ts'
import type { ClientState, PoolState, State, UserState } from '../state/index.ts'
import {
  applyChanges,
  checkAliases,
  checkChanges,
  checkNewUsername,
  dropAlias,
  findRivals,
  isWritable,
} from './attributes.ts'
import { consumeSession, readSession, sessionLife } from './challenges.ts'
import {
  checkSecretHash,
  computeSecretHash,
  findClient,
  type SecretHashes,
  listSetting,
  hidesUnknownUsers,
} from './clients.ts'
import {
  describeDelivery,
  expiredCode,
  wrongCode,
  findRecipient,
  type Recipient,
  requestCode,
  takeCode,
} from './codes.ts'
import { findUser, putUser, findSigningIn } from './directory.ts'
import { checkPassword, choosePassword } from './passwords.ts'
import { poolList, poolSetting } from './pool-settings.ts'
import {
  askBeforeSignUp,
  confirmed,
  askForMigration,
  type Attempt,
  type Migration,
  migrateUser,
} from './sign-in-triggers.ts'

/** Signing up, and forgotten passwords: operations of people who cannot sign in yet. */
export function signUpOperations(): Operations {
  return {
    'cognito-idp.ConfirmForgotPassword': withClient(confirmForgotPassword, nothing),
    'cognito-idp.ConfirmSignUp': withClient(confirmSignUp, nothing),
    'cognito-idp.ForgotPassword': withClient(forgotPassword, (visit, _, context) => {
      return askForMigration(visit, { source: 'ForgotPassword' }, context)
    }),
    'cognito-idp.ResendConfirmationCode': withClient(resendCode, nothing),
    'cognito-idp.SignUp': withClient(signUp, askPreSignUp),
  }
}

/**
 * An operation of `ClientId` and `Username`, with `SecretHash` where the client has a secret. `ask` calls a trigger
 * before anything changes.
 */
function withClient<T>(
  handle: (visit: Attempt, input: JsonObject, context: Context, asked: T) => JsonObject,
  ask: (visit: Attempt, input: JsonObject, context: Context) => Promise<T>,
): PreparedOperation {
  return {
    async prepare(state, input, _, context) {
      const known = findClient(state, String(input['ClientId']))
      const hash = known && (await computeSecretHash(known.client, String(input['Username'])))
      const asked = await ask(readVisit(state, input, context, hash), input, context)
      return (current, sameInput, now) => handle(readVisit(current, sameInput, now, hash), sameInput, now, asked)
    },
  }
}

function readVisit(state: State, input: JsonObject, context: Context, hash: SecretHashes): Attempt {
  const clientId = readText(input, 'ClientId', clientIdRules())
  const name = readText(input, 'Username', nameRules())
  const metadata = readMetadata(input)
  const found = findClient(state, clientId)
  if (found === undefined || found.pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }
  const given = readOptionalText(input, 'SecretHash', { min: 1, max: 128 })
  checkSecretHash(found.client, hash, given)
  return { ...found, name, metadata }
}

async function nothing(): Promise<undefined> {}

/** Everything about a new user that can be refused before a trigger is asked. */
function readNewUser({ pool, client, name }: Attempt, input: JsonObject) {
  if (poolSetting(pool, 'AdminCreateUserConfig')['AllowAdminCreateUserOnly'] === true) {
    throw notAuthorized('SignUp is not permitted for this user pool')
  }
  const password = readOptionalText(input, 'Password', passwordRules())
  const changes = readAttributes(input, 'UserAttributes')
  const validationData = Object.fromEntries(readAttributes(input, 'ValidationData'))
  const contact = checkNewUsername(pool, name)
  const named = contact === undefined ? changes : new Map([...changes, [contact, name]])
  if (password !== undefined) checkPassword(pool, password)
  if ([...changes.keys()].some((one) => one.endsWith('_verified') || !isWritable(client, one))) {
    throw notAuthorized('A client attempted to write unauthorized attribute')
  }
  checkChanges(pool, {}, named)
  const missing = pool.requiredAttributes.find((one) => !named.get(one))
  if (missing !== undefined) {
    throw invalidParameter(`Attributes did not conform to the schema: ${missing}: The attribute is required\n`)
  }
  const attributes = Object.fromEntries(applyChanges({}, named))
  if (findUser(pool, name) !== undefined || findRivals(pool, name, attributes).length > 0) {
    throw new ServiceError('UsernameExistsException', 'User already exists')
  }
  return { password, attributes, validationData, hasContact: contact !== undefined }
}

/** What the trigger says to somebody who signs up. */
async function askPreSignUp(visit: Attempt, input: JsonObject, context: Context): Promise<JsonObject> {
  return askBeforeSignUp(visit, 'SignUp', readNewUser(visit, input), context)
}

function signUp(visit: Attempt, input: JsonObject, context: Context, asked: JsonObject): JsonObject {
  const { pool, client, name, metadata } = visit
  const { password, attributes, hasContact } = readNewUser(visit, input)
  const sub = context.random.uuid()
  const isConfirmed = asked['autoConfirmUser'] === true
  const verified = {
    ...(asked['autoVerifyEmail'] === true && { email_verified: 'true' }),
    ...(asked['autoVerifyPhone'] === true && { phone_number_verified: 'true' }),
  }
  const user: UserState = {
    username: hasContact ? sub : name,
    status: isConfirmed ? 'CONFIRMED' : 'UNCONFIRMED',
    enabled: true,
    password,
    attributes: { ...attributes, ...verified, sub },
    groups: [],
    mfa: [],
    devices: [],
    createdAt: context.now,
    updatedAt: context.now,
  }
  checkAliases(pool, user.username, user.attributes)
  putUser(pool, user)
  const recipient = isConfirmed ? undefined : findConfirming(pool, user)
  const details = recipient && requestCode(pool, user, recipient, 'sign-up', context)
  const canChoose = listSetting(client, 'ExplicitAuthFlows').includes('ALLOW_USER_AUTH')
  const Session = canChoose && !isConfirmed ? openSession(visit, user, 'SIGNING_UP', context) : undefined
  return {
    UserConfirmed: isConfirmed,
    UserSub: sub,
    ...(details && { CodeDeliveryDetails: details }),
    ...(Session !== undefined && { Session }),
    ...(isConfirmed && confirmed({ pool, client, metadata }, 'ConfirmSignUp', user, context)),
  }
}

/** The session that leads from signing up to signing in. */
function openSession(
  { pool, client }: Attempt,
  { username }: UserState,
  challenge: 'SIGNING_UP' | 'SIGNED_UP',
  context: Context,
): string {
  const session = context.random.opaque(96)
  const until = context.now + sessionLife(client)
  putEnding(pool.sessions, session, { username, clientId: client.clientId, challenge, until }, context.now)
  return session
}

/** Where the code of a sign-up goes: to an attribute that the pool verifies by itself (`AutoVerifiedAttributes`). */
function findConfirming(pool: PoolState, { attributes }: UserState): Recipient | undefined {
  const verified = Object.entries(attributes).filter(([name]) =>
    poolList(pool, 'AutoVerifiedAttributes').includes(name),
  )
  return findRecipient({ attributes: Object.fromEntries(verified) }, { isVerified: false })
}

/** The right code confirms the user, and verifies the address or number that it was sent to. */
function confirmSignUp(visit: Attempt, input: JsonObject, context: Context): JsonObject {
  const { pool, client, name } = visit
  const code = readText(input, 'ConfirmationCode', { min: 1, max: 2048, pattern: /^\S+$/ })
  const moveAliases = readFlag(input, 'ForceAliasCreation')
  const session = readOptionalText(input, 'Session', { min: 20, max: 2048 })
  const user = findSigningIn(pool, name)
  if (user === undefined) throw hidesUnknownUsers(client) ? expiredCode() : notFound()
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  if (session !== undefined) {
    const { clientId } = client
    readSession(pool, session, { username: user.username, clientId, challenge: 'SIGNING_UP' }, context.now)
  }
  const held = takeCode(pool, user, 'sign-up', code, context)
  const recipient = findConfirming(pool, held)
  const verified = recipient === undefined ? {} : { [`${recipient.attribute}_verified`]: 'true' }
  const attributes = { ...held.attributes, ...verified }
  if (moveAliases) for (const rival of findRivals(pool, user.username, attributes)) dropAlias(pool, rival)
  checkAliases(pool, user.username, attributes)
  const renewed = { ...held, attributes, status: 'CONFIRMED', updatedAt: context.now }
  putUser(pool, renewed)
  if (session !== undefined) consumeSession(pool, session)
  // Amplify sends none, and signs in with the one that comes back.
  const canChoose = listSetting(client, 'ExplicitAuthFlows').includes('ALLOW_USER_AUTH')
  return {
    ...(canChoose && { Session: openSession(visit, renewed, 'SIGNED_UP', context) }),
    ...confirmed(visit, 'ConfirmSignUp', renewed, context),
  }
}

function resendCode({ pool, client, name }: Attempt, _: JsonObject, context: Context): JsonObject {
  const user = findSigningIn(pool, name)
  if (user === undefined) return pretendDelivery(client, name)
  if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.')
  const recipient = findConfirming(pool, user)
  if (recipient === undefined) throw invalidParameter('User has no attribute to which a code can be sent.')
  return { CodeDeliveryDetails: requestCode(pool, user, recipient, 'sign-up', context) }
}

/** Where the code of a forgotten password goes: by `AccountRecoverySetting` where there is one, else by mail first. */
function findRecovering(pool: PoolState, user: UserState): Recipient | undefined {
  const { RecoveryMechanisms: list } = poolSetting(pool, 'AccountRecoverySetting')
  if (!Array.isArray(list) || list.length === 0) return findRecipient(user, { isVerified: true })
  const mechanisms = list.filter(isObject).toSorted((a, b) => Number(a['Priority']) - Number(b['Priority']))
  if (mechanisms.some(({ Name }) => Name === 'admin_only')) {
    throw notAuthorized('Contact administrator to reset password.')
  }
  const { attributes } = user
  const names = mechanisms.map(({ Name }) => String(Name).replace(/^verified_/, ''))
  return names
    .map((name) => {
      const own = [name, `${name}_verified`].flatMap((one) => (attributes[one] ? [[one, attributes[one]]] : []))
      return findRecipient({ attributes: Object.fromEntries(own) }, { isVerified: true })
    })
    .find((recipient) => recipient !== undefined)
}

function forgotPassword(
  { pool, client, name }: Attempt,
  _: JsonObject,
  context: Context,
  migration: Migration | undefined,
): JsonObject {
  if (migration !== undefined) migrateUser(pool, migration, context)
  const user = findSigningIn(pool, name)
  if (user === undefined) return pretendDelivery(client, name)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'FORCE_CHANGE_PASSWORD' || user.status === 'EXTERNAL_PROVIDER') {
    throw notAuthorized('User password cannot be reset in the current state.')
  }
  const recipient = findRecovering(pool, user)
  if (recipient === undefined) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    )
  }
  return { CodeDeliveryDetails: requestCode(pool, user, recipient, 'forgot-password', context) }
}

function confirmForgotPassword(visit: Attempt, input: JsonObject, context: Context): JsonObject {
  const { pool, client, name } = visit
  const code = readText(input, 'ConfirmationCode', { min: 1, max: 2048, pattern: /^\S+$/ })
  const password = readText(input, 'Password', passwordRules())
  const user = findSigningIn(pool, name)
  if (user === undefined) throw hidesUnknownUsers(client) ? wrongCode() : notFound()
  const chosen = choosePassword(pool, user, password)
  const { passwordUntil: _, failures: __, ...held } = takeCode(pool, user, 'forgot-password', code, context)
  const renewed = { ...held, ...chosen, status: 'CONFIRMED', updatedAt: context.now }
  putUser(pool, renewed)
  return confirmed(visit, 'ConfirmForgotPassword', renewed, context)
}

/** Where the client hides who exists, a code seems to go to an address that is the same every time. */
function pretendDelivery(client: ClientState, name: string): JsonObject {
  if (!hidesUnknownUsers(client)) throw notFound()
  const to = `${name.charAt(0).toLowerCase()}@${name.slice(-1).toLowerCase()}`
  return { CodeDeliveryDetails: describeDelivery({ medium: 'EMAIL', attribute: 'email', to }) }
}

function notFound(): ServiceError {
  return new ServiceError('UserNotFoundException', 'Username/client id combination not found.')
}
