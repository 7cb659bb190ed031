import { createIdentityPoolCall, type IdentityPoolCallOptions, isAwsError, malformed } from '../aws/index.ts'
import { AuthenticationError, ConfigurationError } from '../errors.ts'
import { decodeJsonObject, sha256 } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { regionOf, regionOfIdentityPool, serviceHost } from '../internal/regions.ts'
import type { IdPrincipal } from '../tokens/index.ts'

/** Temporary credentials of a role, as `createPoolAdmin` and signers such as aws4fetch take them. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** When they end: usually an hour after they were issued. */
  readonly expiration: Date
  /** The caller's identity in the identity pool, `<region>:<uuid>`. */
  readonly identityId: string
}

/** The guard that knows the caller, and the identity pool that gives the credentials. */
export interface RoleCredentialsOptions<P> extends Omit<IdentityPoolCallOptions, 'credentials' | 'region'> {
  /** The guard that established the principal. */
  readonly guard: PrincipalGuard<P>
  /** `<region>:<uuid>`. */
  readonly identityPoolId: string
  /** Default: the one in `identityPoolId`. */
  readonly region?: string | undefined
  /**
   * The ARN of one of the caller's own roles (`cognito:roles`), which the identity pool checks. Default: the role of the
   * caller's group that comes first (`cognito:preferred_role`).
   */
  readonly role?: string | undefined
  /** Aborts the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What is remembered of the callers of one guard. */
interface Known {
  /** Credentials by a hash of the ID token, the identity pool and the role. */
  readonly issued: Memory<Issued>
  /** Identity ids by identity pool and login. */
  readonly identities: Memory<string>
}

/** How many callers are remembered for each guard. */
const MAX = 1000

/** Credentials are renewed this long before they expire, in milliseconds. */
const MARGIN = 300_000

let known: WeakMap<object, Known> | undefined

/**
 * The credentials of the role of the caller's group, from an identity pool (GetId, GetCredentialsForIdentity): what is
 * done with them is done as that group, and not as the application. They are remembered, for each guard, by SHA-256 of
 * the verified ID token with the identity pool and the role, until 5 minutes before they end; credentials that were
 * handed out work until their `expiration`, even when the token expires before.
 *
 * Throws ConfigurationError for a wrong option, and where this very guard did not establish this very object as a
 * principal; AuthenticationError (401) where the token behind it is no ID token, or has expired since; AwsError where AWS
 * refuses, such as `NotAuthorizedException` for a caller none of whose groups has a role, and
 * `InvalidIdentityPoolConfigurationException` for a role that does not trust the identity pool.
 *
 * @example
 * ```ts
 * import { roleCredentials } from 'cognigate/credentials'
 *
 * const guard = createGuard({ userPoolId, clientId, groups, tokenUse: 'id' })
 * const principal = await guard.authenticate(request)
 * const { accessKeyId, secretAccessKey, sessionToken } = await roleCredentials(principal, { guard, identityPoolId })
 * ```
 */
export async function roleCredentials<P extends IdPrincipal<unknown>>(
  principal: P,
  options: RoleCredentialsOptions<NoInfer<P>>,
): Promise<AwsCredentials> {
  checkOptions<RoleCredentialsOptions<P>>(
    'roleCredentials',
    options,
    [
      'guard',
      'identityPoolId',
      'region',
      'role',
      'signal',
      'endpoint',
      'fips',
      'allowHttp',
      'retry',
      'fetch',
      'now',
      'sleep',
      'random',
    ],
    {
      roleArn: 'it is called "role".',
      customRoleArn: 'it is called "role".',
      credentials: 'none are needed: the token of the principal is what counts.',
      logins: 'the guard knows the token of the principal.',
    },
  )
  const { guard, identityPoolId, role, now = Date.now, signal } = options
  if (typeof guard?.tokenOf !== 'function') throw new ConfigurationError('guard: expected a guard.')
  const own = regionOfIdentityPool(identityPoolId)
  const { region = own, endpoint, fips } = options
  const login = readLogin(principal, guard, now())
  known ??= new WeakMap()
  const { issued, identities } = known.get(guard) ?? { issued: createMemory(MAX), identities: createMemory(MAX) }
  known.set(guard, { issued, identities })
  const source = [identityPoolId, region, endpoint, fips]
  const key = await sha256(JSON.stringify([...source, role, login.token]))
  const remembered = issued.get(key)
  if (remembered && remembered.until - MARGIN > now()) return toCredentials(remembered)

  const client = createLoginClient({ ...options, region }, login, signal)
  const who = JSON.stringify([...source, login.provider, login.sub])
  const identityId = identities.get(who)
  let answer = identityId ? await unlessGone(client.credentials(identityId, role)) : undefined
  if (!answer) {
    const fresh = await client.identity(identityPoolId)
    identities.set(who, fresh)
    answer = await client.credentials(fresh, role)
  }
  issued.set(key, answer)
  return toCredentials(answer)
}

/** Undefined where an identity that is remembered is no longer there. */
async function unlessGone(answer: Promise<Issued>): Promise<Issued | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isAwsError(error) && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** Credentials as they are remembered. `until` is in milliseconds since the epoch. */
export interface Issued {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly identityId: string
  readonly until: number
}

/** What an identity pool is asked for on behalf of one caller. Its calls are not signed. Throws AwsError. */
export interface LoginClient {
  /** GetId: the same identity for the same user. */
  identity(identityPoolId: string): Promise<string>
  /** GetCredentialsForIdentity */
  credentials(identityId: string, role: string | undefined): Promise<Issued>
}

export function createLoginClient(
  options: IdentityPoolCallOptions,
  { provider, token }: Login,
  signal: AbortSignal | undefined,
): LoginClient {
  const call = createIdentityPoolCall(options)
  const Logins = { [provider]: token }
  return {
    async identity(IdentityPoolId) {
      const { IdentityId } = await call('GetId', { IdentityPoolId, Logins }, { signal })
      if (typeof IdentityId === 'string' && IdentityId) return IdentityId
      throw malformed('GetId')
    },
    async credentials(IdentityId, CustomRoleArn) {
      const operation = 'GetCredentialsForIdentity'
      const input = { IdentityId, Logins, ...(CustomRoleArn !== undefined && { CustomRoleArn }) }
      const { Credentials, IdentityId: identityId = IdentityId } = await call(operation, input, { signal })
      const { AccessKeyId, SecretKey, SessionToken, Expiration } = Credentials ?? {}
      const until = Math.floor(Number(Expiration) * 1000)
      if (!AccessKeyId || !SecretKey || !SessionToken || !(until > 0)) {
        throw malformed(operation)
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretKey,
        sessionToken: SessionToken,
        identityId,
        until,
      }
    },
  }
}

/** A new object each time: what a caller does to the Date stays with that caller. */
function toCredentials({ until, ...keys }: Issued): AwsCredentials {
  return { ...keys, expiration: new Date(until) }
}

/** A map that forgets what was used least recently. It holds values only: promises are never shared between requests. */
export interface Memory<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

export function createMemory<V>(max: number): Memory<V> {
  const entries = new Map<string, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > max && oldest !== undefined) entries.delete(oldest)
    },
    delete: (key) => void entries.delete(key),
  }
}

/** What an identity pool learns of a caller. */
export interface Login {
  /** The user pool, as identity pools name it. */
  readonly provider: string
  /** The user's `sub`. */
  readonly sub: string
  /** The ID token. */
  readonly token: string
}

/** The part of a guard that knows the token behind a principal. */
export interface PrincipalGuard<P> {
  /** The raw token of a principal that this guard established; throws for any other object. */
  readonly tokenOf: (principal: P) => string
}

/**
 * The login of a principal. Throws what the guard throws for an object that it did not establish, and AuthenticationError
 * where the token is not a user's ID token or has expired at `now` (milliseconds). The token itself is asked, and not the
 * principal, whose claims an application may have mapped.
 */
export function readLogin<P extends IdPrincipal<unknown>>(principal: P, guard: PrincipalGuard<P>, now: number): Login {
  const token = guard.tokenOf(principal)
  const claims = decodeJsonObject(token.split('.')[1] ?? '')
  if (claims?.['token_use'] !== 'id') throw new AuthenticationError('TOKEN_USE_WRONG')
  if (!(Number(claims['exp']) * 1000 > now)) throw new AuthenticationError('TOKEN_EXPIRED')
  const { userPoolId } = principal
  return {
    provider: `${serviceHost('cognito-idp', regionOf(userPoolId))}/${userPoolId}`,
    sub: String(claims['sub']),
    token,
  }
}
