/**
 * Sessions of managed login, before an app that asks for a token: a browser has a cookie that no script reads, and the app gets
 * the access token of the session. This is all that it takes, in workerd.
 */
import { createGuard, defineGroups, type Principal } from 'cognigate'
import { createLogin, loginPages, meRoute } from 'cognigate/login'
import { perEnv, withGuard } from 'cognigate/workers'
import { groupDetail } from '../group-detail.ts'
import { accountHeaders, accountPage } from './account-page.ts'

export interface SessionEnv {
  /** The URL of managed login. */
  readonly DOMAIN: string
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
  /** `<origin>/auth/callback`. */
  readonly REDIRECT_URI: string
  readonly SECRETS: string
}

/** What can wait until the answer is sent. */
export interface Context {
  waitUntil(work: Promise<unknown>): void
}

const groups = defineGroups(groupDetail)

const parts = perEnv((env: SessionEnv) => {
  const pool = { userPoolId: env.COGNITO_USER_POOL_ID, clientId: env.COGNITO_CLIENT_ID }
  const login = createLogin({
    ...pool,
    domain: env.DOMAIN,
    redirectUri: env.REDIRECT_URI,
    secrets: env.SECRETS,
    pages: loginPages({ name: 'cognigate' }),
    development: true,
  })
  return { login, guard: createGuard({ ...pool, groups, tokenSource: login.session }) }
})

const account = withGuard(
  (env: SessionEnv) => parts(env).guard,
  (_request, env, _ctx, principal) => {
    const page = accountPage(principal, parts(env).guard.permissions(principal))
    return new Response(page, { headers: accountHeaders(env.DOMAIN) })
  },
)

/** Answers the routes of the login, and the page that nobody sees who is not signed in. Undefined for all others. */
export async function answerHere(request: Request, env: SessionEnv, ctx: Context): Promise<Response | undefined> {
  const { login, guard } = parts(env)
  if (new URL(request.url).pathname === '/account') return account(request, env, ctx)
  return login.handle(request, { me: meRoute(guard), waitUntil: (work) => ctx.waitUntil(work) })
}

/** Gives `next` the request with the token of its session, and adds a renewed session to the answer. */
export async function withSession(
  request: Request,
  env: SessionEnv,
  next: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { guard } = parts(env)
  if (request.headers.has('authorization')) return next(request)
  let principal: Principal
  try {
    principal = await guard.authenticate(request)
  } catch (error) {
    const isAnonymous = error instanceof Error && 'code' in error && error.code === 'TOKEN_MISSING'
    const answer = isAnonymous ? await next(request) : guard.toResponse(error, request)
    return guard.adapter.commit(request, answer)
  }
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${guard.tokenOf(principal)}`)
  headers.delete('cookie')
  return guard.adapter.commit(request, await next(new Request(request, { headers })))
}
