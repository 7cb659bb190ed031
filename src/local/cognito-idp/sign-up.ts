import {
  clientIdRules,
  nameRules,
  passwordRules,
  readAttributes,
  readFlag,
  readOptionalText,
  readText,
  readTexts,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import {
  type Context,
  invalidParameter,
  notAuthorized,
  type Operations,
  type PreparedOperation,
  ServiceError,
} from '../operation.ts'
import type { ClientState, PoolState, UserState } from '../state.ts'
import {
  applyChanges,
  checkAliases,
  checkChanges,
  checkNewUsername,
  dropAlias,
  findRivals,
  isWritable,
} from './attributes.ts'
import { findSigningIn, hidesUnknownUsers } from './challenges.ts'
import { checkSecretHash, computeSecretHash, findClient } from './clients.ts'
import { describeDelivery, expiredCode, findRecipient, type Recipient, requestCode, takeCode } from './codes.ts'
import { findUser, putUser } from './directory.ts'
import { checkPassword } from './passwords.ts'
import { poolList, poolSetting } from './pool-settings.ts'

/** Signing up, and forgotten passwords: operations of people who cannot sign in yet. */
export function signUpOperations(): Operations {
  return {
    'cognito-idp.ConfirmForgotPassword': withClient(confirmForgotPassword),
    'cognito-idp.ConfirmSignUp': withClient(confirmSignUp),
    'cognito-idp.ForgotPassword': withClient(forgotPassword),
    'cognito-idp.ResendConfirmationCode': withClient(resendCode),
    'cognito-idp.SignUp': withClient(signUp),
  }
}

/** What such an operation works on. */
interface Visit {
  readonly pool: PoolState
  readonly client: ClientState
  readonly name: string
}

/** An operation of `ClientId` and `Username`, with `SecretHash` where the client has a secret. */
function withClient(handle: (visit: Visit, input: JsonObject, context: Context) => JsonObject): PreparedOperation {
  return {
    async prepare(state, input) {
      const known = findClient(state, String(input['ClientId']))
      const hash = known && (await computeSecretHash(known.client, String(input['Username'])))
      return (current, sameInput, context) => {
        const clientId = readText(sameInput, 'ClientId', clientIdRules())
        const name = readText(sameInput, 'Username', nameRules())
        readTexts(sameInput, 'ClientMetadata')
        const found = findClient(current, clientId)
        if (found === undefined || found.pool.region !== context.region) {
          throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
        }
        const given = readOptionalText(sameInput, 'SecretHash', { min: 1, max: 128 })
        checkSecretHash(found.client, hash, given)
        return handle({ ...found, name }, sameInput, context)
      }
    },
  }
}

function signUp({ pool, client, name }: Visit, input: JsonObject, context: Context): JsonObject {
  if (poolSetting(pool, 'AdminCreateUserConfig')['AllowAdminCreateUserOnly'] === true) {
    throw notAuthorized('SignUp is not permitted for this user pool')
  }
  const password = readOptionalText(input, 'Password', passwordRules())
  const changes = readAttributes(input, 'UserAttributes')
  readAttributes(input, 'ValidationData')
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
  const exists = findUser(pool, name) !== undefined
  const sub = context.random.uuid()
  const attributes = Object.fromEntries([...applyChanges({}, named), ['sub', sub]])
  if (exists || findRivals(pool, name, attributes).length > 0) {
    throw new ServiceError('UsernameExistsException', 'User already exists')
  }
  const user: UserState = {
    username: contact === undefined ? name : sub,
    status: 'UNCONFIRMED',
    enabled: true,
    password,
    attributes,
    groups: [],
    mfa: [],
    devices: [],
    createdAt: context.now,
    updatedAt: context.now,
  }
  putUser(pool, user)
  const recipient = findConfirming(pool, user)
  const details = recipient && requestCode(pool, user, recipient, 'sign-up', context)
  return { UserConfirmed: false, UserSub: sub, ...(details && { CodeDeliveryDetails: details }) }
}

/** Where the code of a sign-up goes: to an attribute that the pool verifies by itself (`AutoVerifiedAttributes`). */
function findConfirming(pool: PoolState, { attributes }: UserState): Recipient | undefined {
  const verified = Object.entries(attributes).filter(([name]) =>
    poolList(pool, 'AutoVerifiedAttributes').includes(name),
  )
  return findRecipient({ attributes: Object.fromEntries(verified) }, { isVerified: false })
}

/** The right code confirms the user, and verifies the address or number that it was sent to. */
function confirmSignUp({ pool, client, name }: Visit, input: JsonObject, context: Context): JsonObject {
  const code = readText(input, 'ConfirmationCode', { min: 1, max: 2048, pattern: /^\S+$/ })
  const moveAliases = readFlag(input, 'ForceAliasCreation')
  const user = findSigningIn(pool, name)
  if (user === undefined) throw hidesUnknownUsers(client) ? expiredCode() : notFound()
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  const held = takeCode(pool, user, 'sign-up', code, context)
  const recipient = findConfirming(pool, held)
  const verified = recipient === undefined ? {} : { [`${recipient.attribute}_verified`]: 'true' }
  const attributes = { ...held.attributes, ...verified }
  if (moveAliases) for (const rival of findRivals(pool, user.username, attributes)) dropAlias(pool, rival)
  checkAliases(pool, user.username, attributes)
  putUser(pool, { ...held, attributes, status: 'CONFIRMED', updatedAt: context.now })
  return {}
}

function resendCode({ pool, client, name }: Visit, _: JsonObject, context: Context): JsonObject {
  const user = findSigningIn(pool, name)
  if (user === undefined) return pretendDelivery(client, name)
  if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.')
  const recipient = findConfirming(pool, user)
  if (recipient === undefined) throw invalidParameter('User has no attribute to which a code can be sent.')
  return { CodeDeliveryDetails: requestCode(pool, user, recipient, 'sign-up', context) }
}

function forgotPassword({ pool, client, name }: Visit, _: JsonObject, context: Context): JsonObject {
  const user = findSigningIn(pool, name)
  if (user === undefined) return pretendDelivery(client, name)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'FORCE_CHANGE_PASSWORD' || user.status === 'EXTERNAL_PROVIDER') {
    throw notAuthorized('User password cannot be reset in the current state.')
  }
  const recipient = findRecipient(user, { isVerified: true })
  if (recipient === undefined) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    )
  }
  return { CodeDeliveryDetails: requestCode(pool, user, recipient, 'forgot-password', context) }
}

function confirmForgotPassword({ pool, client, name }: Visit, input: JsonObject, context: Context): JsonObject {
  const code = readText(input, 'ConfirmationCode', { min: 1, max: 2048, pattern: /^\S+$/ })
  const password = readText(input, 'Password', passwordRules())
  const user = findSigningIn(pool, name)
  if (user === undefined) throw hidesUnknownUsers(client) ? expiredCode() : notFound()
  checkPassword(pool, password)
  const { passwordUntil: _, failures: __, ...held } = takeCode(pool, user, 'forgot-password', code, context)
  putUser(pool, { ...held, password, status: 'CONFIRMED', updatedAt: context.now })
  return {}
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
