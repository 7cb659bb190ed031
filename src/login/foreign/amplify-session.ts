import { assertConfig } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { cookiesOf, decodeValue } from '../../token-sources/index.ts'
import type { ForeignSession, ForeignTokens } from './foreign-session.ts'

/** What is needed of a client of `cognigate/sign-in`. */
export interface Refresher {
  refresh(tokens: ForeignTokens): Promise<ForeignTokens>
}

export interface ForeignCookieOptions {
  /** The `Domain` that the cookies were set with, such as `example.com`: they cannot be removed without it. Default: none. */
  readonly domain?: string | undefined
}

export interface AmplifySessionOptions extends ForeignCookieOptions {
  /** What `createSignIn` returned: refresh tokens of pools that remember devices are renewed with the key of the device. */
  readonly signIn: Refresher
}

export interface CognitoAtEdgeSessionOptions extends ForeignCookieOptions {
  /** As for `amplifySession`. Default: sessions are renewed at the token endpoint. */
  readonly signIn?: Refresher | undefined
}

/**
 * Takes over the sessions that Amplify keeps in cookies (`CookieStorage`, or its server-side rendering). They are renewed by
 * GetTokensFromRefreshToken, with the device's key where there is one, and never at the token endpoint.
 *
 * @example
 * ```ts
 * import { amplifySession, takeOver } from 'cognigate/login'
 * import { createSignIn } from 'cognigate/sign-in'
 *
 * const signIn = createSignIn({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij' })
 * const foreign = takeOver([amplifySession({ signIn })])
 * ```
 */
export function amplifySession(options: AmplifySessionOptions): ForeignSession {
  checkOptions<AmplifySessionOptions>('amplifySession', options, ['signIn', 'domain'])
  assertConfig('amplifySession: signIn', typeof options.signIn?.refresh === 'function', 'what createSignIn returned.')
  return reader('amplify', options)
}

/**
 * Takes over the sessions of cognito-at-edge, and of cloudfront-authorization-at-edge in its Amplify mode, whose cookies have the
 * same names.
 *
 * @example
 * ```ts
 * import { cognitoAtEdgeSession, takeOver } from 'cognigate/login'
 *
 * const foreign = takeOver([cognitoAtEdgeSession({ domain: 'example.com' })])
 * ```
 */
export function cognitoAtEdgeSession(options: CognitoAtEdgeSessionOptions = {}): ForeignSession {
  checkOptions<CognitoAtEdgeSessionOptions>('cognitoAtEdgeSession', options, ['signIn', 'domain'])
  return reader('cognito-at-edge', options)
}

const kinds = ['accessToken', 'idToken', 'refreshToken', 'deviceKey'] as const
type Kind = (typeof kinds)[number]

function reader(name: string, { signIn, domain }: CognitoAtEdgeSessionOptions): ForeignSession {
  const removal = `=; Path=/; Max-Age=0; Secure`
  return {
    name,
    ...(signIn && { renew: (tokens: ForeignTokens) => signIn.refresh(tokens) }),
    read(request, clientId) {
      const prefix = `CognitoIdentityServiceProvider.${clientId}.`
      const users = new Map<string, Partial<Record<Kind, string>>>()
      const names = new Set<string>()
      let last: string | undefined
      for (const [cookie, text] of cookiesOf(request)) {
        if (!cookie.startsWith(prefix)) continue
        names.add(cookie)
        const rest = cookie.slice(prefix.length)
        const dot = rest.lastIndexOf('.')
        const kind = kinds.find((known) => known === rest.slice(dot + 1))
        if (rest === 'LastAuthUser') last ??= decodeName(text)
        // Both spellings of a name are one: js-cookie leaves `+` and encodes `@`.
        const user = kind && decodeName(rest.slice(0, dot))
        const value = decodeValue(text)
        if (user && value) users.set(user, { [kind]: value, ...users.get(user) })
      }
      const { accessToken, idToken, refreshToken, deviceKey } = users.get(last ?? '') ?? {}
      if (!accessToken) return undefined
      const domains = domain ? ['', `; Domain=${domain}`] : ['']
      const remove = [...names].flatMap((cookie) => domains.map((attribute) => cookie + removal + attribute))
      return { tokens: { accessToken, idToken, refreshToken, deviceKey }, remove }
    },
  }
}

function decodeName(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
