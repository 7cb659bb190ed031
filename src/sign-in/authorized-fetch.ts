import { ConfigurationError, assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { isLoopback } from '../internal/urls.ts'
import { SignInError } from './error.ts'
import type { Session, SessionOptions, StartingTokens } from './session.ts'
import type { SignIn } from './sign-in.ts'
import type { OpenStep, SignInStep } from './step.ts'

/** Who calls, and where the token may go. */
export interface AuthorizedFetchOptions {
  readonly username: string
  readonly password: string
  /** Where the token may be sent: `https://api.example.com`. `http:` for this machine only. */
  readonly origins: readonly string[]
  /** Default `authorization`. */
  readonly header?: string | undefined
  /** What stands before the token, and a space. Default `Bearer`; empty for none. */
  readonly prefix?: string | undefined
  /** Default `access`. */
  readonly token?: 'access' | 'id' | undefined
  /** Answers a challenge, up to 20 times. Default: a challenge is a SignInError of code CHALLENGE_UNANSWERED. */
  readonly onChallenge?: ((step: OpenStep, signIn: SignIn) => Promise<SignInStep>) | undefined
  /** Tokens of an earlier sign-in. Default: none, so that the first use signs in. */
  readonly tokens?: StartingTokens | undefined
  readonly session?: SessionOptions | undefined
  /** Replaces the platform's `fetch` for the calls that are authorized. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
}

/** Like `fetch`. */
export type AuthorizedFetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>

/** How many challenges `onChallenge` answers in one sign-in. More are a circle. */
const MOST_CHALLENGES = 20

/**
 * A `fetch` that signs in when it is first used and adds the token to each request. Tokens are renewed before they end and
 * once after a 401; when the refresh token is dead, it signs in again. Redirects come back as they are: following one would
 * carry the token on. Make one for a machine user of yours, not one for many users.
 *
 * @example
 * ```ts
 * const signIn = createSignIn({ userPoolId, clientId })
 * const authorized = authorizedFetch(signIn, { username, password, origins: ['https://api.example.com'] })
 * const response = await authorized('https://api.example.com/posts')
 * ```
 *
 * @throws ConfigurationError for an origin that is none, and for a request that goes elsewhere
 */
export function authorizedFetch(signIn: SignIn, options: AuthorizedFetchOptions): AuthorizedFetch {
  checkOptions<AuthorizedFetchOptions>('authorizedFetch', options, [
    ...(['username', 'password', 'origins', 'header', 'prefix', 'token', 'onChallenge', 'tokens', 'session'] as const),
    'fetch',
  ])
  const { username, password, header = 'authorization', prefix = 'Bearer', token = 'access', onChallenge } = options
  assertConfig('authorizedFetch: token', token === 'access' || token === 'id', '"access" or "id".')
  assertConfig(
    'authorizedFetch: origins',
    Array.isArray(options.origins) && options.origins.length > 0,
    'a list of origins.',
  )
  const origins = new Set(options.origins.map(checkOrigin))
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  let session: Session | undefined = options.tokens && signIn.session(options.tokens, options.session)
  let signingIn: Promise<Session> | undefined

  const start = async () => {
    let step = await signIn.withPassword(username, password)
    for (let count = 0; step?.status !== 'signed-in'; count++) {
      if (!onChallenge || !step || count === MOST_CHALLENGES) throw new SignInError('CHALLENGE_UNANSWERED')
      step = await onChallenge(step, signIn)
    }
    await options.session?.store?.set(step.tokens)
    session = signIn.session(step.tokens, options.session)
    return session
  }
  const signInOnce = () => {
    signingIn ??= start().finally(() => {
      signingIn = undefined
    })
    return signingIn
  }
  /** A token; after a 401 another one than `refused`. */
  const tokenOf = async (refused?: string): Promise<string> => {
    const used = session ?? (await signInOnce())
    try {
      const tokens = await used.tokens()
      return pick(refused && read(tokens) === refused ? await used.renew() : tokens)
    } catch (error) {
      if (!(error instanceof SignInError && error.code === 'SESSION_ENDED')) throw error
      if (session === used) session = undefined
      return pick(await (session ?? (await signInOnce())).tokens())
    }
  }
  type Pair = { readonly accessToken: string; readonly idToken: string | undefined }
  const read = ({ accessToken, idToken }: Pair) => (token === 'access' ? accessToken : idToken)
  const pick = (tokens: Pair) => {
    const value = read(tokens)
    if (!value) throw new SignInError('ANSWER_MALFORMED')
    return value
  }

  return async (input, init) => {
    const request = new Request(input, { ...init, redirect: init?.redirect === 'error' ? 'error' : 'manual' })
    if (!origins.has(new URL(request.url).origin)) {
      throw new ConfigurationError('authorizedFetch: expected a URL of one of "origins"; use fetch for others.')
    }
    const send = (value: string) => {
      const copy = request.clone()
      copy.headers.set(header, prefix ? `${prefix} ${value}` : value)
      return fetch(copy)
    }
    const value = await tokenOf()
    const response = await send(value)
    if (response.status !== 401) return response
    const next = await tokenOf(value)
    await response.body?.cancel()
    return send(next)
  }
}

function checkOrigin(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isOrigin = url !== undefined && url.origin === given.replace(/\/$/, '').toLowerCase()
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(given))
  assertConfig(
    'authorizedFetch: origins',
    isOrigin && isSafe,
    'origins such as https://api.example.com; http is for this machine.',
  )
  return url?.origin ?? ''
}
