import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

/** What the scripted managed login does next, and how it is set up. */
export interface Cognito {
  readonly pool: LocalPool
  readonly domain: string
  readonly clientSecret: string | undefined
  /** Who is signed in at Cognito; undefined asks nobody and answers with an error. */
  user: string | undefined
  /** Claims of the tokens that it issues from now on. */
  claims: Record<string, unknown>
  id: Record<string, unknown>
  /** Seconds that access tokens live. */
  life: number
  /** When its user signed in, in seconds; undefined for now. */
  authTime: number | undefined
  /** Rotates refresh tokens; the old one works on for so many seconds. */
  rotation: number | undefined
  /** Replaces an answer of the token endpoint. */
  broken: (() => Response | Promise<Response>) | undefined
  /** Changes the tokens of an answer of the token endpoint. */
  change: ((body: Record<string, unknown>) => unknown) | undefined
  /** The nonce that it puts into ID tokens in place of the one that was asked for. */
  nonce: string | undefined
  issuer: 'original' | 'updated'
  /** Every call of the token and the revocation endpoint: the path and the form. */
  readonly calls: { readonly path: string; readonly form: URLSearchParams; readonly headers: Headers }[]
  readonly revoked: Set<string>
  /** Refresh tokens that are good, and when those that were replaced end. */
  readonly refreshTokens: Map<string, { readonly username: string; replacedUntil?: number }>
  /** Codes that were given, and whether they were redeemed. */
  readonly codes: Map<string, { readonly query: URLSearchParams; readonly username: string; used: boolean }>
  readonly fetch: (request: Request) => Promise<Response>
  /** Where a browser is sent back to by an authorize request, as a redirect. */
  authorize(url: URL): Response
}

/** A pool for managed login. */
export const loginPool = () =>
  createLocalPool({
    groups: ['editor'],
    users: { alice: { groups: ['editor'], email: 'alice@example.com' }, bob: { groups: [] } },
  })

/** A managed login that follows a script: one user, no pages, checks of what a client must send. `given`: its pool, default a new one. */
export async function scriptedCognito(clientSecret?: string, given?: LocalPool): Promise<Cognito> {
  const pool = given ?? (await loginPool())
  const codes: Cognito['codes'] = new Map()
  const now = () => pool.settings.now()
  const json = (status: number, body: unknown) => Response.json(body, { status })
  const { clientId } = pool.settings
  let count = 0

  async function grant(cognito: Cognito, username: string, nonce: string | undefined, refresh?: string) {
    const { life, claims, id, authTime, rotation, issuer } = cognito
    const tokens = await pool.tokens(username, {
      expiresIn: life,
      scope: 'openid',
      atHash: true,
      claims: { ...claims, origin_jti: `origin-${username}` },
      id,
      issuer,
      ...(authTime !== undefined && { authTime }),
      ...(nonce !== undefined && { nonce: cognito.nonce ?? nonce }),
    })
    const fresh = refresh === undefined || rotation !== undefined
    const next = fresh ? `eyJ.${btoa(`refresh-${++count}`).replaceAll('=', '')}.r` : undefined
    if (next) cognito.refreshTokens.set(next, { username })
    const body = {
      access_token: tokens.accessToken,
      id_token: tokens.idToken,
      ...(next && { refresh_token: next }),
      token_type: 'Bearer',
      expires_in: life,
    }
    return json(200, cognito.change?.(body) ?? body)
  }

  async function answer(cognito: Cognito, request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.origin !== cognito.domain) return pool.fetch(request)
    const form = new URLSearchParams(await request.text())
    cognito.calls.push({ path: url.pathname, form, headers: request.headers })
    if (cognito.broken) return cognito.broken()
    const basic = clientSecret && `Basic ${btoa(`${clientId}:${clientSecret}`)}`
    if (url.pathname === '/oauth2/revoke') {
      const known = clientSecret ? request.headers.get('authorization') === basic : form.get('client_id') === clientId
      if (!known) return json(400, { error: 'invalid_client' })
      cognito.revoked.add(form.get('token') ?? '')
      cognito.refreshTokens.delete(form.get('token') ?? '')
      return new Response(null, { status: 200 })
    }
    const known = form.get('client_id') === clientId && (form.get('client_secret') ?? undefined) === clientSecret
    if (url.pathname !== '/oauth2/token' || !known) return json(400, { error: 'invalid_client' })
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token') ?? ''
      const state = cognito.refreshTokens.get(token)
      if (!state || (state.replacedUntil ?? Infinity) <= now()) return json(400, { error: 'invalid_grant' })
      if (cognito.rotation !== undefined) state.replacedUntil ??= now() + cognito.rotation * 1000
      return grant(cognito, state.username, undefined, token)
    }
    const code = codes.get(form.get('code') ?? '')
    const verifier = new TextEncoder().encode(form.get('code_verifier') ?? '')
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', verifier))
    const challenge = btoa(String.fromCharCode(...digest))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace('=', '')
    const holds =
      code &&
      !code.used &&
      code.query.get('code_challenge') === challenge &&
      code.query.get('redirect_uri') === form.get('redirect_uri')
    if (!holds) return json(400, { error: 'invalid_grant' })
    code.used = true
    return grant(cognito, code.username, code.query.get('nonce') ?? undefined)
  }

  const cognito: Cognito = {
    pool,
    domain: 'https://auth.example.com',
    clientSecret,
    user: 'alice',
    claims: {},
    id: {},
    life: 3600,
    authTime: undefined,
    rotation: undefined,
    broken: undefined,
    change: undefined,
    nonce: undefined,
    issuer: 'original',
    calls: [],
    revoked: new Set(),
    refreshTokens: new Map(),
    codes,
    fetch: (request) => answer(cognito, request),
    authorize(url) {
      const query = url.searchParams
      const back = new URL(query.get('redirect_uri') ?? 'https://none.invalid')
      back.searchParams.set('state', query.get('state') ?? '')
      const shape =
        query.get('response_type') === 'code' &&
        query.get('client_id') === clientId &&
        query.get('code_challenge_method') === 'S256' &&
        /^[\w-]{43}$/.test(query.get('code_challenge') ?? '')
      if (!shape) throw new Error('an authorize request that Cognito would refuse')
      if (cognito.user === undefined) back.searchParams.set('error', 'access_denied')
      else {
        const code = `code-${++count}`
        codes.set(code, { query, username: cognito.user, used: false })
        back.searchParams.set('code', code)
      }
      return new Response(null, { status: 302, headers: { location: back.href } })
    },
  }
  return cognito
}

export type App = (request: Request) => Response | Promise<Response>

export const navigation = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
}

export const script = {
  accept: 'application/json',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'sec-fetch-site': 'same-origin',
}

/** A browser with one cookie jar: takes cookies as browsers do, and follows redirects between the application and Cognito. */
export class Browser {
  readonly app: App
  readonly #cognito: Cognito
  jar = new Map<string, { readonly value: string; readonly until: number }>()
  /** The addresses of the last visit, in order. */
  trail: string[] = []

  constructor(app: App, cognito: Cognito) {
    this.app = app
    this.#cognito = cognito
  }

  get cookies(): Record<string, string> {
    const now = this.#cognito.pool.settings.now()
    return Object.fromEntries(
      [...this.jar].filter(([, { until }]) => until > now).map(([name, { value }]) => [name, value]),
    )
  }

  request(address: string, init: RequestInit & { headers?: Record<string, string> } = {}): Request {
    const url = new URL(address, 'https://app.example.com')
    const cookie = Object.entries(this.cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    return new Request(url, { ...init, headers: { ...navigation, ...init.headers, ...(cookie && { cookie }) } })
  }

  /** Takes the cookies of an answer. Throws for one that browsers would drop. */
  take(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(name.length + 1)
      const isHost = name.startsWith('__Host-')
      if (line.length > 4096) throw new Error(`the cookie ${name} is too large`)
      if (isHost && !(attributes.includes('Secure') && attributes.includes('Path=/') && !/domain=/i.test(line))) {
        throw new Error(`browsers refuse the cookie ${name}`)
      }
      const maxAge = Number(/Max-Age=(-?\d+)/.exec(line)?.[1] ?? '0')
      this.jar.delete(name)
      if (maxAge > 0) this.jar.set(name, { value, until: this.#cognito.pool.settings.now() + maxAge * 1000 })
    }
    return response
  }

  /** One request, without following where it leads. */
  async send(address: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    return this.take(await this.app(this.request(address, init)))
  }

  /** A visit: follows redirects, at most twenty, as browsers do. */
  async visit(address: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    this.trail = []
    let next = new URL(address, 'https://app.example.com')
    let options = init
    for (let hop = 0; hop < 20; hop++) {
      this.trail.push(next.host === 'app.example.com' ? next.pathname : next.host + next.pathname)
      const response =
        next.origin === this.#cognito.domain ? this.#atCognito(next) : await this.send(next.href, options)
      const location = response.headers.get('location')
      if (location === null) return response
      next = new URL(location, next)
      options = { headers: {} }
    }
    throw new Error(`a loop: ${this.trail.join(' → ')}`)
  }

  #atCognito(url: URL): Response {
    if (url.pathname === '/oauth2/authorize') return this.#cognito.authorize(url)
    if (url.pathname !== '/logout') return new Response('not found', { status: 404 })
    this.#cognito.user = undefined
    return new Response(null, { status: 302, headers: { location: url.searchParams.get('logout_uri') ?? '' } })
  }
}
