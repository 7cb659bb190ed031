import { isRotating, readRefreshToken, rotateRefreshToken } from './refresh-tokens.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, RefreshState, State, UserState } from '../state.ts'
import { authenticationResult } from './tokens.ts'
import { mfaChallenge, newPasswordChallenge } from './challenges.ts'
import { checkSecretHash, expectedSecretHash, listSetting } from './clients.ts'
import { choice, clientIdRules, readMember, readOptionalText, readText, readTexts } from '../input.ts'
import { findUser, readClient, readPool, userNotFound } from './directory.ts'
import { checkSignIn } from './passwords.ts'

type Texts = Readonly<Record<string, string>>

/** Signing in as the administrator of a pool, and renewing. */
export function signInOperations(): Operations {
  return {
    'cognito-idp.AdminInitiateAuth': {
      async prepare(state, input) {
        const hash = await expectedSecretHash(state, input, 'AuthParameters')
        return (current, sameInput, context) => initiateAuth(current, sameInput, context, hash)
      },
    },
    'cognito-idp.GetTokensFromRefreshToken': renewTokens,
  }
}

/** Renewal by the user's own client, which sends its secret as it is. With rotation there comes a new refresh token. */
function renewTokens(state: State, input: JsonObject, context: Context): JsonObject {
  const token = readText(input, 'RefreshToken', { pattern: /^[A-Za-z0-9-_=.]+$/ })
  const clientId = readText(input, 'ClientId', clientIdRules())
  const secret = readOptionalText(input, 'ClientSecret', { min: 1, max: 64, pattern: /^[\w+]+$/ })
  readOptionalText(input, 'DeviceKey', { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ })
  readTexts(input, 'ClientMetadata')
  const pool = Object.values(state.pools).find(({ clients, region }) => {
    return clients[clientId] !== undefined && region === context.region
  })
  const client = pool?.clients[clientId]
  if (pool === undefined || client === undefined) {
    throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }
  if (secret !== client.secret) throw notAuthorized(`Unable to verify secret for client ${clientId}`)
  const entry = readRefreshToken(pool, client, token, context.now)
  const user = userOf(pool, client, entry)
  const next = isRotating(client) ? rotateRefreshToken(pool, client, token, context) : undefined
  const { AuthenticationResult } = authenticationResult(pool, user, client, context, { ...entry, token: next })
  return { AuthenticationResult }
}

/** Whom a refresh token is for. Throws where the user is gone or disabled. */
function userOf(pool: PoolState, client: ClientState, { username }: RefreshState): UserState {
  const user = pool.users[username]
  if (user === undefined) throw unknownUser(client)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  return user
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
      if (isRotating(client)) {
        throw invalidParameter('Refresh token rotation is enabled for this client: use GetTokensFromRefreshToken.')
      }
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
  return authenticationResult(pool, userOf(pool, client, token), client, context, token)
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
