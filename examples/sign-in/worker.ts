/**
 * Signing in on Cloudflare Workers, over JSON and as a small page: a password by SRP with a second factor, passkeys, sign-up and
 * forgotten passwords. Between two requests the step stands in a sealed cookie, bound to the browser; the access token stands in
 * one that no script reads. Deploy it with `wrangler deploy -c examples/sign-in/wrangler.toml`, after
 * `openssl rand -base64 32 | wrangler secret put STEP_SECRET`. Let the app client hide who exists
 * (`PreventUserExistenceErrors: ENABLED`); passkeys need `ALLOW_USER_AUTH` and the pool's relying party id.
 */
import { AuthenticationError, cookie, createGuard, defineGroups, UnavailableError } from 'cognigate'
import {
  ConfigurationError,
  createAccount,
  createMfa,
  createPasskeys,
  createSignIn,
  isAwsError,
  openStep,
  SignInError,
  type SignInStep,
  sealStep,
} from 'cognigate/sign-in'
import { perEnv } from 'cognigate/workers'
import { type Body, cookieOf, drop, isOwn, keep, problem, readBody, reply, textOf } from './http.ts'
import { page } from './page.ts'
import { answerStep, describeStep, setUpApp, signInWithPasskey } from './steps.ts'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
  /** Where an emulator is. */
  readonly COGNITO_ENDPOINT?: string
  /** Where an emulator shows the codes that it would have mailed: the page links to it. */
  readonly OUTBOX_URL?: string
  /** The pool's relying party id, where it is not the host that the page stands on. */
  readonly RELYING_PARTY_ID?: string
  /** 32 random bytes in base64: `wrangler secret put STEP_SECRET`. */
  readonly STEP_SECRET: string
}

const groups = defineGroups({ editor: { allow: ['posts.write'] } })

const partsOf = perEnv((env: Env) => {
  const { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, COGNITO_ENDPOINT: endpoint } = env
  const signIn = createSignIn({ userPoolId, clientId, ...(endpoint && { endpoint }) })
  const keys = endpoint && { jwksUrl: `${endpoint.replace(/\/$/, '')}/${userPoolId}/.well-known/jwks.json` }
  const guard = createGuard({ userPoolId, clientId, groups, tokenSource: cookie('__Host-access'), ...keys })
  const { STEP_SECRET: secret, RELYING_PARTY_ID: relyingPartyId } = env
  return {
    signIn,
    account: createAccount(signIn),
    mfa: createMfa(signIn),
    passkeys: createPasskeys(signIn),
    guard,
    secret,
    relyingPartyId,
  }
})

export type Parts = ReturnType<typeof partsOf>

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    const parts = partsOf(env)
    if (request.method === 'GET' && pathname === '/') return page(env.OUTBOX_URL)
    const name = `${request.method} ${pathname}`
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) return problem(404, 'NOT_FOUND')
    if (request.method !== 'GET' && !isOwn(request)) return problem(403, 'CROSS_SITE_REQUEST')
    try {
      return await action(parts, request.method === 'GET' ? {} : await readBody(request), request)
    } catch (error) {
      const isOfGuard = error instanceof AuthenticationError || error instanceof UnavailableError
      return isOfGuard ? parts.guard.toResponse(error, request) : refuse(error, pathname)
    }
  },
}

type Action = (parts: Parts, body: Body, request: Request) => Promise<Response>

const actions: Readonly<Record<string, Action>> = {
  async 'POST /sign-in'(parts, body) {
    const step = await parts.signIn.withPassword(textOf(body, 'username'), textOf(body, 'password'))
    return show(parts, step, newBrowser())
  },
  async 'POST /sign-in/passkey'(parts, body, request) {
    return show(parts, await signInWithPasskey(parts, textOf(body, 'username'), request), newBrowser())
  },
  async 'POST /respond'(parts, body, request) {
    const browser = cookieOf(request, '__Host-browser')
    const step = await openStep(cookieOf(request, '__Host-step'), parts.secret, { browser })
    try {
      return await show(parts, await answerStep(parts, step, body), browser)
    } catch (error) {
      // Why a passkey is refused would tell whether there is one.
      const isPasskey = step.challenge === 'WEB_AUTHN' && isAwsError(error) && !unavailable.includes(error.code)
      if (!isPasskey) throw error
      return problem(401, 'SIGN_IN_REFUSED')
    }
  },
  /** What was asked last: a phone that fetched a code from another app may have to load the page again. */
  async 'GET /step'(parts, _, request) {
    const [browser, sealed] = [cookieOf(request, '__Host-browser'), cookieOf(request, '__Host-step')]
    const step = sealed && (await openStep(sealed, parts.secret, { browser }).catch(() => undefined))
    return step ? show(parts, step, browser) : reply({ status: 'signed-out' })
  },
  async 'POST /sign-up'({ account }, body) {
    const attributes = { email: textOf(body, 'email') }
    await account.signUp(textOf(body, 'username'), textOf(body, 'password'), { attributes }).catch((error) => {
      if (!isAwsError(error) || error.code !== 'UsernameExistsException') throw error
    })
    return reply({ status: 'code-sent' })
  },
  async 'POST /confirm'({ account }, body) {
    await account.confirmSignUp(textOf(body, 'username'), textOf(body, 'code'))
    return reply({ status: 'confirmed' })
  },
  async 'POST /resend'({ account }, body) {
    await hideUser(account.resendCode(textOf(body, 'username')))
    return reply({ status: 'code-sent' })
  },
  async 'POST /forgot'({ account }, body) {
    await hideUser(account.forgotPassword(textOf(body, 'username')))
    return reply({ status: 'code-sent' })
  },
  async 'POST /forgot/confirm'({ account }, body) {
    await account.confirmForgotPassword(textOf(body, 'username'), textOf(body, 'code'), textOf(body, 'password'))
    return reply({ status: 'password-set' })
  },
  async 'POST /sign-out'() {
    return reply({ status: 'signed-out' }, [drop('__Host-access'), drop('__Host-step'), drop('__Host-browser')])
  },
  async 'GET /me'({ guard }, _, request) {
    const principal = await guard.authenticate(request)
    const username = principal.kind === 'user' ? principal.username : null
    return reply({ username, permissions: guard.permissions(principal) })
  },
  async 'POST /mfa/set-up'(parts, _, request) {
    const { token, username } = await signedIn(parts, request)
    return reply(await setUpApp(parts, token, username))
  },
  async 'POST /mfa/verify'(parts, body, request) {
    const { token } = await signedIn(parts, request)
    await parts.mfa.verify(token, textOf(body, 'code'))
    await parts.mfa.setPreference(token, { totp: 'preferred' })
    return reply({ status: 'mfa-on' })
  },
  async 'GET /passkeys'(parts, _, request) {
    const { token } = await signedIn(parts, request)
    const passkeys = await parts.passkeys.list(token).toArray()
    return reply({ passkeys: passkeys.map(({ id, name, createdAt }) => ({ id, name, createdAt })) })
  },
  async 'POST /passkeys/start'(parts, _, request) {
    const { token } = await signedIn(parts, request)
    return reply({ options: await parts.passkeys.start(token) })
  },
  async 'POST /passkeys/complete'(parts, body, request) {
    const { token } = await signedIn(parts, request)
    await parts.passkeys.complete(token, body['credential'])
    return reply({ status: 'passkey-added' })
  },
  async 'POST /passkeys/delete'(parts, body, request) {
    const { token } = await signedIn(parts, request)
    await parts.passkeys.delete(token, textOf(body, 'id'))
    return reply({ status: 'passkey-deleted' })
  },
}

/** Who has signed in. Throws what the guard says of a token that is missing or no good. */
async function signedIn({ guard }: Parts, request: Request): Promise<{ token: string; username: string }> {
  const principal = await guard.authenticate(request)
  return { token: cookieOf(request, '__Host-access'), username: principal.kind === 'user' ? principal.username : '' }
}

/** The tokens or the sealed step go into cookies that no script reads; the page learns what to ask for. */
async function show(parts: Parts, step: SignInStep, browser: string): Promise<Response> {
  if (step.status === 'signed-in') {
    const { accessToken, expiresIn } = step.tokens
    return reply({ status: 'signed-in' }, [keep('__Host-access', accessToken, expiresIn), drop('__Host-step')])
  }
  const { next, asked } = await describeStep(parts, step)
  const sealed = await sealStep(next, parts.secret, { browser })
  return reply(asked, [keep('__Host-step', sealed, 900), keep('__Host-browser', browser, 900)])
}

/**
 * One answer for unknown users, wrong passwords and disabled users, and for those who have yet to confirm their sign-up or to set a
 * new password: Cognito says that before it looks at the password. Words of AWS do not leave the Worker.
 */
function refuse(error: unknown, pathname: string): Response {
  if (error instanceof SignInError) return problem(401, error.code)
  if (error instanceof ConfigurationError) return problem(400, 'BODY_INVALID')
  if (!isAwsError(error)) throw error
  if (unavailable.includes(error.code)) return problem(503, 'UNAVAILABLE')
  // One answer for all that can be wrong here: which of it is wrong would tell who exists.
  if (pathname === '/forgot/confirm') return problem(401, 'RESET_REFUSED')
  switch (error.code) {
    case 'CodeMismatchException':
    case 'ExpiredCodeException':
    case 'EnableSoftwareTokenMFAException':
      return problem(401, 'CODE_WRONG')
    case 'InvalidPasswordException':
      return problem(400, 'PASSWORD_TOO_WEAK')
    case 'InvalidParameterException':
      if (pathname === '/sign-up' || pathname === '/respond') return problem(400, 'INPUT_INVALID')
  }
  return problem(401, ['/confirm', '/mfa/verify'].includes(pathname) ? 'CODE_WRONG' : 'SIGN_IN_REFUSED')
}

/** Errors that say nothing about the user. */
const unavailable = [
  ...['NetworkError', 'TimeoutError', 'MalformedAnswer', 'UnknownError', 'TooManyRequestsException'],
  ...['ThrottlingException', 'InternalErrorException', 'ServiceUnavailableException'],
]

/** What goes wrong because of who exists, or how often a code was asked for, is not told. */
async function hideUser(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!isAwsError(error) || unavailable.includes(error.code)) throw error
  })
}

function newBrowser(): string {
  return crypto.randomUUID()
}
