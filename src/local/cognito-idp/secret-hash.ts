import { isObject, type JsonObject } from '../json.ts'
import { notAuthorized } from '../service-error.ts'
import type { ClientState, State } from '../state.ts'

/**
 * The `SECRET_HASH` that a sign-in with these parameters needs: base64 of HMAC-SHA256, by the client's secret, of the
 * user name as given and the client's id. Undefined where the client has no secret. Changes nothing and never throws.
 */
export async function expectedSecretHash(
  state: State,
  input: JsonObject,
  parameters: 'AuthParameters' | 'ChallengeResponses',
): Promise<string | undefined> {
  const pool = state.pools[String(input['UserPoolId'])]
  const client = pool?.clients[String(input['ClientId'])]
  const given = input[parameters]
  if (pool === undefined || client?.secret === undefined || !isObject(given)) return undefined
  const refresh = pool.refreshTokens[String(given['REFRESH_TOKEN'])]
  const username = typeof given['USERNAME'] === 'string' ? given['USERNAME'] : (refresh?.username ?? '')
  return hash(client.secret, username + client.clientId)
}

/** Throws NotAuthorizedException unless the parameters hold the hash that the client needs, and none where it needs none. */
export function checkSecretHash(
  { clientId, secret }: ClientState,
  expected: string | undefined,
  given: string | undefined,
): void {
  if (secret === undefined && given === undefined) return
  if (given === undefined) {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`)
  }
  if (expected === undefined || given !== expected) {
    throw notAuthorized(`Unable to verify secret hash for client ${clientId}`)
  }
}

async function hash(secret: string, message: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(message)))
  return btoa(String.fromCharCode(...digest))
}
