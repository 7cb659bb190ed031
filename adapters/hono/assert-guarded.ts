import type { Context, MiddlewareHandler } from 'hono'
import { findTargetHandler } from 'hono/utils/handler'
import { assertConfig, ConfigurationError } from '../../src/errors.ts'
import { checkOptions } from '../../src/internal/options.ts'

/** Middleware of this package carries this: true where it lets nobody pass without a check, false where it lets pass. */
const mark = Symbol.for('cognigate.guard')

/** Marks a middleware as a check. */
export function markGuard<T extends object>(middleware: T): T {
  return Object.defineProperty(middleware, mark, { value: true })
}

/** Marks a middleware that checks nothing that a route could rely on, and answers with nothing that needs a check. */
export function markPassing<T extends object>(middleware: T): T {
  return Object.defineProperty(middleware, mark, { value: false })
}

export interface AssertGuardedOptions {
  /**
   * The routes that anybody may call, as they are registered: a path (`/about`) for all its methods, one method of it
   * (`GET /posts`), or `notFound` for the app's `notFound` handler. One that is not registered, or is guarded after all,
   * is an error, so that the list stays true.
   */
  readonly public?: readonly string[] | undefined
  /**
   * Middleware that stands before a guard and never answers by itself, such as a logger: the very functions that the app
   * was given. One that the app does not have is an error.
   */
  readonly middleware?: readonly MiddlewareHandler[] | undefined
}

type Handler = Parameters<typeof findTargetHandler>[0]

interface Route {
  readonly method: string
  readonly path: string
  readonly handler: Handler
}

/** What is looked at of an app. */
export interface GuardedApp {
  readonly routes: readonly Route[]
}

/**
 * Checks that a guard stands before every route of an app: of its sub-apps and mounted apps too, and in the order of
 * registration, since a check that is registered behind a route does not protect it. What cannot be shown counts as not
 * guarded. A check covers a route of the same path, or everything below a path that ends with `/*`; it must be registered
 * for the same method or for all. Every handler counts as one that may answer, middleware included, unless it is one of
 * this package or is listed. An optional `loginCheck` is no guard. Call it in a test, when all routes are registered.
 * Throws ConfigurationError that names the routes that are not guarded, and what to do.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { assertGuarded, honoGuard } from 'cognigate/hono'
 * import { Hono } from 'hono'
 * import { logger } from 'hono/logger'
 *
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij' })
 * const log = logger()
 * const app = new Hono()
 *   .use(log)
 *   .get('/', (c) => c.text('hello'))
 *   .use('/api/*', honoGuard(guard).loginCheck())
 *   .get('/api/me', (c) => c.text(c.var.principal.username))
 * assertGuarded(app, { public: ['/'], middleware: [log] })
 * ```
 */
export function assertGuarded(app: GuardedApp, options: AssertGuardedOptions = {}): void {
  checkOptions<AssertGuardedOptions>('assertGuarded', options, ['public', 'middleware'])
  assertConfig('assertGuarded', Array.isArray(app?.routes), 'an app of Hono.')
  const { public: listed = [], middleware = [] } = options
  const open = unguarded(app, middleware)
  const complaints = describe(open.filter(({ name }) => !listed.some((entry) => covers(entry, name))))
  const stale = listed.filter((entry) => !open.some(({ name }) => covers(entry, name)))
  if (stale.length > 0) {
    complaints.push(`public: expected open routes of the app; ${stale.join(', ')} is none.`)
  }
  const targets = app.routes.map(({ handler }) => findTargetHandler(handler))
  if (!middleware.every((listedHandler) => targets.includes(listedHandler))) {
    complaints.push('middleware: expected the very functions that the app was given, and one of them is not.')
  }
  if (complaints.length > 0) throw new ConfigurationError(`assertGuarded: ${complaints.join(' ')}`)
}

/** A route that is not shown to be guarded. */
interface OpenRoute {
  readonly name: string
  /** A guard may stand before it (`unclear`), it may be middleware that never answers, or neither. */
  readonly kind: 'open' | 'unclear' | 'middleware' | 'notFound'
  /** Where the guard stands that may cover it. */
  readonly near?: string | undefined
}

/** The routes of an app that are not shown to be guarded, each once. */
export function unguarded(app: GuardedApp, middleware: readonly MiddlewareHandler[] = []): readonly OpenRoute[] {
  const guards: Route[] = []
  const open = new Map<string, OpenRoute>()
  for (const { method, path, handler } of app.routes) {
    const target = findTargetHandler(handler)
    const marked: unknown = mark in target ? target[mark] : undefined
    const route = { method, path, handler: target }
    if (marked === true) guards.push(route)
    else if (marked === undefined && !middleware.some((listed) => listed === target)) {
      const name = `${method} ${path}`
      if (!isCovered(route, guards) && !open.has(name)) open.set(name, classify(name, route, guards))
    }
  }
  const everywhere = guards.some(({ method, path }) => method === 'ALL' && isEverything(path))
  if (!everywhere && !answersPlainly404(app)) open.set('notFound', { name: 'notFound', kind: 'notFound' })
  return [...open.values()]
}

/** Whether an entry of `public` means a route: by its name, or by its path alone. */
function covers(entry: string, name: string): boolean {
  return entry === name || entry === name.slice(name.indexOf(' ') + 1)
}

function describe(open: readonly OpenRoute[]): string[] {
  const named = (kind: OpenRoute['kind']) => open.filter((route) => route.kind === kind)
  const list = (routes: readonly OpenRoute[]) => routes.map(({ name }) => name).join(', ')
  const complaints: string[] = []
  const plain = named('open')
  if (plain.length > 0) complaints.push(`nobody guards ${list(plain)}. Add a check, or list it as public.`)
  for (const { name, near } of named('unclear')) {
    complaints.push(
      `it cannot be shown that the check at ${near} stands before all of ${name}. Give the check the same path, or one above it that ends with "/*".`,
    )
  }
  const passing = named('middleware')
  if (passing.length > 0) {
    complaints.push(
      `nobody guards ${list(passing)}. It takes \`next\`, so it may be middleware: if it never answers by itself, add the function to \`middleware\`; if it does, add a check, or list it as public.`,
    )
  }
  if (named('notFound').length > 0) {
    complaints.push(
      'it cannot be shown that `notFound` always answers 404. Put a check over "/*", or list "notFound" as public.',
    )
  }
  return complaints
}

function classify(name: string, route: Route, guards: readonly Route[]): OpenRoute {
  const near = guards.find((guard) => suits(guard, route) && mayMeet(guard.path, route.path))
  if (near) return { name, kind: 'unclear', near: near.path }
  return { name, kind: route.handler.length > 1 ? 'middleware' : 'open' }
}

function suits(guard: Route, route: Route): boolean {
  return guard.method === 'ALL' || guard.method === route.method
}

/** Whether guards that are registered before the route meet every request that the route answers. */
function isCovered(route: Route, guards: readonly Route[]): boolean {
  const suitable = guards.filter((guard) => suits(guard, route))
  if (suitable.some(({ path }) => path === route.path)) return true
  const reach = suitable.flatMap(({ path }) => reachOf(path))
  return variantsOf(route.path).every((path) => reach.some((guarded) => includes(guarded, path)))
}

function isEverything(path: string): boolean {
  return path === '*' || path === '/*'
}

/** Segments of a path. A wildcard that is the whole last segment stands for the path above it and all below. */
type Segments = readonly string[]

const plainParameter = /^:\w+$/
/** Nothing in it means anything to any router. */
const literal = /^[^:*?{}()[\]|^$+\\]+$/

function segmentsOf(path: string): Segments {
  return path.replace(/^\//, '').split('/')
}

/** The paths that a guard's path surely matches on every router: with and without an optional last parameter. */
function reachOf(path: string): readonly Segments[] {
  if (isEverything(path)) return [['*']]
  const segments = segmentsOf(path)
  const last = segments.at(-1) ?? ''
  const above = segments.slice(0, -1)
  if (!above.every((segment) => plainParameter.test(segment) || literal.test(segment))) return []
  if (last === '*' || literal.test(last) || plainParameter.test(last)) return [segments]
  return /^:\w+\?$/.test(last) && above.length > 0 ? [above, [...above, last.slice(0, -1)]] : []
}

/** Every path that a route may stand for: each of its optional segments there or not. */
function variantsOf(path: string): readonly Segments[] {
  return segmentsOf(path).reduce<readonly Segments[]>(
    (variants, segment) => {
      const without = segment.endsWith('?') ? variants : []
      return [...without, ...variants.map((before) => [...before, segment.replace(/\?$/, '')])]
    },
    [[]],
  )
}

/** Whether whatever matches `path` matches `guarded` as well. */
function includes(guarded: Segments, path: Segments): boolean {
  if (guarded.at(-1) !== '*') return guarded.join('/') === path.join('/')
  const prefix = guarded.slice(0, -1)
  return (
    path.length >= prefix.length &&
    prefix.every((segment, at) => {
      const other = path[at] ?? ''
      return segment === other
        ? literal.test(other) || plainParameter.test(other)
        : plainParameter.test(segment) && (literal.test(other) || plainParameter.test(other))
    })
  )
}

/** A rough guess whether some request may match both. It only decides what an error message says. */
function mayMeet(guarded: string, path: string): boolean {
  const [guardedSegments, segments] = [segmentsOf(guarded), segmentsOf(path)]
  const open = (segment: string | undefined) => segment === undefined || /[:*?]/.test(segment)
  for (let at = 0; at < Math.max(guardedSegments.length, segments.length); at++) {
    const [one, other] = [guardedSegments[at], segments[at]]
    if (one?.includes('*') || other?.includes('*') || one?.includes('{') || other?.includes('{')) return true
    if (one !== other && !(open(one) && open(other)) && !(one && other && (open(one) || open(other)))) {
      return (one ?? other) === ''
    }
  }
  return true
}

/** What of a real app is needed to ask for its `notFound` handler, which is private. */
interface DispatchingApp {
  router: unknown
  fetch(request: Request): unknown
}

/**
 * Whether the app's `notFound` handler answers 404 without reading the request or anything else of the context, as Hono's
 * own handler does, or one that only changes its text. It is called some times with a context that notices every access;
 * one that counts its calls or looks at a clock can still deceive it.
 */
function answersPlainly404(app: GuardedApp & Partial<DispatchingApp>): boolean {
  const { router } = app
  if (router === undefined) return false
  let plain = false
  const probe = (c: Context) => {
    plain = asksOnlyFor404(c)
    return new Response()
  }
  // A router that knows one handler: the app itself then makes the context, with its own `notFound`.
  app.router = { match: () => [[[[probe, { path: '/*', method: 'ALL', handler: probe }], {}]]] }
  try {
    app.fetch?.(new Request('http://localhost/'))
  } catch {
    return false
  } finally {
    app.router = router
  }
  return plain
}

function asksOnlyFor404(c: Context): boolean {
  const { notFound } = c
  let looked = false
  const members = new Set([...Object.getOwnPropertyNames(c), ...Object.getOwnPropertyNames(Object.getPrototypeOf(c))])
  for (const name of members) {
    Object.defineProperty(c, name, {
      get() {
        looked = true
      },
    })
  }
  const helper = {
    value: (_body: unknown, status: unknown) => new Response(null, { status: status === 404 ? 404 : 200 }),
  }
  for (const name of ['text', 'json', 'html', 'body', 'newResponse']) Object.defineProperty(c, name, helper)
  try {
    const answers: readonly unknown[] = Array.from({ length: 5 }, () => notFound())
    for (const answer of answers) Promise.resolve(answer).catch(() => {})
    return answers.every((answer) => answer instanceof Response && answer.status === 404) && !looked
  } catch {
    return false
  }
}
