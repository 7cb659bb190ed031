import { ForbiddenError, UnavailableError } from '../errors.ts'
import { decodeValue, isCrossSite, varyByCookie } from '../token-sources/index.ts'
import type { MeContext, MeRoute } from './me.ts'
import { type LoginPageKind, pageOf, plainPage } from './pages.ts'
import { checkParameters, fromQuery, type LoginParameters, type LoginQuery, toQuery } from './parameters.ts'
import { codeOf, type Grant, type LoginBinding } from './protocol.ts'
import { addressOf, isFramed, isPassive, type ReturnRules, returnAddress, wantsPage } from './requests.ts'
import { openValue, randomId, sealValue } from './session-content.ts'
import type { Sessions, SessionSettings } from './sessions.ts'

/** A login may take this long. In seconds. */
const LOGIN_LIFE = 3600

/** Logins of one browser under way at most. */
const MAX_LOGINS = 5

/** A login that begins within this time of another's end belongs to the same round, and so many may follow each other. In seconds. */
const ROUND = 30
const MAX_ROUNDS = 2

/** What is kept of a login under way. */
interface PendingLogin extends LoginBinding {
  readonly returnTo: string
  readonly at: number
  readonly rounds: number
}

/** What a request brings along. */
export interface HandleContext extends MeContext {
  /** Answers `/me`: `meRoute(guard)`. Default: no such route. */
  readonly me?: MeRoute | undefined
}

/** How one login is started by the application. */
export interface StartOptions extends LoginParameters {
  /** Where it leads to. Default: the page that was asked for, where the request is a GET, or `/`. */
  readonly returnTo?: string | undefined
}

interface RouteSettings extends SessionSettings {
  readonly sessions: Sessions
}

type Route = (request: Request, url: URL) => Promise<Response> | Response

/** The routes of a login, and the answers to those who are not signed in. */
export function createRoutes({ options, cookies, protocol, useOf, emit, sessions }: RouteSettings) {
  const { secrets, defaults = {}, returnOrigins, allowedOrigins, redirectUri, now } = options
  const callbackUrl = new URL(redirectUri)
  const { origin } = callbackUrl
  const base = callbackUrl.pathname.replace(/[^/]*$/, '')
  const logoutUri = options.logoutUri === undefined ? `${origin}${base}logout` : options.logoutUri
  /** Of `me` the application says by whom it is answered. */
  const routes = new Map<string, Route | undefined>([
    [`${base}login`, login],
    [callbackUrl.pathname, callback],
    [`${base}logout`, logout],
    [`${base}me`, undefined],
  ])
  const rules: ReturnRules = { origin, origins: returnOrigins, own: routes }

  const loginLink = (returnTo: string, extra: Readonly<Record<string, string>> = {}) =>
    `${base}login?${new URLSearchParams({ return_to: returnTo, ...extra })}`

  /** An answer of ours. Nothing of it may be stored, and the address, which may hold a code, goes to no other site. */
  function answer(
    status: number,
    headers: Readonly<Record<string, string>>,
    setCookies: readonly string[] = [],
    body?: string,
  ) {
    const response = new Response(body, {
      status,
      headers: {
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        ...headers,
      },
    })
    for (const cookie of setCookies) response.headers.append('set-cookie', cookie)
    return response
  }

  const redirect = (location: string, setCookies?: readonly string[]) => answer(302, { location }, setCookies)

  /** `isFree`: the page may be shown in a frame. */
  function page(kind: LoginPageKind, href: string, setCookies: readonly string[] = [], isFree = false): Response {
    const content = pageOf(kind, href)
    const policy = `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self' ${new URL(options.domain).origin}${isFree ? '' : "; frame-ancestors 'none'"}`
    const html = options.pages?.(content) ?? plainPage(content)
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
    return answer(content.status, headers, setCookies, html)
  }

  async function start(
    request: Request,
    returnTo: string | null | undefined,
    given: LoginQuery,
    isFresh = false,
    custom: LoginQuery | undefined = defaults.parameters,
  ): Promise<Response> {
    const jar = cookies.read(request)
    const to = returnAddress(returnTo, rules)
    const rounds = isFresh ? 0 : Number(jar.get('.rounds')?.[0]) || 0
    if (rounds >= MAX_ROUNDS) return page('loop', loginLink(to, { afresh: '1' }))
    const asked = { ...toQuery(defaults), ...given }
    // What the callback has to check: sealing drops what nobody asked for. More would not fit into the cookie.
    const { max_age, acr_values } = asked
    const checked = { max_age, acr_values } as LoginQuery
    const binding = { state: randomId(), nonce: randomId(), verifier: randomId() + randomId(), checked }
    const pending: PendingLogin = { ...binding, returnTo: to, at: now(), rounds: rounds + 1 }
    const suffix = suffixOf(binding.state)
    const others = [...jar.keys()].filter((name) => name.startsWith('.login-'))
    return redirect(await protocol.authorizeUrl(binding, { ...custom, ...asked }), [
      cookies.set(suffix, await sealValue(pending, secrets, useOf('login', suffix)), LOGIN_LIFE),
      // Browsers send the oldest first.
      ...others.slice(0, 1 - MAX_LOGINS).map(cookies.drop),
    ])
  }

  function login(request: Request, { origin: here, searchParams: query }: URL): Promise<Response> | Response {
    const to = returnAddress(query.get('return_to'), rules)
    // Cookies stay with a host, and the callback comes to this one. Once only: a proxy may hide what the browser asked for.
    if (here !== origin && !query.has('moved')) {
      query.set('moved', '1')
      return redirect(`${origin}${base}login?${query}`)
    }
    if (isFramed(request)) return page('sign-in', loginLink(to), [], true)
    return start(request, to, fromQuery(query), query.has('afresh'))
  }

  async function callback(request: Request, { searchParams: query }: URL): Promise<Response> {
    const suffix = suffixOf(query.get('state') ?? '')
    const jar = cookies.read(request)
    const done = jar.has(suffix) ? [cookies.drop(suffix)] : []
    const pending = await pendingOf(jar.get(suffix)?.[0], suffix)
    const old = await sessions.find(request)
    if (!pending) {
      if (old && !sessions.isOver(old)) return redirect(old.page, done)
      return page('start-again', loginLink('/'), done)
    }
    const { returnTo, rounds, checked } = pending
    let grant: Grant
    try {
      grant = await protocol.redeem(query, pending)
    } catch (error) {
      emit({ type: 'failed', during: 'login', error }, request)
      return page(kindOf(error), loginLink(returnTo, checked), done)
    }
    const at = returnTo.length < 300 ? returnTo : '/'
    const content = sessions.contentOf(grant, { id: randomId(), from: now(), page: at })
    const written = await sessions.write(content, true)
    if (!written) {
      emit({ type: 'failed', during: 'login', error: new Error('The session is too large.') }, request)
      return page('too-large', '/', done)
    }
    const ended = await sessions.end(old, request)
    emit({ type: 'signed-in', sub: content.sub }, request)
    return redirect(returnTo, [...done, cookies.set('.rounds', `${rounds}`, ROUND), ...ended, ...written])
  }

  /** What the state cookie says, where it is one of ours, of this state, and not too old. */
  async function pendingOf(sealed = '', suffix: string): Promise<PendingLogin | undefined> {
    const pending = (await openValue(sealed, secrets, useOf('login', suffix))) as PendingLogin | undefined
    return pending && now() - pending.at < LOGIN_LIFE * 1000 ? pending : undefined
  }

  async function logout(request: Request, { searchParams: query }: URL): Promise<Response> {
    const isPost = request.method === 'POST'
    if (isPost && isCrossSite(request, true, allowedOrigins)) return page('forbidden', '')
    const jar = cookies.read(request)
    const content = await sessions.find(request)
    const to = query.get('return_to')
    if (!isPost && !(content && options.signOutByGet)) {
      if (content) return page('sign-out', `${base}logout?${query}`)
      const onward = jar.get('.after')?.[0]
      if (onward === undefined) return page('signed-out', loginLink('/'))
      return redirect(returnAddress(decodeValue(onward), rules), [cookies.drop('.after')])
    }
    const ended = await sessions.end(content, request)
    const { refresh } = content?.tokens ?? {}
    try {
      if (refresh) await protocol.revoke(refresh)
    } catch (error) {
      emit({ type: 'failed', during: 'sign-out', error }, request)
    }
    emit({ type: 'signed-out', sub: content?.sub }, request)
    const onward = to ? returnAddress(to, rules) : undefined
    const location = logoutUri === null ? (onward ?? `${base}logout`) : protocol.logoutUrl(logoutUri)
    const after = onward && logoutUri !== null ? [cookies.set('.after', encodeURIComponent(onward), 600)] : []
    const setCookies = [...ended, ...cookies.dropChunks(), cookies.drop('.rounds'), ...after]
    const clear = { 'clear-site-data': '"cache"' }
    // A script cannot follow a redirect to another origin: it is told where to go.
    if (isPost && !wantsPage(request)) {
      return answer(200, { ...clear, 'content-type': 'application/json' }, setCookies, JSON.stringify({ location }))
    }
    return answer(303, { ...clear, location }, setCookies)
  }

  /** Answers a request to one of the routes; undefined for all others. */
  async function handle(request: Request, context: HandleContext = {}): Promise<Response | undefined> {
    const url = new URL(request.url)
    const route = routes.get(url.pathname)
    if (!route) return routes.has(url.pathname) ? context.me?.answer(request, context) : undefined
    const { method } = request
    // Browsers drop what they fetched ahead where it is an error.
    if (isPassive(request)) return answer(method === 'HEAD' ? 204 : 503, {})
    const allowed = route === logout ? ['GET', 'POST'] : ['GET']
    return allowed.includes(method) ? route(request, url) : answer(405, { allow: allowed.join(', ') })
  }

  /** Changes the guard's answer to a person: a page or a login in place of an error, and no copy in a shared cache. */
  function dress(request: Request, response: Response, refusal: unknown): Response {
    const varied = varyByCookie(response)
    if (isPassive(request) || !wantsPage(request) || request.headers.has('authorization')) return varied
    if (!refusal) return keepPrivate(request, varied)
    const here = returnAddress(addressOf(request), rules)
    // Of a step-up: what it asks for.
    const href = loginLink(here, toQuery({ ...(refusal as ForbiddenError).details }))
    if (varied.status === 401 && request.method === 'GET' && !isFramed(request)) {
      return varyByCookie(redirect(href))
    }
    const kind = ({ 401: 'sign-in', 503: 'unavailable' } as const)[varied.status] ?? 'forbidden'
    const shown = page(kind, kind === 'unavailable' ? here : href, [], true)
    for (const name of ['retry-after', 'www-authenticate']) {
      const value = varied.headers.get(name)
      if (value !== null) shown.headers.set(name, value)
    }
    return varyByCookie(shown)
  }

  function keepPrivate(request: Request, response: Response): Response {
    const isOurs = response.status !== 101 && cookies.read(request).has('')
    if (!isOurs || response.headers.has('cache-control')) return response
    const copy = new Response(response.body, response)
    copy.headers.set('cache-control', 'private, no-store')
    return copy
  }

  return {
    handle,
    dress,
    /** Starts a login for the application. */
    async start(request: Request, { returnTo = addressOf(request), ...given }: StartOptions = {}) {
      checkParameters('login', given)
      return start(request, returnTo, toQuery(given), false, given.parameters)
    },
  }
}

function suffixOf(state: string): string {
  return `.login-${state.slice(0, 8)}`
}

/** The page for an error of the protocol. */
function kindOf(error: unknown): LoginPageKind {
  if (error instanceof UnavailableError) return 'unavailable'
  if (error instanceof ForbiddenError) return 'too-weak'
  const code = `${codeOf(error)}`
  if (/^(login|interaction)_required$/.test(code)) return 'sign-in'
  return code === 'access_denied' ? 'cancelled' : 'failed'
}
