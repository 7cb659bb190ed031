import { ConfigurationError } from '../errors.ts'
import { chooseToken, cookiesOf } from './cookie-source.ts'
import { bearer, type TokenSource } from './token-source.ts'

/**
 * Reads the token from the cookies that Amplify's `CookieStorage` keeps for server-side rendering:
 * `CognitoIdentityServiceProvider.<client>.LastAuthUser` names the user, whose access token (or ID token, where the guard
 * asks for ID tokens) stands in `CognitoIdentityServiceProvider.<client>.<user>.accessToken`. The rules of `cookie` apply.
 */
export function amplifyCookies(): TokenSource {
  return (request, context) => {
    if (request.headers.has('authorization')) return bearer(request)
    const { clientIds, tokenUse } = context
    if (clientIds.length === 0) throw new ConfigurationError('amplifyCookies: needs a `clientId` that is not null.')
    const kind = tokenUse === 'id' ? 'idToken' : 'accessToken'
    const candidates = clientIds.flatMap((clientId) => {
      const prefix = `CognitoIdentityServiceProvider.${clientId}`
      const users = new Set(cookiesOf(request, `${prefix}.LastAuthUser`))
      return [...users].flatMap((user) => cookiesOf(request, `${prefix}.${user}.${kind}`))
    })
    return chooseToken(candidates, request, context)
  }
}
