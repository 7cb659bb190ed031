import { isObject, type JsonObject } from '../json.ts'
import { type Call, type Codec, type Context, Deferred, type Incoming, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, State } from '../state/index.ts'
import type { KeyRing } from '../key-ring.ts'

/** A browser's request to a page or an endpoint of managed login. */
export interface Visit {
  readonly pool: PoolState
  /** The address of managed login, without a slash at the end. */
  readonly base: string
  readonly isPost: boolean
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  /** Names that stand in the query more than once. */
  readonly repeated: readonly string[]
  /** The cookie of a session of managed login. */
  readonly loginSession: string | undefined
  /** The cookie that a form's `_csrf` has to be equal to. */
  readonly csrfCookie: string | undefined
}

/** What is served for a browser, by path: the operation, and its methods. */
const pages: Readonly<Record<string, readonly [operation: string, methods: readonly string[]]>> = {
  '/oauth2/authorize': ['authorize', ['GET']],
  '/oauth2/userInfo': ['userInfo', ['GET', 'POST']],
  '/login': ['login', ['GET', 'POST']],
  '/logout': ['logout', ['GET']],
  '/error': ['error', ['GET']],
  '/signup': ['signup', ['GET', 'POST']],
  '/confirmUser': ['confirmUser', ['GET', 'POST']],
  '/forgotPassword': ['forgotPassword', ['GET', 'POST']],
  '/confirmForgotPassword': ['confirmForgotPassword', ['GET', 'POST']],
  '/passkeys/add': ['addPasskey', ['GET', 'POST']],
  // Stands for the sign-in page of another provider, which the local AWS has not.
  '/provider': ['provider', ['GET', 'POST']],
}

/** Reads a request that a browser makes at a domain of managed login, or with an access token at its user info. */
export function readVisit(incoming: Incoming, state: State): Call | undefined {
  const { host, pathname = '', isLocal } = incoming.target ?? {}
  const [operation, methods] = (Object.hasOwn(pages, pathname) && pages[pathname]) || []
  if (host?.kind !== 'managed-login' || operation === undefined || !methods?.includes(incoming.method)) return undefined
  const pool = Object.values(state.pools).find(({ domains, region }) => {
    return domains[host.domain] !== undefined && region === host.region
  })
  if (pool === undefined) return undefined
  const { url, headers, method, body } = incoming
  const names = [...url.searchParams.keys()]
  const isForm = /^application\/x-www-form-urlencoded(;|$)/i.test(headers.get('content-type') ?? '')
  const cookies = readCookies(headers.get('cookie') ?? '')
  return {
    service: 'oauth2',
    operation,
    region: pool.region,
    userPoolId: pool.userPoolId,
    signed: false,
    input: {
      UserPoolId: pool.userPoolId,
      Base: isLocal ? `${url.origin}/${pool.userPoolId}` : url.origin,
      IsPost: method === 'POST',
      Query: Object.fromEntries(url.searchParams),
      Form: isForm ? Object.fromEntries(new URLSearchParams(body)) : {},
      Repeated: names.filter((name, at) => names.indexOf(name) !== at),
      LoginSession: cookies.get(sessionCookie),
      CsrfToken: cookies.get(csrfCookie),
      AccessToken: /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1],
    },
    codec: operation === 'userInfo' ? { ...page, isForPages: false } : page,
  }
}

/** The names of managed login's cookies. */
export const sessionCookie = 'cognito'
export const csrfCookie = 'XSRF-TOKEN'

function readCookies(header: string): ReadonlyMap<string, string> {
  return new Map(
    header.split(';').flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=')
      return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]]
    }),
  )
}

/** Operations of pages answer with a whole response. */
const page: Codec = {
  isForPages: true,
  answer: (output) => {
    const response = output?.['Response']
    return response instanceof Response ? response : new Response(null, { status: 500 })
  },
  refuse: ({ code, message, status }) => {
    return Response.json(
      { error: code, error_description: message },
      { status, headers: { 'cache-control': 'no-store' } },
    )
  },
}

/** The request, as an operation's input has it. */
export function toVisit(state: State, input: JsonObject): Visit {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined) throw new ServiceError('invalid_request', 'There is no such user pool.', 404)
  const texts = (name: string): Readonly<Record<string, string>> => {
    const value = input[name]
    return isObject(value)
      ? Object.fromEntries(
          Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
        )
      : {}
  }
  const optional = (name: string) => (typeof input[name] === 'string' ? input[name] : undefined)
  const repeated = input['Repeated']
  return {
    pool,
    base: String(input['Base']),
    isPost: input['IsPost'] === true,
    query: texts('Query'),
    form: texts('Form'),
    repeated: Array.isArray(repeated) ? repeated.map(String) : [],
    loginSession: optional('LoginSession'),
    csrfCookie: optional('CsrfToken'),
  }
}

/** The output of a page's operation. What is made here comes after all effects; a ServiceError is the answer. */
export function respond(
  { pool }: Pick<Visit, 'pool'>,
  make: (keys: KeyRing) => Response | Promise<Response>,
): JsonObject {
  return { Response: new Deferred(pool.userPoolId, async (keys) => make(keys)) }
}

/** A redirect, with cookies. Addresses that are registered in other letters than those of a header are written as browsers do. */
export function redirect(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({
    location: /^[\x21-\x7e]+$/.test(location) ? location : new URL(location).href,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 302, headers })
}

/** A cookie of this managed login; without a value it is taken away. */
export function writeCookie({ base }: Pick<Visit, 'base'>, name: string, value: string | undefined): string {
  const { protocol, pathname } = new URL(base)
  const parts = [
    `${name}=${value ?? ''}`,
    `Path=${pathname.endsWith('/') ? pathname : `${pathname}/`}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(protocol === 'https:' ? ['Secure'] : []),
    ...(value === undefined ? ['Max-Age=0'] : []),
  ]
  return parts.join('; ')
}

/** An address of managed login with the parameters of a visit, so that it goes on where it was. */
export function linkTo({ base }: Pick<Visit, 'base'>, path: string, query: Readonly<Record<string, string>>): string {
  return `${base}${path}?${new URLSearchParams(query)}`
}

/** Cognito's page of errors. */
export function toErrorPage(visit: Visit, error: string): Response {
  const client = visit.query['client_id']
  return redirect(linkTo(visit, '/error', { error, ...(client !== undefined && { client_id: client }) }))
}

/** The app client of a visit. */
export function findVisited({ pool, query }: Visit): ClientState | undefined {
  return pool.clients[query['client_id'] ?? '']
}

/** The same context, in which a sign-in ends with `finish`. */
export function withFinish(context: Context, finish: Context['finish']): Context {
  return { ...context, finish }
}
