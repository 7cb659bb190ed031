import { managedLoginHost, serviceHost } from '../hosts.ts'
import type { JsonObject } from '../json.ts'
import { type Context, Deferred, type Operations, ServiceError } from '../operation.ts'
import type { IssuerKind, PoolState, State } from '../state/index.ts'

/** What a pool publishes for everyone below its issuer. */
export function wellKnownOperations(): Operations {
  return {
    'issuer.jwks': keySet,
    'issuer.openid-configuration': openIdConfiguration,
  }
}

function keySet(state: State, input: JsonObject, context: Context): JsonObject {
  const { userPoolId } = readIssuer(state, input, context)
  return { keys: new Deferred(userPoolId, (keys) => keys.publish()) }
}

/** OpenID Connect Discovery 1.0 section 3. A pool without a domain has no managed login, and names none of its endpoints. */
function openIdConfiguration(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readIssuer(state, input, context)
  const issuer = getIssuer(pool, context)
  const isOwn = context.issuerBase !== undefined
  const login = isOwn ? issuer : `https://${managedLoginHost(pool.domain ?? '', pool.region)}`
  const endpoints = {
    authorization_endpoint: `${login}/oauth2/authorize`,
    end_session_endpoint: `${login}/logout`,
    revocation_endpoint: `${login}/oauth2/revoke`,
    token_endpoint: `${login}/oauth2/token`,
    userinfo_endpoint: `${login}/oauth2/userInfo`,
  }
  return {
    ...(pool.domain !== undefined && endpoints),
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }
}

function readIssuer(state: State, input: JsonObject, context: Context): PoolState {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', 'The user pool does not exist.', 404)
  }
  if (pool.strictIssuer && input['Issuer'] !== undefined && input['Issuer'] !== pool.issuer) {
    throw new ServiceError('ForbiddenException', 'The user pool does not use this issuer.', 403)
  }
  return pool
}

/**
 * The `iss` of a pool's tokens: that of its configuration, or the other one; where the local AWS issues by its own
 * address, that.
 */
export function getIssuer(
  pool: PoolState,
  { issuerBase }: { readonly issuerBase: string | undefined },
  kind: IssuerKind = pool.issuer,
): string {
  if (issuerBase !== undefined) return `${issuerBase}/${pool.userPoolId}`
  const service = kind === 'updated' ? 'issuer-cognito-idp' : 'cognito-idp'
  return `https://${serviceHost(service, pool.region)}/${pool.userPoolId}`
}
