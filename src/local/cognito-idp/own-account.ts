import {
  attributeNameRules,
  isNull,
  listOf,
  passwordRules,
  readAttributes,
  readMember,
  readOptionalText,
  readText,
  readTexts,
  text,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations } from '../operation.ts'
import type { ClientState, PoolState, UserState } from '../state/index.ts'
import { type SignedIn, withUser } from './access-token.ts'
import { applyChanges, checkAliases, checkChanges, checkRemoval, isWritable, removeAttributes } from './attributes.ts'
import { readRecipient, requestCode, takeCode } from './codes.ts'
import { putUser, readPool, readUser, removeUser } from './directory.ts'
import { checkSignIn, choosePassword } from './passwords.ts'
import { poolList, poolSetting } from './pool-settings.ts'
import { revokeOrigin, revokeTokens } from './refresh-tokens.ts'
import { describeAttributes } from './users.ts'

/** What users do with their own account, by their access token. */
export function ownAccountOperations(): Operations {
  return {
    'cognito-idp.ChangePassword': withUser(changePassword),
    'cognito-idp.DeleteUser': withUser(deleteUser),
    'cognito-idp.DeleteUserAttributes': withUser(deleteAttributes),
    'cognito-idp.GetUser': withUser(getUser),
    'cognito-idp.GetUserAttributeVerificationCode': withUser(sendVerification),
    'cognito-idp.AdminGetUserAuthFactors': (state, input, context) => {
      return getAuthFactors(readUser(readPool(state, input, context), input))
    },
    'cognito-idp.GetUserAuthFactors': withUser(({ user }) => getAuthFactors(user)),
    'cognito-idp.GlobalSignOut': withUser(signOut),
    'cognito-idp.UpdateUserAttributes': withUser(updateAttributes),
    'cognito-idp.VerifyUserAttribute': withUser(verifyAttribute),
  }
}

function getUser({ user, client }: SignedIn): JsonObject {
  const readable = client.settings['ReadAttributes']
  const isReadable = (name: string) => name === 'sub' || !Array.isArray(readable) || readable.includes(name)
  return {
    Username: user.username,
    UserAttributes: describeAttributes(user.attributes).filter(({ Name }) => isReadable(Name)),
    ...describeFactors(user),
  }
}

function getAuthFactors(user: UserState): JsonObject {
  const { attributes } = user
  const reachable = (name: string) => attributes[name] !== undefined && attributes[`${name}_verified`] === 'true'
  return {
    Username: user.username,
    ...describeFactors(user),
    ConfiguredUserAuthFactors: [
      ...(user.password === undefined ? [] : ['PASSWORD']),
      ...(user.passkeys?.length ? ['WEB_AUTHN'] : []),
      ...(reachable('email') ? ['EMAIL_OTP'] : []),
      ...(reachable('phone_number') ? ['SMS_OTP'] : []),
    ],
  }
}

function describeFactors({ mfa, preferredMfa }: UserState): JsonObject {
  return mfa.length === 0 ? {} : { PreferredMfaSetting: preferredMfa, UserMFASettingList: mfa }
}

/**
 * Attributes that the pool verifies by itself are unverified at first, and the code is sent. Those that have to be
 * verified before (`UserAttributeUpdateSettings`) keep their value until the code comes back.
 */
function updateAttributes({ pool, user, client }: SignedIn, input: JsonObject, context: Context): JsonObject {
  if ((input['UserAttributes'] ?? undefined) === undefined) throw isNull('userAttributes')
  const changes = readAttributes(input, 'UserAttributes')
  readTexts(input, 'ClientMetadata')
  checkWritable(client, [...changes.keys()])
  checkChanges(pool, user.attributes, changes)
  for (const [name, value] of changes) if (value === '') checkRemoval(pool.requiredAttributes, name)
  const changed = (['email', 'phone_number'] as const).filter((name) => {
    return changes.get(name) && changes.get(name) !== user.attributes[name]
  })
  const { AttributesRequireVerificationBeforeUpdate: gated } = poolSetting(pool, 'UserAttributeUpdateSettings')
  const waiting = changed.filter((name) => {
    return user.attributes[name] !== undefined && Array.isArray(gated) && gated.includes(name)
  })
  const atOnce = new Map([...changes].filter(([name]) => !waiting.some((one) => one === name)))
  const attributes = Object.fromEntries(applyChanges(user.attributes, atOnce))
  const wanted = Object.fromEntries(waiting.map((name) => [name, changes.get(name) ?? '']))
  checkAliases(pool, user.username, attributes)
  const pendingAttributes = { ...user.pendingAttributes, ...wanted }
  const isWaiting = Object.keys(pendingAttributes).length > 0
  putUser(pool, { ...user, attributes, ...(isWaiting && { pendingAttributes }), updatedAt: context.now })
  const verified = changed.filter((name) => poolList(pool, 'AutoVerifiedAttributes').includes(name))
  const reachable = { ...user, attributes: { ...attributes, ...wanted } }
  const CodeDeliveryDetailsList = verified.map((name) => deliver(pool, reachable, name, context))
  return CodeDeliveryDetailsList.length === 0 ? {} : { CodeDeliveryDetailsList }
}

function deleteAttributes({ pool, user, client }: SignedIn, input: JsonObject, context: Context): JsonObject {
  const names = readMember(input, 'UserAttributeNames', listOf(text(attributeNameRules())))
  checkWritable(client, names)
  removeAttributes(pool, user, names, context)
  return {}
}

function checkWritable(client: ClientState, names: readonly string[]): void {
  if (names.every((name) => !name.endsWith('_verified') && isWritable(client, name))) return
  throw notAuthorized('A client attempted to write unauthorized attribute')
}

function sendVerification({ pool, user }: SignedIn, input: JsonObject, context: Context): JsonObject {
  const name = readVerifiable(input)
  readTexts(input, 'ClientMetadata')
  return { CodeDeliveryDetails: deliver(pool, user, name, context) }
}

function deliver(pool: PoolState, user: UserState, name: 'email' | 'phone_number', context: Context): JsonObject {
  return requestCode(pool, user, readRecipient(user, name), name, context)
}

function verifyAttribute({ pool, user }: SignedIn, input: JsonObject, context: Context): JsonObject {
  const name = readVerifiable(input)
  const code = readText(input, 'Code', { min: 1, max: 2048, pattern: /^\S+$/ })
  const { pendingAttributes = {}, ...held } = takeCode(pool, user, name, code, context)
  const { [name]: wanted, ...others } = pendingAttributes
  const attributes = {
    ...held.attributes,
    ...(wanted !== undefined && { [name]: wanted }),
    [`${name}_verified`]: 'true',
  }
  checkAliases(pool, user.username, attributes)
  const stillPending = Object.keys(others).length > 0 && { pendingAttributes: others }
  putUser(pool, { ...held, attributes, ...stillPending, updatedAt: context.now })
  return {}
}

function readVerifiable(input: JsonObject): 'email' | 'phone_number' {
  const name = readText(input, 'AttributeName', attributeNameRules())
  if (name === 'email' || name === 'phone_number') return name
  throw invalidParameter('Only email and phone_number can be verified.')
}

function changePassword({ pool, user }: SignedIn, input: JsonObject, context: Context): JsonObject {
  const previous = readOptionalText(input, 'PreviousPassword', passwordRules())
  const proposed = readText(input, 'ProposedPassword', passwordRules())
  checkSignIn(pool, user, user.password === previous, context.now)
  const held = pool.users[user.username] ?? user
  putUser(pool, { ...held, ...choosePassword(pool, held, proposed), updatedAt: context.now })
  return {}
}

function deleteUser({ pool, user }: SignedIn, _: JsonObject, context: Context): undefined {
  revokeTokens(pool, user.username, context)
  removeUser(pool, user)
}

/** Ends all refresh tokens, and access tokens for user operations. Tokens that verify offline do so until they expire. */
function signOut({ pool, user, originJti }: SignedIn, _: JsonObject, context: Context): JsonObject {
  revokeTokens(pool, user.username, context)
  revokeOrigin(pool, user.username, originJti, context)
  return {}
}
