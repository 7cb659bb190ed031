import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'

/** What one login asks of Cognito. */
export interface LoginParameters {
  /** `login` asks again whoever is signed in; `none` asks nobody, and fails where somebody would have to be asked. */
  readonly prompt?: 'login' | 'none' | 'select_account' | 'consent' | undefined
  /** A name to begin with. */
  readonly loginHint?: string | undefined
  /** The language of managed login, such as `de`. */
  readonly lang?: string | undefined
  /** Levels of authentication, any of which will do, such as `urn:cognito:loa:2`. A sign-in without one of them is refused. */
  readonly acrValues?: readonly string[] | undefined
  /** How old the sign-in may be at most, in seconds. An older one is refused. */
  readonly maxAge?: number | undefined
  /** The name of an identity provider to go to at once. */
  readonly identityProvider?: string | undefined
  /** Further parameters of the authorize request. Those of the protocol itself are refused. */
  readonly parameters?: { readonly [name: string]: string } | undefined
}

type Named = Omit<LoginParameters, 'parameters'>

/** Parameters by the names that they have in a query. */
export type LoginQuery = { readonly [name: string]: string }

/** What the parameters are called in an authorize request, and in the query of the login route. */
const queryNames: { readonly [K in keyof Required<Named>]: string } = {
  prompt: 'prompt',
  loginHint: 'login_hint',
  lang: 'lang',
  acrValues: 'acr_values',
  maxAge: 'max_age',
  identityProvider: 'identity_provider',
}

/** The parameters of an authorize request that are no one's to choose (RFC 6749, RFC 7636, OpenID Connect Core). */
const reserved = /^(client_|code_|re(direct_|sponse_|quest|source)|(scope|state|nonce)$)/i

/** Throws ConfigurationError for a parameter that belongs to the protocol, or has an option of its own. */
export function checkParameters(place: string, given: LoginParameters): void {
  checkOptions<LoginParameters>(place, given, [...(Object.keys(queryNames) as (keyof Named)[]), 'parameters'])
  const own = Object.values(queryNames)
  const taken = Object.keys(given.parameters ?? {}).find(
    (name) => reserved.test(name) || own.includes(name.toLowerCase()),
  )
  assertConfig(`${place}: parameters`, !taken, `no ${taken}, which is reserved.`)
}

/** Parameters as a query has them. */
export function toQuery(given: Named): LoginQuery {
  const members = Object.entries(queryNames) as [keyof Named, string][]
  return Object.fromEntries(
    members.map(([option, name]) => [name, [given[option]].flat().join(' ')]).filter(([, text]) => text),
  )
}

/** What the query of a request asks for; what is none of it, or too long, is left out. */
export function fromQuery(query: URLSearchParams): LoginQuery {
  return Object.fromEntries(
    Object.values(queryNames)
      .map((name) => [name, query.get(name) ?? ''] as const)
      .filter(([name, text]) => text && text.length <= 256 && (name !== 'max_age' || /^\d{1,9}$/.test(text))),
  )
}
