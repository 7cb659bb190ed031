import { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import { findTargetHandler, isMiddleware } from 'hono/utils/handler'
import { ConfigurationError } from '../../src/errors.ts'

/** Middleware that lets nobody pass without a check carries this. */
const mark = Symbol.for('cognigate.guard')

/** Marks a middleware as a check. */
export function markGuard<T extends object>(middleware: T): T {
  return Object.defineProperty(middleware, mark, { value: true })
}

export interface AssertGuardedOptions {
  /**
   * The routes that anybody may call, as they are registered: a path (`/about`) for all its methods, or one method of it
   * (`GET /posts`). One that is not registered, or is guarded after all, is an error, so that the list stays true.
   */
  readonly public?: readonly string[] | undefined
}

interface Route {
  readonly method: string
  readonly path: string
  readonly handler: Parameters<typeof findTargetHandler>[0]
}

/**
 * Checks that a guard stands before every route of an app: of its sub-apps and mounted apps too, and in the order of
 * registration, since a check that is registered behind a route does not protect it. An optional `loginCheck` is no
 * guard. Call it in a test, when all routes are registered. Throws ConfigurationError that names the routes nobody
 * guards.
 */
export function assertGuarded(app: { readonly routes: readonly Route[] }, options: AssertGuardedOptions = {}): void {
  const open = new Set(
    app.routes
      .filter(isEndpoint)
      .filter((route) => !isGuarded(route, app.routes))
      .map(nameOf),
  )
  const listed = options.public ?? []
  const unguarded = [...open].filter((name) => !listed.some((entry) => covers(entry, name)))
  if (unguarded.length > 0) {
    throw new ConfigurationError(
      `assertGuarded: nobody guards ${unguarded.join(', ')}. Add a check, or list it as public.`,
    )
  }
  const stale = listed.filter((entry) => ![...open].some((name) => covers(entry, name)))
  if (stale.length > 0) {
    throw new ConfigurationError(`assertGuarded: public: expected open routes of the app; ${stale.join(', ')} is none.`)
  }
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}

/** Whether an entry of `public` means a route: by its name, or by its path alone. */
function covers(entry: string, name: string): boolean {
  return entry === name || entry === name.slice(name.indexOf(' ') + 1)
}

/** Whether a route answers: a handler does, and so does a mounted app, which looks like middleware. */
function isEndpoint({ handler }: Route): boolean {
  const target = findTargetHandler(handler)
  return mark in target ? false : !isMiddleware(target) || isMount(target)
}

function isMount(handler: object): boolean {
  const [probe] = new Hono().mount('/', () => new Response()).routes
  const source = String(handler)
  return source === String(probe?.handler) || /\bapplicationHandler\(/.test(source)
}

/** Whether a check that is registered before the route meets every request that the route answers. */
function isGuarded(route: Route, routes: readonly Route[]): boolean {
  const before = routes.slice(0, routes.indexOf(route))
  const checks = before.filter(({ handler, method }) => {
    return mark in findTargetHandler(handler) && (method === 'ALL' || method === route.method)
  })
  return checks.some((check) => check.path === route.path || meetsAll(check.path, samplesOf(route.path)))
}

function meetsAll(pattern: string, paths: readonly string[]): boolean {
  const router = new TrieRouter<true>()
  router.add('ALL', pattern, true)
  return paths.every((path) => router.match('ALL', path)[0].length > 0)
}

/** Paths that a pattern matches: with and without its optional part, and at every depth of its final wildcard. */
function samplesOf(pattern: string): readonly string[] {
  const named = (path: string) => path.replace(/:[^/{]+(\{[^}]*\})?\??|\*(?=\/)/g, 'sample')
  const optional = /\/:[^/]+\?$/.test(pattern) ? [pattern.replace(/\/:[^/]+\?$/, '') || '/'] : []
  const deep = pattern.endsWith('*')
    ? ['', 'sample', 'sample/sample'].map((rest) => pattern.slice(0, -1) + rest)
    : [pattern]
  return [...deep, ...optional].map((path) => named(path.length > 1 ? path.replace(/\/$/, '') : path))
}
