import { Hono } from 'hono'
import { protect, protectAll } from '../../adapters/fetch/index.ts'
import { honoGuard } from '../../adapters/hono/index.ts'
import { amplifyCookies, cookie, createGuard, defineGroups, type Guard, type GuardOptions } from '../../src/index.ts'
import { isJsonObject } from '../../src/internal/encoding.ts'
import { codeOf } from './answer.ts'
import type { Row } from './row.ts'
import type { Delivery, Session, Verifier } from './verifier.ts'
import type { World } from './world.ts'

/** Our guard, with requests through its adapters. */
export const ours: Verifier = {
  name: 'cognigate',
  exact: true,
  supports: () => true,
  open(row, world) {
    const guard = createGuard(optionsOf(row.options, world))
    const answer = answererOf(row, guard)
    return ({ request, token, tokens }) =>
      request === undefined ? byToken(guard, token) : answer({ request, token, tokens })
  },
}

/** Our guard, with tokens that came some other way than by a request. */
export const oursByToken: Verifier = {
  name: 'cognigate, verify',
  exact: true,
  supports: ({ entry, options, steps }) =>
    entry === 'token' &&
    !('requirement' in options || 'selectPool' in options) &&
    steps.every(({ request }) => !request),
  open(row, world) {
    const guard = createGuard(optionsOf(row.options, world))
    return ({ token }) => byToken(guard, token)
  },
}

async function byToken(guard: Guard, token = ''): Promise<string> {
  return guard.verify(token).then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? `threw ${error}`,
  )
}

const plainMap = {
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
  admin: { allow: ['*'] },
}

function mapOf(definitions: unknown, options: unknown) {
  const define: (definitions: unknown, options: unknown) => ReturnType<typeof defineGroups<string, string>> =
    Object.assign(defineGroups)
  const permissions = ['posts.read', 'posts.write', 'posts.purge']
  return define(definitions ?? plainMap, options ?? (definitions === undefined ? { permissions } : {}))
}

/** Makes options of the data of a row. */
function optionsOf(data: Row['options'], world: World): GuardOptions<string, string> {
  const {
    cookie: cookieName,
    allowedOrigins,
    amplify,
    check,
    resolveGroups,
    selectPool,
    store,
    map,
    mapOptions,
    requirement,
    pools,
    ...plain
  } = world.resolve(data) as Record<string, unknown>
  const { userPoolId, clientId, ...settings } = world.settings
  const groups = mapOf(map, mapOptions)
  let checked = 0
  return {
    ...settings,
    ...(Array.isArray(pools)
      ? { pools: pools.map(({ map: own, ...pool }) => ({ ...pool, groups: mapOf(own, undefined) })) }
      : { userPoolId, clientId, groups }),
    ...(cookieName !== undefined && {
      tokenSource: cookie(
        String(cookieName),
        allowedOrigins === undefined ? {} : { allowedOrigins: allowedOrigins as string[] },
      ),
    }),
    ...(amplify === true && { tokenSource: amplifyCookies() }),
    ...(Array.isArray(check) && { validate: () => check[Math.min(checked++, check.length - 1)] }),
    ...(resolveGroups !== undefined && { resolveGroups: () => resolveGroups }),
    ...(isJsonObject(selectPool) && { selectPool: ({ url }: Request) => selectPool[new URL(url).hostname] }),
    ...(store !== undefined && { keyStore: { get: async () => store, put: async () => {} } }),
    ...plain,
    // `resolve` leaves out what is to be absent; an option of the settings goes by name.
    ...Object.fromEntries(
      Object.entries(data).flatMap(([name, value]) => (value === '$absent' ? [[name, undefined]] : [])),
    ),
  } as GuardOptions<string, string>
}

/** How requests come to the guard, as the row says. */
function answererOf({ entry, options }: Row, guard: Guard): Session {
  let runs = 0
  let anonymous = false
  const handler = () => {
    runs++
    return new Response('done')
  }
  const app = (optional: boolean) => {
    const { loginCheck } = honoGuard(guard)
    return new Hono().use(loginCheck({ optional })).all('*', (c) => {
      anonymous = c.var.principal === undefined
      return handler()
    })
  }
  const requirement = (options['requirement'] ?? { allOf: [] }) as { allOf: string[] }
  const entries: Record<string, (delivery: Delivery) => Promise<Response>> = {
    optional: async ({ request }) => app(true).fetch(request!),
    users: async ({ request }) => app(false).fetch(request!),
    table: ({ request }) => protectAll(guard, { 'posts.read': handler })['posts.read'](request!),
  }
  const otherwise = protect(guard, requirement, handler, { clients: true })
  const answer = entries[entry] ?? (({ request }: Delivery) => otherwise(request!))
  return async (delivery) => {
    const { tokens } = delivery
    if (entry === 'pair') return pairOf(guard, tokens)
    const before = runs
    const response = await answer(delivery)
    const ran = runs - before
    if (response.status === 200 && ran === 1) return anonymous ? 'anonymous' : 'accepted'
    if (ran > 0) throw new Error('the handler ran')
    return codeOf(response, Object.values(tokens))
  }
}

function pairOf(guard: Guard, tokens: Delivery['tokens']): Promise<string> {
  return guard.verifyTokens({ idToken: tokens['id']!, accessToken: tokens['access']! }).then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? `threw ${error}`,
  )
}
