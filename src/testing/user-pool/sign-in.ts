import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, notAuthorized, ServiceError } from '../service-error.ts'
import type { ClientState, PoolState, State } from '../state.ts'
import { authenticationResult } from './authentication-result.ts'
import { mfaChallenge, newPasswordChallenge } from './challenges.ts'
import { listSetting } from './client-settings.ts'
import { readMember, readTexts } from './input.ts'
import { findUser, readClient, readPool, userNotFound } from './lookup.ts'
import { checkSignIn } from './password-attempts.ts'
import { readRefreshToken } from './refresh-tokens.ts'
import { checkSecretHash, expectedSecretHash } from './secret-hash.ts'
import { choice } from './shape.ts'

type Texts = Readonly<Record<string, string>>

/** Signing in as the administrator of a pool. */
export function signInOperations(): Operations {
  return {
    'cognito-idp.AdminInitiateAuth': {
      async prepare(state, input) {
        const hash = await expectedSecretHash(state, input, 'AuthParameters')
        return (current, sameInput, context) => initiateAuth(current, sameInput, context, hash)
      },
    },
  }
}

function initiateAuth(state: State, input: JsonObject, context: Context, hash: string | undefined): JsonObject {
  const pool = readPool(state, input, context)
  const flow = readMember(input, 'AuthFlow', choice(authFlows()))
  const parameters = readTexts(input, 'AuthParameters')
  readTexts(input, 'ClientMetadata')
  const client = readClient(pool, input)
  switch (flow) {
    case 'ADMIN_USER_PASSWORD_AUTH':
    case 'ADMIN_NO_SRP_AUTH':
      checkFlow(client, ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'])
      return signInWithPassword(pool, client, parameters, context, hash)
    case 'REFRESH_TOKEN_AUTH':
    case 'REFRESH_TOKEN':
      checkFlow(client, ['ALLOW_REFRESH_TOKEN_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'])
      return renew(pool, client, parameters, context, hash)
    case 'USER_PASSWORD_AUTH':
      throw invalidParameter('USER_PASSWORD_AUTH is not a flow of AdminInitiateAuth.')
    default:
      throw new ServiceError('UnsupportedOperationException', 'The local pool does not know this flow.')
  }
}

function signInWithPassword(
  pool: PoolState,
  client: ClientState,
  parameters: Texts,
  context: Context,
  hash: string | undefined,
): JsonObject {
  const name = readParameter(parameters, 'USERNAME')
  const password = readParameter(parameters, 'PASSWORD')
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  const user = findUser(pool, name)
  if (user === undefined) throw unknownUser(client)
  checkSignIn(pool, user, password, context.now)
  if (user.status === 'FORCE_CHANGE_PASSWORD') return newPasswordChallenge(pool, user, client, context)
  return mfaChallenge(pool, user, client, context) ?? authenticationResult(pool, user, client, context)
}

function renew(
  pool: PoolState,
  client: ClientState,
  parameters: Texts,
  context: Context,
  hash: string | undefined,
): JsonObject {
  const token = readRefreshToken(pool, client, readParameter(parameters, 'REFRESH_TOKEN'), context.now)
  checkSecretHash(client, hash, parameters['SECRET_HASH'])
  const user = pool.users[token.username]
  if (user === undefined) throw unknownUser(client)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  return authenticationResult(pool, user, client, context, token)
}

/** A parameter that must be there. */
export function readParameter(parameters: Texts, name: string): string {
  const value = parameters[name]
  if (value === undefined || value === '') throw invalidParameter(`Missing required parameter ${name}`)
  return value
}

/** The answer for a user that is not there: a client may hide that (`PreventUserExistenceErrors`). */
export function unknownUser({ settings }: ClientState): ServiceError {
  const isHidden = settings['PreventUserExistenceErrors'] === 'ENABLED'
  return isHidden ? notAuthorized('Incorrect username or password.') : userNotFound()
}

function checkFlow(client: ClientState, enabling: readonly string[]): void {
  if (listSetting(client, 'ExplicitAuthFlows').some((flow) => enabling.includes(flow))) return
  throw invalidParameter('Auth flow not enabled for this client')
}

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
