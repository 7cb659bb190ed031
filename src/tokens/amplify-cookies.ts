import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { type CookieOptions, chooseToken, cookiesOf, decodeValue, varyByCookie } from './cookie-source.ts'
import { checkOrigins } from './cross-site.ts'
import { bearer, type TokenSource } from './token-source.ts'

/** How many `LastAuthUser` cookies of one client are looked at. */
const MAX_USERS = 4

const PREFIX = 'CognitoIdentityServiceProvider.'

/**
 * Reads the token from the cookies that Amplify's `CookieStorage` keeps for server-side rendering:
 * `CognitoIdentityServiceProvider.<client>.LastAuthUser` names the user, whose access token (or ID token, where the guard
 * asks for ID tokens) stands in `CognitoIdentityServiceProvider.<client>.<user>.accessToken`. The rules of `cookie` apply.
 * The user's part of a name is percent-decoded, since Amplify encodes it, and nothing else of it.
 */
export function amplifyCookies(options: CookieOptions = {}): TokenSource {
  checkOptions<CookieOptions>('amplifyCookies', options, ['allowedOrigins'])
  const origins = checkOrigins('amplifyCookies', options.allowedOrigins)
  return (request, context) => {
    context.onAnswer(varyByCookie)
    if (request.headers.has('authorization')) return bearer(request)
    const { clientIds, tokenUse } = context
    if (clientIds.length === 0) throw new ConfigurationError('amplifyCookies: needs a `clientId` that is not null.')
    const kind = tokenUse === 'id' ? 'idToken' : 'accessToken'
    const users = new Map<string, Set<string>>()
    const tokens = new Map<string, string[]>()
    for (const [name, text] of cookiesOf(request)) {
      if (!name.startsWith(PREFIX)) continue
      const afterClient = name.indexOf('.', PREFIX.length)
      const beforeKind = name.lastIndexOf('.')
      const clientId = name.slice(PREFIX.length, afterClient)
      const ending = name.slice(beforeKind + 1)
      if (afterClient === beforeKind && ending === 'LastAuthUser') {
        const user = decodeUser(text)
        const found = of(users, clientId, () => new Set<string>())
        if (user && found.size < MAX_USERS) found.add(user)
      } else if (afterClient < beforeKind && ending === kind) {
        const user = decodeUser(name.slice(afterClient + 1, beforeKind))
        const value = decodeValue(text)
        if (user && value) of(tokens, `${clientId}.${user}`, () => []).push(value)
      }
    }
    const candidates = clientIds.flatMap((clientId) =>
      [...(users.get(clientId) ?? [])].flatMap((user) => tokens.get(`${clientId}.${user}`) ?? []),
    )
    return chooseToken(candidates, request, context, origins)
  }
}

/** Undoes the percent-encoding of a user name; undefined where it is none. */
function decodeUser(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function of<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}
