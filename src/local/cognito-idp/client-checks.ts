import { invalidParameter, ServiceError } from '../service-error.ts'
import type { ClientState, PoolState } from '../state.ts'
import { isInSchema } from './attributes.ts'
import { lifeOf, listSetting, systemScopes, type TokenKind } from './client-settings.ts'
import { isScope } from './resource-servers.ts'

/** Throws where the settings of a client contradict each other or name what the pool does not have. */
export function checkClient(pool: PoolState, client: ClientState): void {
  checkAuthFlows(client)
  checkLives(client)
  checkUrls(client)
  checkOAuth(pool, client)
  checkAttributes(pool, client)
  for (const name of listSetting(client, 'SupportedIdentityProviders')) {
    if (name === 'COGNITO' || pool.providers[name] !== undefined) continue
    throw invalidParameter(`The provider ${name} does not exist for User Pool ${pool.userPoolId}`)
  }
}

/** Clients read and write attributes of the schema; `sub` and what Cognito itself writes they only read. */
function checkAttributes(pool: PoolState, client: ClientState): void {
  const check = (member: string, kind: string, isFixed: (name: string) => boolean) => {
    const bad = listSetting(client, member).some((name) => !isInSchema(pool, name) || isFixed(name))
    if (bad) throw invalidParameter(`Invalid ${kind} attributes specified while creating a client`)
  }
  check('ReadAttributes', 'read', () => false)
  check('WriteAttributes', 'write', (name) => name === 'sub' || name === 'identities' || name.endsWith('_verified'))
}

function checkAuthFlows(client: ClientState): void {
  const flows = listSetting(client, 'ExplicitAuthFlows')
  const current = flows.filter((flow) => flow.startsWith('ALLOW_'))
  if (current.length > 0 && current.length < flows.length) {
    throw invalidParameter('Legacy and new authentication flows cannot be mixed in ExplicitAuthFlows.')
  }
}

/** ID and access tokens live from 5 minutes to a day, refresh tokens from an hour to 10 years, longer than the others. */
function checkLives(client: ClientState): void {
  const check = (kind: TokenKind, min: number, max: number) => {
    const life = lifeOf(client, kind)
    if (life >= min && life <= max) return
    throw invalidParameter(`Invalid range for token validity: ${kind} must be valid for ${min} to ${max} seconds.`)
  }
  check('AccessToken', 300, 86_400)
  check('IdToken', 300, 86_400)
  check('RefreshToken', 3600, 315_360_000)
  if (lifeOf(client, 'RefreshToken') < Math.max(lifeOf(client, 'AccessToken'), lifeOf(client, 'IdToken'))) {
    throw invalidParameter('Refresh token validity must not be shorter than that of the ID and access tokens.')
  }
}

/** Redirects go to HTTPS, to an app's own scheme, or to localhost; never to a URL with a fragment. */
function checkUrls(client: ClientState): void {
  const urls = [...listSetting(client, 'CallbackURLs'), ...listSetting(client, 'LogoutURLs')]
  const bad = urls.find((url) => {
    const isPlain = /^http:\/\/(?!localhost(:\d+)?(\/|$)|127\.0\.0\.1(:\d+)?(\/|$)|\[::1\](:\d+)?(\/|$))/.test(url)
    return !URL.canParse(url) || url.includes('#') || isPlain
  })
  if (bad !== undefined) throw invalidParameter(`${bad} is not a valid redirect URI.`)
  const fallback = client.settings['DefaultRedirectURI']
  if (fallback !== undefined && !listSetting(client, 'CallbackURLs').includes(String(fallback))) {
    throw invalidParameter('The DefaultRedirectURI is not in the list of CallbackURLs.')
  }
}

function checkOAuth(pool: PoolState, client: ClientState): void {
  checkOAuthFlows(client)
  const scopes = listSetting(client, 'AllowedOAuthScopes')
  const unknown = scopes.find((scope) => !systemScopes().includes(scope) && !isScope(pool, scope))
  if (unknown !== undefined) throw new ServiceError('ScopeDoesNotExistException', `Invalid scope requested: ${unknown}`)
}

function checkOAuthFlows(client: ClientState): void {
  const flows = listSetting(client, 'AllowedOAuthFlows')
  const scopes = listSetting(client, 'AllowedOAuthScopes')
  if (client.settings['AllowedOAuthFlowsUserPoolClient'] !== true) return
  const invalidFlow = (message: string) => new ServiceError('InvalidOAuthFlowException', message)
  const isInteractive = flows.includes('code') || flows.includes('implicit')
  if (flows.includes('client_credentials')) {
    if (isInteractive) {
      throw invalidFlow('client_credentials flow can not be selected along with code flow or implicit flow.')
    }
    if (client.secret === undefined) {
      throw invalidFlow('client_credentials flow can not be selected if client does not have a client secret.')
    }
    const personal = scopes.find((scope) => systemScopes().includes(scope))
    if (personal !== undefined) throw invalidFlow(`${personal} is not supported with client_credentials flow.`)
  }
  if (isInteractive && listSetting(client, 'CallbackURLs').length === 0) {
    throw invalidFlow('CallbackURLs can not be empty if code flow or implicit flow is selected.')
  }
}
