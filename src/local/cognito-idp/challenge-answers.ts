import { removeEnding } from '../sorted-pairs.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations } from '../operation.ts'
import type { ClientState, PoolState, State, UserState } from '../state.ts'
import { applyChanges, checkAliases, checkChanges } from './attributes.ts'
import { authenticationResult } from './tokens.ts'
import { mfaChallenge, readSession } from './challenges.ts'
import { choice, readMember, readOptionalText, readTexts } from '../input.ts'
import { findUser, putUser, readClient, readPool } from './directory.ts'
import { checkPassword } from './passwords.ts'
import { checkSecretHash, expectedSecretHash } from './clients.ts'
import { readParameter, unknownUser } from './sign-in.ts'

type Texts = Readonly<Record<string, string>>

/** Answers to challenges, by the administrator of a pool. */
export function challengeOperations(): Operations {
  return {
    'cognito-idp.AdminRespondToAuthChallenge': {
      async prepare(state, input) {
        const hash = await expectedSecretHash(state, input, 'ChallengeResponses')
        return (current, sameInput, context) => respond(current, sameInput, context, hash)
      },
    },
  }
}

function respond(state: State, input: JsonObject, context: Context, hash: string | undefined): JsonObject {
  const pool = readPool(state, input, context)
  const challenge = readMember(input, 'ChallengeName', choice(challengeNames()))
  const answers = readTexts(input, 'ChallengeResponses')
  const session = readOptionalText(input, 'Session', { min: 20, max: 2048 })
  readTexts(input, 'ClientMetadata')
  const client = readClient(pool, input)
  if (challenge !== 'NEW_PASSWORD_REQUIRED') {
    throw invalidParameter('The local pool takes no answers to this challenge.')
  }
  if (session === undefined) throw invalidParameter('Missing required parameter Session')
  const name = readParameter(answers, 'USERNAME')
  const password = readParameter(answers, 'NEW_PASSWORD')
  checkSecretHash(client, hash, answers['SECRET_HASH'])
  const user = findUser(pool, name)
  if (user === undefined) throw unknownUser(client)
  readSession(pool, session, { username: user.username, clientId: client.clientId, challenge }, context.now)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  const renewed = withNewPassword(pool, user, client, password, attributesOf(answers), context)
  removeEnding(pool.sessions, session)
  return mfaChallenge(pool, renewed, client, context) ?? authenticationResult(pool, renewed, client, context)
}

/** The new password, and what attributes the user lacked; those that are there cannot be changed on this way. */
function withNewPassword(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  password: string,
  changes: ReadonlyMap<string, string>,
  context: Context,
): UserState {
  checkPassword(pool, password)
  const provided = [...changes.keys()].find((name) => Object.hasOwn(user.attributes, name))
  if (provided !== undefined) throw notAuthorized(`Cannot modify an already provided ${provided}`)
  checkChanges(pool, user.attributes, changes)
  const forbidden = [...changes.keys()].find((name) => name.endsWith('_verified') || !isWritable(client, name))
  if (forbidden !== undefined) {
    throw notAuthorized('A client attempted to write unauthorized attribute')
  }
  const attributes = Object.fromEntries(applyChanges(user.attributes, changes))
  const missing = pool.requiredAttributes.find((name) => attributes[name] === undefined)
  if (missing !== undefined) throw invalidParameter(`Invalid attributes given, ${missing} is missing`)
  checkAliases(pool, user.username, attributes)
  const { passwordUntil: _, ...rest } = user
  const renewed = { ...rest, attributes, password, status: 'CONFIRMED', updatedAt: context.now }
  putUser(pool, renewed)
  return renewed
}

/** A client without `WriteAttributes` may write all. */
function isWritable({ settings }: ClientState, name: string): boolean {
  const writable = settings['WriteAttributes']
  return !Array.isArray(writable) || writable.includes(name)
}

function attributesOf(answers: Texts): ReadonlyMap<string, string> {
  const prefix = 'userAttributes.'
  const named = Object.entries(answers).filter(([name]) => name.startsWith(prefix))
  return new Map(named.map(([name, value]) => [name.slice(prefix.length), value]))
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
