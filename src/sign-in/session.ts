import { isAwsError } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { checkCall, type Client, limitsOf, type SignInCallOptions } from './client.ts'
import { decodeTokens } from './decode-step.ts'
import { SignInError } from './error.ts'
import { claimsIn, usernameIn } from './flow.ts'
import type { Tokens } from './step.ts'

/** Tokens to begin with: those of a sign-in, or what was kept of them. */
export interface StartingTokens extends Partial<Omit<Tokens, 'accessToken'>> {
  readonly accessToken: string
}

/** How tokens are renewed. */
export interface RefreshOptions extends Pick<SignInCallOptions, 'attempts' | 'timeout' | 'signal' | 'clientMetadata'> {
  /**
   * The operation: GetTokensFromRefreshToken, which works with and without rotation, or InitiateAuth with the flow
   * REFRESH_TOKEN_AUTH, which app clients with rotation refuse. Default `GetTokensFromRefreshToken`.
   */
  readonly by?: 'GetTokensFromRefreshToken' | 'REFRESH_TOKEN_AUTH' | undefined
}

/** Where a session keeps its tokens. */
export interface TokenStore {
  /**
   * Called with renewed tokens, and awaited, before anyone gets them: a rotated refresh token must not be lost. What it throws
   * reaches whoever asked for tokens; the next one who asks has it called again with the same tokens.
   */
  set(tokens: Tokens): void | Promise<void>
  /** Called once, when the session has ended for good. */
  clear(): void | Promise<void>
}

/** How a session behaves. */
export interface SessionOptions extends RefreshOptions {
  readonly store?: TokenStore | undefined
  /** Tokens are renewed this many seconds before they expire. Default 60. */
  readonly margin?: number | undefined
}

/** Tokens that renew themselves. Make one for each user and request: it shares one renewal among its callers. */
export interface Session {
  /** Tokens that are good for some time, renewed where need be. Throws SignInError of code SESSION_ENDED, or AwsError. */
  tokens(): Promise<Tokens>
  /** Renews now, for instance after a 401. */
  renew(): Promise<Tokens>
  /** Clears the store and revokes the refresh token. Where one of the two failed, call it again. */
  signOut(): Promise<void>
}

export function createSession(client: Client, given: StartingTokens, options: SessionOptions): Session {
  checkOptions<SessionOptions>('session', options, [
    ...(['store', 'margin', 'by', 'attempts', 'timeout', 'signal', 'clientMetadata'] as const),
  ])
  const { store, margin = 60, ...refreshOptions } = options
  assertConfig('session: margin', margin >= 0, 'seconds.')
  let current: Tokens | undefined = complete(given, client.now())
  let renewal: Promise<Tokens> | undefined
  const left = () => (current?.expiresAt ?? 0) - client.now() / 1000

  /** Renewed tokens that the store has not taken yet. They may hold the only refresh token that is still good. */
  let unsaved: Tokens | undefined
  /** The refresh token that signing out has to revoke. */
  let leaving: string | undefined
  let isCleared = false

  const end = async () => {
    current = unsaved = undefined
    if (!isCleared) await store?.clear()
    isCleared = true
  }
  const save = async (tokens: Tokens) => {
    unsaved = tokens
    await store?.set(tokens)
    current = tokens
    unsaved = undefined
    return tokens
  }
  const work = async (): Promise<Tokens> => {
    if (unsaved) {
      const saved = await save(unsaved)
      if (left() > margin) return saved
    }
    if (!current?.refreshToken) {
      await end()
      throw new SignInError('SESSION_ENDED')
    }
    let tokens: Tokens
    try {
      tokens = await refresh(client, current, refreshOptions)
    } catch (error) {
      if (!isDead(error)) throw error
      await end()
      throw new SignInError('SESSION_ENDED', { cause: error })
    }
    return save(tokens)
  }
  const renew = () => {
    renewal ??= work().finally(() => {
      renewal = undefined
    })
    return renewal
  }
  return {
    renew,
    async tokens() {
      if (current && left() > margin) return current
      try {
        return await renew()
      } catch (error) {
        // Tokens that are still good serve while AWS does not answer.
        if (current && left() > 0 && isAwsError(error)) return current
        throw error
      }
    },
    async signOut() {
      await renewal?.catch(() => {})
      leaving ??= (unsaved ?? current)?.refreshToken
      try {
        await end()
      } finally {
        if (leaving) await revoke(client, leaving, limitsOf(refreshOptions))
        leaving = undefined
      }
    },
  }
}

/** Renews tokens once. Where no refresh token comes back, the old one stays. Throws AwsError, and SignInError. */
export async function refresh(client: Client, tokens: StartingTokens, options: RefreshOptions): Promise<Tokens> {
  checkOptions<RefreshOptions>('refresh', options, ['by', 'attempts', 'timeout', 'signal', 'clientMetadata'])
  const { refreshToken, accessToken, deviceKey } = tokens ?? {}
  assertConfig('refresh: refreshToken', refreshToken, 'tokens with a refresh token.')
  const { call, clientId, clientSecret } = client
  const { clientMetadata: ClientMetadata, by = 'GetTokensFromRefreshToken' } = options
  const limits = limitsOf(options)
  let answer: { readonly AuthenticationResult?: unknown }
  if (by === 'REFRESH_TOKEN_AUTH') {
    // The secret hash is over the user's own name, whatever alias was typed.
    const username = usernameIn(accessToken)
    assertConfig(
      'refresh: accessToken',
      username !== undefined || !clientSecret,
      'the access token, for the user name in it.',
    )
    const SECRET_HASH = await client.secretHash(username ?? '')
    const AuthParameters = {
      REFRESH_TOKEN: refreshToken,
      ...(deviceKey && { DEVICE_KEY: deviceKey }),
      ...(SECRET_HASH && { SECRET_HASH }),
    }
    answer = await call('InitiateAuth', { AuthFlow: by, ClientId: clientId, AuthParameters, ClientMetadata }, limits)
  } else {
    assertConfig(
      'refresh: by',
      by === 'GetTokensFromRefreshToken',
      '"GetTokensFromRefreshToken" or "REFRESH_TOKEN_AUTH".',
    )
    const input = { RefreshToken: refreshToken, ClientId: clientId, ClientSecret: clientSecret, DeviceKey: deviceKey }
    answer = await call('GetTokensFromRefreshToken', { ...input, ClientMetadata }, limits)
  }
  const renewed = decodeTokens(answer.AuthenticationResult, client.now())
  if (!renewed) throw new SignInError('ANSWER_MALFORMED')
  return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken, deviceKey: renewed.deviceKey ?? deviceKey }
}

/** Ends a refresh token and the access tokens made with it (RevokeToken), which takes the secret as it is. */
export async function revoke(client: Client, refreshToken: string, options: SignInCallOptions): Promise<void> {
  checkCall('revoke', options)
  const { call, clientId: ClientId, clientSecret: ClientSecret } = client
  await call('RevokeToken', { Token: refreshToken, ClientId, ClientSecret }, limitsOf(options))
}

/** Whether no renewal can succeed any more. */
function isDead(error: unknown): boolean {
  return isAwsError(error) && /^(NotAuthorized|RefreshTokenReuse|UserNotFound)Exception$/.test(error.code)
}

/** What is not known of kept tokens is read from the access token. */
function complete(given: StartingTokens, now: number): Tokens {
  const { accessToken, idToken, refreshToken, expiresIn, expiresAt, deviceKey } = given ?? {}
  assertConfig('session', typeof accessToken === 'string', 'tokens, with "accessToken".')
  const { exp, iat } = claimsIn(accessToken)
  const end = Number(exp) || 0
  const life = expiresIn ?? Math.max(0, end - (Number(iat) || end))
  return {
    accessToken,
    idToken,
    refreshToken,
    deviceKey,
    expiresIn: life,
    // A clock that is behind the issuer's by this much would take tokens that were issued just now for older ones.
    expiresAt: expiresAt ?? Math.min(end, Math.floor(now / 1000) + life),
  }
}
