/**
 * Signing in on Cloudflare Workers, over JSON and as a small page: a password by SRP with a second factor, sign-up and forgotten
 * passwords. Between two requests the step stands in a sealed cookie, bound to the browser; the access token stands in one that
 * no script reads. Deploy it with `wrangler deploy -c examples/sign-in/wrangler.toml`, after
 * `openssl rand -base64 32 | wrangler secret put STEP_SECRET`. Let the app client hide who exists
 * (`PreventUserExistenceErrors: ENABLED`).
 */
import { cookie, createGuard, defineGroups } from 'cognigate'
import {
  createAccount,
  createMfa,
  createSignIn,
  isAwsError,
  openStep,
  type OpenStep,
  SignInError,
  type SignInStep,
  sealStep,
} from 'cognigate/sign-in'
import { perEnv } from 'cognigate/workers'
import { page } from './page.ts'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
  /** Where an emulator is. */
  readonly COGNITO_ENDPOINT?: string
  /** 32 random bytes in base64: `wrangler secret put STEP_SECRET`. */
  readonly STEP_SECRET: string
}

const groups = defineGroups({ editor: { allow: ['posts.write'] } })

const partsOf = perEnv((env: Env) => {
  const { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, COGNITO_ENDPOINT: endpoint } = env
  const signIn = createSignIn({ userPoolId, clientId, ...(endpoint && { endpoint }) })
  const keys = endpoint && { jwksUrl: `${endpoint.replace(/\/$/, '')}/${userPoolId}/.well-known/jwks.json` }
  const guard = createGuard({ userPoolId, clientId, groups, tokenSource: cookie('__Host-access'), ...keys })
  return { signIn, account: createAccount(signIn), mfa: createMfa(signIn), guard, secret: env.STEP_SECRET }
})

type Parts = ReturnType<typeof partsOf>
type Texts = Readonly<Record<string, string>>

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    const parts = partsOf(env)
    if (request.method === 'GET' && pathname === '/') return page()
    if (request.method === 'GET' && pathname === '/me') return showUser(parts, request)
    const action = request.method === 'POST' && Object.hasOwn(actions, pathname) ? actions[pathname] : undefined
    if (!action) return problem(404, 'NOT_FOUND')
    if (!isOwn(request)) return problem(403, 'CROSS_SITE_REQUEST')
    const body = await readTexts(request)
    if (!body) return problem(400, 'BODY_INVALID')
    try {
      return await action(parts, body, request)
    } catch (error) {
      return refuse(error, pathname.endsWith('/confirm') ? 'CODE_WRONG' : 'SIGN_IN_REFUSED')
    }
  },
}

type Action = (parts: Parts, body: Texts, request: Request) => Promise<Response>

const actions: Readonly<Record<string, Action>> = {
  async '/sign-in'(parts, { username = '', password = '' }) {
    return show(parts, await parts.signIn.withPassword(username, password), newBrowser())
  },
  async '/respond'(parts, body, request) {
    const browser = cookieOf(request, '__Host-browser')
    const step = await openStep(cookieOf(request, '__Host-step'), parts.secret, { browser })
    return show(parts, await answer(parts, step, body), browser)
  },
  async '/sign-up'({ account }, { username = '', password = '', email = '' }) {
    await hideUsers(account.signUp(username, password, { attributes: { email } }))
    return reply({ status: 'code-sent' })
  },
  async '/confirm'({ account }, { username = '', code = '' }) {
    await account.confirmSignUp(username, code)
    return reply({ status: 'confirmed' })
  },
  async '/resend'({ account }, { username = '' }) {
    await hideUsers(account.resendCode(username))
    return reply({ status: 'code-sent' })
  },
  async '/forgot'({ account }, { username = '' }) {
    await hideUsers(account.forgotPassword(username))
    return reply({ status: 'code-sent' })
  },
  async '/forgot/confirm'({ account }, { username = '', code = '', password = '' }) {
    await account.confirmForgotPassword(username, code, password)
    return reply({ status: 'password-set' })
  },
  async '/sign-out'() {
    return reply({ status: 'signed-out' }, [drop('__Host-access'), drop('__Host-step'), drop('__Host-browser')])
  },
}

/** Answers what the page can ask for. */
async function answer(
  { signIn }: Parts,
  step: OpenStep,
  { code = '', password = '', choice = '' }: Texts,
): Promise<SignInStep> {
  if (step.status === 'challenge') {
    switch (step.challenge) {
      case 'SOFTWARE_TOKEN_MFA':
      case 'SMS_MFA':
      case 'EMAIL_OTP':
      case 'SMS_OTP':
      case 'MFA_SETUP':
        return signIn.respond(step, { code })
      case 'NEW_PASSWORD_REQUIRED':
        return signIn.respond(step, { password })
      case 'SELECT_MFA_TYPE':
        return signIn.respond(step, { choice })
    }
  }
  throw new SignInError('CHALLENGE_UNANSWERED')
}

/** The tokens or the sealed step go into cookies that no script reads; the page learns what to ask for. */
async function show({ mfa, secret }: Parts, step: SignInStep, browser: string): Promise<Response> {
  if (step.status === 'signed-in') {
    const { accessToken, expiresIn } = step.tokens
    return reply({ status: 'signed-in' }, [keep('__Host-access', accessToken, expiresIn), drop('__Host-step')])
  }
  let next: OpenStep = step
  let uri: string | undefined
  if (step.status === 'challenge' && step.challenge === 'MFA_SETUP') {
    const setUp = await mfa.setUp(step, { issuer: 'cognigate example', account: step.username })
    next = setUp.step
    uri = setUp.uri
  }
  const sealed = await sealStep(next, secret, { browser })
  const cookies = [keep('__Host-step', sealed, 900), keep('__Host-browser', browser, 900)]
  const choices = 'choices' in next ? next.choices : undefined
  return reply({ status: 'challenge', challenge: next.challenge, choices, uri }, cookies)
}

async function showUser({ guard }: Parts, request: Request): Promise<Response> {
  try {
    const principal = await guard.authenticate(request)
    return reply({
      username: principal.kind === 'user' ? principal.username : null,
      permissions: guard.permissions(principal),
    })
  } catch (error) {
    return guard.toResponse(error, request)
  }
}

/** One answer for unknown users, wrong passwords and disabled users. Words of AWS do not leave the Worker. */
function refuse(error: unknown, otherwise: string): Response {
  if (error instanceof SignInError) return problem(401, error.code)
  if (!isAwsError(error)) return problem(400, 'BODY_INVALID')
  switch (error.code) {
    case 'CodeMismatchException':
    case 'ExpiredCodeException':
    case 'EnableSoftwareTokenMFAException':
      return problem(401, 'CODE_WRONG')
    case 'InvalidPasswordException':
      return problem(400, 'PASSWORD_TOO_WEAK')
    case 'NetworkError':
    case 'DeadlineExceeded':
    case 'TooManyRequestsException':
    case 'InternalErrorException':
      return problem(503, 'UNAVAILABLE')
    case 'LimitExceededException':
      return problem(429, 'TOO_MANY_ATTEMPTS')
    default:
      return problem(401, otherwise)
  }
}

/** What goes wrong because of who exists, or does not, is not told. */
async function hideUsers(work: Promise<unknown>): Promise<void> {
  const telling = [
    'UserNotFoundException',
    'UsernameExistsException',
    'NotAuthorizedException',
    'InvalidParameterException',
  ]
  await work.catch((error) => {
    if (!isAwsError(error) || !telling.includes(error.code)) throw error
  })
}

/** Whether a request comes from the page itself. */
function isOwn(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  return site === 'same-origin' || request.headers.get('origin') === new URL(request.url).origin
}

async function readTexts(request: Request): Promise<Texts | undefined> {
  if (!request.headers.get('content-type')?.startsWith('application/json')) return undefined
  const body: unknown = await request.json().catch(() => undefined)
  const isTexts =
    typeof body === 'object' && body !== null && Object.values(body).every((value) => typeof value === 'string')
  return isTexts ? (body as Texts) : undefined
}

function cookieOf(request: Request, name: string): string {
  const found = (request.headers.get('cookie') ?? '').split('; ').find((part) => part.startsWith(`${name}=`))
  return found?.slice(name.length + 1) ?? ''
}

function newBrowser(): string {
  return crypto.randomUUID()
}

function keep(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`
}

function drop(name: string): string {
  return keep(name, '', 0)
}

function reply(body: object, cookies: readonly string[] = []): Response {
  const response = Response.json(body, { headers: { 'cache-control': 'no-store' } })
  for (const one of cookies) response.headers.append('set-cookie', one)
  return response
}

function problem(status: number, code: string): Response {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return Response.json({ status, code }, { status, headers })
}
