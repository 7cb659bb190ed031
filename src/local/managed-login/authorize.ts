import { getTokenLife } from '../cognito-idp/clients.ts'
import { describeLevel, levelNames, levelOf } from '../cognito-idp/step-up.ts'
import { callPostAuthentication, issueTokens } from '../cognito-idp/tokens.ts'
import { startSession } from '../cognito-idp/user-sessions.ts'
import type { JsonObject } from '../json.ts'
import { type Context, type Handler, ServiceError } from '../operation.ts'
import { putEnding, removeEnding } from '../sorted-pairs.ts'
import type { AuthenticationLevel, ClientState, LoginSessionState, PoolState, UserState } from '../state/index.ts'
import { answerAddress, type AuthorizationRequest, describeError, readAuthorization } from './authorization-request.ts'
import { linkTo, redirect, respond, sessionCookie, toVisit, type Visit, writeCookie } from './visit.ts'

/** How long a code can be redeemed, in milliseconds. */
const codeLife = 300_000
/** For how long managed login signs a user in silently at a client that has set nothing, in minutes. */
const defaultReuse = 60

/** The authorization endpoint: straight back to the client where the user is known, else by the page or a provider. */
export const authorize: Handler = (state, input, context) => {
  const visit = toVisit(state, input)
  const request = readAuthorization(visit)
  if (request instanceof Response) return respond(visit, () => request)
  const known = findLogin(visit, request, context)
  if (known !== undefined) return toClient(visit, request, known, context)
  if (request.prompt.includes('none')) {
    return respond(visit, () => redirect(answerAddress(request, describeError('login_required'))))
  }
  const { provider } = request
  const isOther = provider !== undefined && provider !== 'COGNITO' && visit.pool.providers[provider] !== undefined
  return respond(visit, () => redirect(linkTo(visit, isOther ? '/provider' : '/login', visit.query)))
}

/** Whom a browser is known as, and how that came. */
interface Login {
  readonly user: UserState
  readonly session: LoginSessionState
  readonly level: AuthenticationLevel | undefined
}

/** The session of managed login that the request can do with; undefined where the user has to sign in. */
function findLogin(
  { pool, loginSession }: Visit,
  { client, prompt, maxAge, acrValues }: AuthorizationRequest,
  { now }: Context,
): Login | undefined {
  const session = pool.loginSessions[loginSession ?? '']
  const user = session && pool.users[session.username]
  if (session === undefined || !user?.enabled || session.until <= now) return undefined
  if (session.trackedId !== undefined && pool.userSessions[session.trackedId] === undefined) return undefined
  const age = Math.floor(now / 1000) - session.authTime
  if (prompt.includes('login') || prompt.includes('select_account')) return undefined
  if (age >= reuseLife(client) || (maxAge !== undefined && age > maxAge)) return undefined
  if (acrValues === undefined) return { user, session, level: undefined }
  const wanted = acrValues.split(' ').flatMap((value) => {
    const at = levelNames(pool).indexOf(value)
    return at < 0 ? [] : [at + 1]
  })
  const [first] = wanted
  if (first === undefined || levelOf(session.factors) < first) return undefined
  return { user, session, level: describeLevel(pool, session.factors) }
}

/** In seconds. */
function reuseLife({ sessionReuse = defaultReuse }: ClientState): number {
  return sessionReuse * 60
}

/** A user who has just signed in on a page. */
export interface SignedInHere {
  readonly user: UserState
  readonly factors: readonly string[]
  readonly level: AuthenticationLevel | undefined
}

/**
 * Back to the client, with a session of managed login. `onRefusal` answers where a trigger refuses the sign-in: then nothing of
 * it is left.
 */
export function signInHere(
  visit: Visit,
  request: AuthorizationRequest,
  { user, factors, level }: SignedInHere,
  context: Context,
  onRefusal: (error: ServiceError) => Promise<Response>,
): JsonObject {
  const { pool } = visit
  const { client } = request
  const { now, random } = context
  if (visit.loginSession !== undefined) removeEnding(pool.loginSessions, visit.loginSession)
  const until = now + reuseLife(client) * 1000
  const { username } = user
  const tracked = startSession(pool, { username, clientId: client.clientId, until }, context)
  const id = random.opaque(48)
  const session = { username, authTime: Math.floor(now / 1000), factors, trackedId: tracked?.id, until }
  putEnding(pool.loginSessions, id, session, now)
  const cookies = [writeCookie(visit, sessionCookie, id)]
  const { location, undo } = grant(visit, request, { user, session, level }, context)
  return respond(visit, async (keys) => {
    try {
      await callPostAuthentication(pool, user, client, undefined, undefined, context)
      return redirect(await location(keys), cookies)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      removeEnding(pool.loginSessions, id)
      if (tracked !== undefined) removeEnding(pool.userSessions, tracked.id)
      undo()
      return onRefusal(error)
    }
  })
}

function toClient(visit: Visit, request: AuthorizationRequest, login: Login, context: Context): JsonObject {
  const { location } = grant(visit, request, login, context)
  return respond(visit, async (keys) => {
    try {
      return redirect(await location(keys))
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      return redirect(answerAddress(request, describeError('invalid_request', error.message)))
    }
  })
}

type Location = Parameters<typeof respond>[1] extends (keys: infer K) => unknown ? (keys: K) => Promise<string> : never

/** The client's address with a code, or with tokens. */
function grant(
  { pool }: Visit,
  request: AuthorizationRequest,
  { user, session, level }: Login,
  context: Context,
): { readonly location: Location; readonly undo: () => void } {
  const { client, redirectUri, scope, codeChallenge, resource: audience } = request
  const { now, random } = context
  const { username } = user
  const { authTime, factors, trackedId: originSessionId } = session
  // A provider's ID tokens have a nonce, whether or not the client has asked for one.
  const nonce = request.nonce ?? (user.status === 'EXTERNAL_PROVIDER' ? random.opaque(32) : undefined)
  if (request.responseType === 'code') {
    const code = random.uuid()
    const about = { username, clientId: client.clientId, redirectUri, scope, codeChallenge, nonce, audience }
    const entry = { ...about, authTime, factors, level, originSessionId, until: now + codeLife }
    putEnding(pool.authorizationCodes, code, entry, now)
    return {
      location: async () => answerAddress(request, { code }),
      undo: () => removeEnding(pool.authorizationCodes, code),
    }
  }
  const options = { source: 'HostedAuth', isAuthenticated: true, withHash: true } as const
  const about = { scope, nonce, authTime, factors, level, audience, originSessionId }
  const { accessToken, idToken } = issueTokens(pool, user, client, context, { ...options, ...about })
  return {
    async location(keys) {
      const id: Readonly<Record<string, string>> = isOpenId(scope) ? { id_token: String(await idToken.make(keys)) } : {}
      const expires = String(getTokenLife(client, 'AccessToken'))
      const access = { access_token: String(await accessToken.make(keys)), token_type: 'Bearer', expires_in: expires }
      return answerAddress(request, { ...id, ...access })
    },
    undo: () => {},
  }
}

/** Whether there is an ID token. */
export function isOpenId(scope: string): boolean {
  return scope.split(' ').includes('openid')
}

/** Ends the session of managed login that a cookie names. */
export function endLogin(pool: PoolState, id: string | undefined): void {
  const session = pool.loginSessions[id ?? '']
  if (id === undefined || session === undefined) return
  removeEnding(pool.loginSessions, id)
  if (session.trackedId !== undefined) removeEnding(pool.userSessions, session.trackedId)
}
