import { listSetting } from '../cognito-idp/clients.ts'
import type { Handler } from '../operation.ts'
import { endLogin } from './authorize.ts'
import {
  findVisited,
  linkTo,
  redirect,
  respond,
  sessionCookie,
  toErrorPage,
  toVisit,
  type Visit,
  writeCookie,
} from './visit.ts'

/**
 * Ends the browser's session of managed login, and goes to the client's sign-out address, or back to the page for another user.
 * Tokens stay as they are, and so does a session at a provider.
 */
export const logout: Handler = (state, input) => {
  const visit = toVisit(state, input)
  const to = findNext(visit)
  if (to === undefined) {
    return respond(visit, () => toErrorPage(visit, "Required String parameter 'redirect_uri' is not present"))
  }
  endLogin(visit.pool, visit.loginSession)
  return respond(visit, () => redirect(to, [writeCookie(visit, sessionCookie, undefined)]))
}

/** An address counts only as it is registered, character by character. Nothing is added to it. */
function findNext(visit: Visit): string | undefined {
  const { query, repeated } = visit
  const client = findVisited(visit)
  if (client === undefined || repeated.length > 0) return undefined
  const { logout_uri: logoutUri, redirect_uri: redirectUri, response_type: responseType } = query
  if (logoutUri !== undefined && listSetting(client, 'LogoutURLs').includes(logoutUri)) return logoutUri
  const isBack = redirectUri !== undefined && listSetting(client, 'CallbackURLs').includes(redirectUri)
  return isBack && responseType !== undefined ? linkTo(visit, '/login', query) : undefined
}
