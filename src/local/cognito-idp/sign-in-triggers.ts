import { hidesUnknownUsers } from './clients.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, Deferred, invalidParameter, notAuthorized, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, UserState } from '../state/index.ts'
import { attributesFor, callTrigger, hasTrigger } from '../triggers.ts'
import { applyChanges, checkAliases, checkChanges, checkNewUsername } from './attributes.ts'
import { findUser, putUser, findSigningIn } from './directory.ts'

/** Who tries to do something, before it is done. */
export interface Attempt {
  readonly pool: PoolState
  readonly client: ClientState
  readonly name: string
  /** The `ClientMetadata` of the call, which these triggers know as `validationData`. */
  readonly metadata: JsonObject | undefined
}

/** A user whom the migration trigger has vouched for, with the password that was sent. */
export interface Migration {
  readonly name: string
  readonly password: string | undefined
  readonly response: JsonObject
}

/**
 * Asks the pre-authentication trigger. An error of it refuses the sign-in. Of unknown users it is told only where the
 * client hides them.
 */
export async function askBeforeSignIn({ pool, client, name, metadata }: Attempt, context: Context): Promise<void> {
  const user = findSigningIn(pool, name)
  if (user === undefined && !hidesUnknownUsers(client)) return
  const request = {
    userAttributes: user === undefined ? {} : attributesFor(user),
    validationData: metadata ?? {},
    userNotFound: user === undefined,
  }
  const userName = user?.username ?? name
  const call = { source: 'PreAuthentication_Authentication', clientId: client.clientId, userName, request }
  await callTrigger('PreAuthentication', pool, call, context)
}

/** Asks the migration trigger about a user who is not there; undefined where the pool has none, or there is the user. */
export async function askForMigration(
  { pool, client, name, metadata }: Attempt,
  {
    source,
    password,
  }: { readonly source: 'Authentication' | 'ForgotPassword'; readonly password?: string | undefined },
  context: Context,
): Promise<Migration | undefined> {
  if (findUser(pool, name) !== undefined || !hasTrigger('UserMigration', pool, context)) return undefined
  const { clientId } = client
  const request = { password: password ?? null, validationData: metadata ?? null, userAttributes: null }
  const response = { userAttributes: null, forceAliasCreation: null, finalUserStatus: null, messageAction: null }
  try {
    const call = { source: `UserMigration_${source}`, clientId, userName: name, request, response }
    const answer = await callTrigger('UserMigration', pool, call, context)
    if (answer !== undefined && isObject(answer['userAttributes'])) return { name, password, response: answer }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
  }
  if (hidesUnknownUsers(client)) throw notAuthorized('Incorrect username or password.')
  throw new ServiceError('UserNotFoundException', `Exception migrating user in app client ${clientId}`)
}

/** Puts the migrated user into the pool, unless somebody has the name by now. */
export function migrateUser(pool: PoolState, { name, password, response }: Migration, context: Context): void {
  if (findUser(pool, name) !== undefined) return
  const given = Object.entries(Object(response['userAttributes'])).filter(([one]) => !['sub', 'username'].includes(one))
  const contact = checkNewUsername(pool, name)
  const named: [string, string][] = contact === undefined ? [] : [[contact, name]]
  const changes = new Map([...named, ...given.map(([one, value]): [string, string] => [one, String(value)])])
  checkChanges(pool, {}, changes)
  const sub = context.random.uuid()
  const attributes = Object.fromEntries([...applyChanges({}, changes), ['sub', sub]])
  const username = contact === undefined ? name : sub
  checkAliases(pool, username, attributes)
  const status = response['finalUserStatus'] ?? 'CONFIRMED'
  if (status !== 'CONFIRMED' && status !== 'RESET_REQUIRED') {
    throw invalidParameter('finalUserStatus is neither CONFIRMED nor RESET_REQUIRED.')
  }
  putUser(pool, {
    username,
    status,
    enabled: true,
    password,
    attributes,
    groups: [],
    mfa: [],
    devices: [],
    createdAt: context.now,
    updatedAt: context.now,
  })
}

/** Asks the pre-sign-up trigger about somebody who is about to be in the pool. */
export async function askBeforeSignUp(
  { pool, client, name, metadata }: Omit<Attempt, 'client'> & { readonly client: ClientState | undefined },
  source: 'SignUp' | 'AdminCreateUser',
  { attributes, validationData }: { readonly attributes: JsonObject; readonly validationData: JsonObject },
  context: Context,
): Promise<JsonObject> {
  const request = {
    userAttributes: attributes,
    validationData,
    ...(metadata !== undefined && { clientMetadata: metadata }),
  }
  const response = { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false }
  const clientId = client?.clientId ?? 'CLIENT_ID_NOT_APPLICABLE'
  const call = { source: `PreSignUp_${source}`, clientId, userName: name, request, response }
  const answer = (await callTrigger('PreSignUp', pool, call, context)) ?? {}
  return source === 'SignUp' ? checkVerified(answer, attributes) : {}
}

/** What cannot be reached cannot be verified. */
function checkVerified(answer: JsonObject, attributes: JsonObject): JsonObject {
  for (const [flag, name] of [
    ['autoVerifyEmail', 'email'],
    ['autoVerifyPhone', 'phone_number'],
  ] as const) {
    if (answer[flag] === true && attributes[name] === undefined) {
      throw new ServiceError(
        'InvalidLambdaResponseException',
        `Cannot auto-verify: the user has no ${name === 'email' ? 'email' : 'phone number'}.`,
      )
    }
  }
  return answer
}

/**
 * Calls the post-confirmation trigger once the user is confirmed, who stays so even where it fails. It adds nothing to
 * the output.
 */
export function confirmed(
  { pool, client, metadata }: Pick<Attempt, 'pool' | 'metadata'> & { readonly client: ClientState | undefined },
  source: 'ConfirmSignUp' | 'ConfirmForgotPassword',
  user: UserState,
  context: Context,
): JsonObject {
  if (!hasTrigger('PostConfirmation', pool, context)) return {}
  const request = { userAttributes: attributesFor(user), ...(metadata !== undefined && { clientMetadata: metadata }) }
  const clientId = client?.clientId ?? 'CLIENT_ID_NOT_APPLICABLE'
  const call = { source: `PostConfirmation_${source}`, clientId, userName: user.username, request }
  const told = new Deferred(
    pool.userPoolId,
    async () => void (await callTrigger('PostConfirmation', pool, call, context)),
  )
  return { PostConfirmation: told }
}
