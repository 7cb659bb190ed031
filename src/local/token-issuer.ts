import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { getTokenLife, machineScopes } from './cognito-idp/clients.ts'
import { findUser, listUsersBy } from './cognito-idp/directory.ts'
import { createRefreshToken } from './cognito-idp/refresh-tokens.ts'
import { customizeClaims, customizeMachineClaims } from './cognito-idp/token-trigger.ts'
import {
  accessClaims,
  apiScope,
  beginSession,
  type Grant,
  idClaims,
  leftHalfHash,
  machineTokenClaims,
} from './cognito-idp/tokens.ts'
import { getIssuer } from './cognito-idp/user-pool.ts'
import type { JsonObject } from './json.ts'
import type { KeyRing, KeyUse } from './key-ring.ts'
import type { ClientState, IssuerKind, PoolState, UserState } from './state/index.ts'
import { createContext, type World } from './world.ts'

/** Issues the tokens of one pool without a sign-in. */
export interface TokenIssuer {
  tokens(username: string, options?: TokenOptions): Promise<LocalTokens>
  clientTokens(options?: ClientTokenOptions): Promise<LocalClientTokens>
  sign(payload: JsonObject | string | Uint8Array, options?: SignOptions): Promise<string>
}

/** `mainClientId` is the client of tokens that name none. */
export function createTokenIssuer(
  world: World,
  readPool: () => PoolState,
  keys: KeyRing,
  mainClientId: string,
): TokenIssuer {
  const clientOf = (path: string, clientId = mainClientId): ClientState => {
    const { clients } = readPool()
    const client = clients[clientId]
    if (client !== undefined) return client
    throw new ConfigurationError(`${path}: unknown client; known are ${Object.keys(clients).join(', ')}.`)
  }
  return {
    async tokens(username, options = {}) {
      checkOptions<TokenOptions>('tokens', options, tokenOptionNames(), {
        groups: 'put them into the claims, as "cognito:groups".',
        scopes: 'it is called "scope".',
        expiresAt: 'it is called "expiresIn", in seconds from now.',
      })
      const pool = readPool()
      const user = requireUser(pool, username)
      const { random, clock } = world
      const client = clientOf('tokens', options.clientId)
      const grant: Grant = {
        ...readTimes(options, client, Math.floor(clock.now() / 1000)),
        issuer: getIssuer(pool, world, options.issuer),
        clientId: client.clientId,
        scope: scopeText(options.scope) ?? apiScope(),
        originJti: random.uuid(),
        eventId: random.uuid(),
      }
      const context = createContext(world, pool.region)
      const plain = {
        access: accessClaims(pool, user, grant, random.uuid()),
        id: { ...idClaims(pool, user, grant, random.uuid()), ...nonceClaim(options.nonce) },
      }
      const { access, id } = await customizeClaims(plain, pool, user, { source: 'Authentication' }, context)
      const { authTime, originJti } = grant
      const forRefresh = { username: user.username, scope: scopeText(options.scope) }
      const refreshToken = createRefreshToken(pool, client, { ...forRefresh, authTime, originJti }, context)
      beginSession(pool, { username: user.username, originJti, clientId: client.clientId }, context)
      const accessToken = await keys.issue('access', { ...access, ...options.claims, ...options.access })
      const hash = options.atHash === true ? { at_hash: await leftHalfHash(accessToken) } : {}
      const idToken = await keys.issue('id', { ...id, ...hash, ...options.claims, ...options.id })
      return { idToken, accessToken, refreshToken, expiresIn: grant.expiresAt - grant.issuedAt }
    },

    async clientTokens(options = {}) {
      checkOptions<ClientTokenOptions>('clientTokens', options, ['scope', 'clientId', 'claims', 'expiresIn'], {
        scopes: 'it is called "scope".',
      })
      const client = clientOf('clientTokens', options.clientId)
      const scope = machineScope(client, options.scope)
      const { expiresIn = getTokenLife(client, 'AccessToken') } = options
      checkSeconds('clientTokens: expiresIn', expiresIn)
      const pool = readPool()
      const context = createContext(world, pool.region)
      const plain = machineTokenClaims(pool, client, scope, context, expiresIn)
      const claims = await customizeMachineClaims(plain, pool, undefined, context)
      return { accessToken: await keys.issue('access', { ...claims, ...options.claims }), expiresIn }
    },

    async sign(payload, options = {}) {
      checkOptions<SignOptions>('sign', options, ['header', 'use'])
      const { header = {}, use = 'access' } = options
      const isRaw = typeof payload === 'string' || payload instanceof Uint8Array
      return keys.sign(use, createHeader(header, keys.kid(use)), isRaw ? payload : JSON.stringify(payload))
    },
  }
}

function tokenOptionNames() {
  return [
    ...(['clientId', 'scope', 'claims', 'id', 'access', 'nonce', 'atHash', 'authTime'] as const),
    ...(['issuedAt', 'expiresIn', 'issuer'] as const),
  ]
}

function requireUser(pool: PoolState, username: string): UserState {
  const user = findUser(pool, username)
  if (user !== undefined) return user
  const names = listUsersBy(pool, 'username', { count: 21 }).map(([name]) => name)
  const shown = names.slice(0, 20).join(', ')
  throw new ConfigurationError(
    `tokens: unknown user ${username}; known users are ${shown || 'none'}${names.length > 20 ? ', …' : ''}.`,
  )
}

function readTimes(options: TokenOptions, client: ClientState, now: number) {
  const { issuedAt = now, expiresIn = getTokenLife(client, 'AccessToken') } = options
  const { authTime = issuedAt } = options
  checkSeconds('tokens: issuedAt', issuedAt)
  checkSeconds('tokens: authTime', authTime)
  checkSeconds('tokens: expiresIn', expiresIn)
  return { issuedAt, authTime, expiresAt: issuedAt + expiresIn }
}

function checkSeconds(path: string, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new ConfigurationError(`${path}: expected whole seconds; put anything else into the claims.`)
  }
}

function scopeText(scope: string | readonly string[] | undefined): string | undefined {
  return scope === undefined || typeof scope === 'string' ? scope : scope.join(' ')
}

function machineScope(client: ClientState, scope: ClientTokenOptions['scope']): string {
  const { clientId } = client
  const scopes = machineScopes(client)
  const text = scopeText(scope) ?? scopes?.join(' ')
  if (text === undefined || text === '') {
    throw new ConfigurationError(`clientTokens: give a scope; the client ${clientId} has none of its own.`)
  }
  const forbidden = scopes && text.split(' ').find((name) => !scopes.includes(name))
  if (forbidden !== undefined) {
    throw new ConfigurationError(`clientTokens: the client ${clientId} may not have the scope ${forbidden}.`)
  }
  return text
}

function nonceClaim(nonce: string | undefined): JsonObject {
  return nonce === undefined ? {} : { nonce }
}

function createHeader(header: ClaimOverrides | string, kid: string): JsonObject | string {
  return typeof header === 'string' ? header : { kid, alg: 'RS256', ...header }
}

/** Claims to be put over those that Cognito would issue; `undefined` takes a claim away. */
export type ClaimOverrides = { readonly [name: string]: unknown }

/** How `tokens` differs from a plain sign-in. */
export interface TokenOptions {
  /** An app client of the pool. Default: that of the pool's `settings`. */
  readonly clientId?: string | undefined
  /** The scopes of the access token. Default `aws.cognito.signin.user.admin`, as without managed login. */
  readonly scope?: string | readonly string[] | undefined
  /** For both tokens. */
  readonly claims?: ClaimOverrides | undefined
  /** For the ID token, over `claims`. */
  readonly id?: ClaimOverrides | undefined
  /** For the access token, over `claims`. */
  readonly access?: ClaimOverrides | undefined
  /** The `nonce` of the ID token, as managed login copies it. Default: none. */
  readonly nonce?: string | undefined
  /** Whether the ID token has the `at_hash` of the access token, as with managed login. Default false. */
  readonly atHash?: boolean | undefined
  /** When the user signed in, in seconds since the epoch. Default: `issuedAt`. */
  readonly authTime?: number | undefined
  /** In seconds since the epoch. Default: now. */
  readonly issuedAt?: number | undefined
  /** The life of both tokens in seconds; negative for tokens that are expired. Default: that of the client, 3600. */
  readonly expiresIn?: number | undefined
  /** The issuer that the tokens name. Default: that of the pool's own `issuer` setting. */
  readonly issuer?: IssuerKind | undefined
}

/** The tokens of one sign-in. */
export interface LocalTokens {
  readonly idToken: string
  readonly accessToken: string
  /** Opaque. */
  readonly refreshToken: string
  /** The life of the ID and access tokens, in seconds. */
  readonly expiresIn: number
}

/** What a machine's token is issued for. */
export interface ClientTokenOptions {
  /** The custom scopes of the token. Default: all that the client may have. */
  readonly scope?: string | readonly string[] | undefined
  /** An app client of the pool. Default: that of the pool's `settings`. */
  readonly clientId?: string | undefined
  /** `undefined` takes a claim away. */
  readonly claims?: ClaimOverrides | undefined
  /** In seconds; negative for a token that is expired. Default: that of the client, 3600. */
  readonly expiresIn?: number | undefined
}

/** A machine's token; there is no refresh token. */
export interface LocalClientTokens {
  readonly accessToken: string
  /** In seconds. */
  readonly expiresIn: number
}

/** How `sign` differs from the pool's own tokens. */
export interface SignOptions {
  /** Put over `kid` and `alg`, `undefined` takes one away; a text is taken as the whole header. */
  readonly header?: ClaimOverrides | string | undefined
  /** Which of the pool's two keys signs. Default `access`. */
  readonly use?: KeyUse | undefined
}
