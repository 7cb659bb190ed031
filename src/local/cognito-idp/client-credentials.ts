import type { JsonObject } from '../json.ts'
import { type Context, Deferred, type Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { ClientState, PoolState, State } from '../state.ts'
import { lifeOf, machineScopes } from './client-settings.ts'
import { issuerOf } from './issuer.ts'
import { machineClaims } from './token-claims.ts'

/** The token endpoint, for the client credentials grant (RFC 6749 section 4.4). */
export function tokenOperations(): Operations {
  return { 'oauth2.token': grantToken }
}

function grantToken(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined || input['grant_type'] === undefined) throw refusal('invalid_request')
  if (input['grant_type'] !== 'client_credentials') throw refusal('unsupported_grant_type')
  const client = authenticateClient(pool, input)
  const claims = machineTokenClaims(pool, client, scopeOf(client, input['scope']), context)
  return {
    access_token: new Deferred(pool.userPoolId, (keys) => keys.issue('access', claims)),
    expires_in: lifeOf(client, 'AccessToken'),
    token_type: 'Bearer',
  }
}

/** The claims of a machine token of this client, issued now. */
export function machineTokenClaims(
  pool: PoolState,
  client: ClientState,
  scope: string,
  context: Context,
  expiresIn: number = lifeOf(client, 'AccessToken'),
): JsonObject {
  const issuedAt = Math.floor(context.now / 1000)
  const grant = {
    issuer: issuerOf(pool),
    clientId: client.clientId,
    scope,
    authTime: issuedAt,
    issuedAt,
    expiresAt: issuedAt + expiresIn,
  }
  return machineClaims(grant, context.random.uuid())
}

function authenticateClient(pool: PoolState, input: JsonObject): ClientState {
  const client = pool.clients[String(input['client_id'])]
  if (client === undefined) throw refusal('invalid_client')
  if (client.secret === undefined) throw refusal('unauthorized_client')
  if (input['client_secret'] !== client.secret) throw refusal('invalid_client')
  return client
}

/** The scopes asked for; without any, all that the client may have. */
function scopeOf(client: ClientState, asked: unknown): string {
  const scopes = machineScopes(client) ?? []
  if (scopes.length === 0) throw refusal('unauthorized_client')
  if (typeof asked !== 'string' || asked === '') return scopes.join(' ')
  const names = asked.split(' ')
  if (names.some((name) => !scopes.includes(name))) throw refusal('invalid_scope')
  return names.join(' ')
}

function refusal(code: string): ServiceError {
  return new ServiceError(code, '')
}
