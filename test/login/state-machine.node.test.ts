import { beforeAll, expect, it } from 'vitest'
import { Browser, type Cognito, navigation, script, scriptedCognito } from '../support/managed-login.ts'
import { type LoginApp, loginApp } from './login-app.ts'

/**
 * The state machine of a login, explored until no action leads to a state that was not seen before. A state is what the browser, Cognito
 * and whoever waits for an answer hold; each action is done by the real login, the real guard and a browser, in an isolate
 * that remembers nothing.
 */
interface World {
  readonly app: LoginApp
  readonly browser: Browser
  readonly cognito: Cognito
  /** A callback that Cognito sent a tab to, which has not come yet, or came already. */
  back: string | undefined
  /** An answer that has been made and has not reached the browser. */
  late: Response | undefined
  /** Who came in by the last callback, and has not signed out here since: what the login must not forget, nor invent. */
  user: string | undefined
}

const own = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const post = { method: 'POST', headers: { ...navigation, ...own } }

type Action = (world: World) => Promise<Response | undefined>

const actions: Readonly<Record<string, Action>> = {
  'open a page': (world) => visit(world, '/deep/link'),
  'open a page that is refused': (world) => visit(world, '/users'),
  'open a page that needs a step-up': (world) => visit(world, '/purge'),
  'open a page on another host': (world) => visit(world, 'https://www.example.com/auth/login?return_to=/deep/link'),
  'call an API': async (world) => {
    const response = await world.browser.send('/', { headers: script })
    // A script is never sent anywhere.
    expect(response.headers.get('location')).toBeNull()
    return response
  },
  'call an API where the clock is ten minutes off': async (world) => {
    const { cognito, browser } = world
    const now = () => cognito.pool.settings.now() - 600_000
    const { app } = await loginApp({ now }, { cognito, guardOptions: { now, clockTolerance: 300 } })
    return browser.take(await app(browser.request('/auth/me', { headers: script })))
  },
  'open a page while Cognito is away': async (world) => {
    world.cognito.broken = () => new Response(null, { status: 503 })
    const response = await visit(world, '/deep/link')
    world.cognito.broken = undefined
    return response
  },
  'send a form': async (world) => {
    const response = await world.browser.send('/', post)
    expect(response.headers.get('location')).toBeNull()
    return response
  },
  'begin a login': async (world) => {
    const response = await world.browser.send('/auth/login?return_to=/deep/link')
    const location = response.headers.get('location')
    if (location === null) return response
    world.back ??= world.cognito.authorize(new URL(location)).headers.get('location') ?? undefined
    return undefined
  },
  'come back from Cognito': (world) => (world.back === undefined ? nothing() : visit(world, world.back)),
  'forget the tab that came back': async (world) => {
    world.back = undefined
    return undefined
  },
  'let the token expire': async (world) => {
    world.cognito.pool.advance(3600)
    return undefined
  },
  'let half a minute pass': async (world) => {
    world.cognito.pool.advance(31)
    return undefined
  },
  'use two tabs, the later answer kept back': async (world) => {
    const { browser, cognito } = world
    const other = await loginApp(options, { cognito })
    const requests = [browser.request('/', { headers: script }), browser.request('/', { headers: script })] as const
    // Two isolates, which share nothing.
    const [first, second] = await Promise.all([browser.app(requests[0]), other.app(requests[1])])
    world.late = second.headers.getSetCookie().length > 0 ? second : undefined
    return browser.take(first)
  },
  'get the late answer': async (world) => {
    if (world.late) world.browser.take(world.late)
    world.late = undefined
    return undefined
  },
  'sign out': async (world) => {
    const response = await world.browser.send('/auth/logout', post)
    expect(response.status).toBe(303)
    return undefined
  },
  'sign out elsewhere': async (world) => {
    world.cognito.refreshTokens.clear()
    return undefined
  },
  'sign out at Cognito, or in again': async (world) => {
    world.cognito.user = world.cognito.user === undefined ? 'alice' : undefined
    return undefined
  },
  'close the browser, which forgets its cookies': async (world) => {
    world.browser.jar.clear()
    world.late = undefined
    return undefined
  },
}

const options = { rotation: { gracePeriod: 30 } }
const nothing = async () => undefined

/** For what an answer or a callback under way makes no difference to. */
const isQuiet = ({ back, late }: Snapshot) => back === undefined && late.length === 0

/** Where an action would do nothing at all, or nothing that it does not do elsewhere, it is left out. */
const needs: Readonly<Record<string, (held: Snapshot) => boolean>> = {
  'call an API where the clock is ten minutes off': isQuiet,
  'send a form': isQuiet,
  'come back from Cognito': ({ back }) => back !== undefined,
  'forget the tab that came back': ({ back }) => back !== undefined,
  'get the late answer': ({ late }) => late.length > 0,
  'sign out elsewhere': ({ cognito }) => cognito.refreshTokens.size > 0,
  'close the browser, which forgets its cookies': ({ jar }) => jar.size > 0,
}

async function visit({ browser }: World, path: string): Promise<Response> {
  // Throws where it does not come to an end within twenty hops.
  const response = await browser.visit(path)
  const logins = browser.trail.filter((address) => address.endsWith('/oauth2/authorize')).length
  expect(logins).toBeLessThanOrEqual(2)
  return response
}

/** All that a world holds, so that it can be gone back to. */
interface Snapshot {
  readonly now: number
  readonly jar: World['browser']['jar']
  readonly cognito: Pick<Cognito, 'user' | 'refreshTokens' | 'codes'>
  readonly back: string | undefined
  readonly late: readonly string[]
  readonly user: string | undefined
  /** How it was reached. */
  readonly path: readonly string[]
}

function snapshotOf({ browser, cognito, back, late, user }: World, path: readonly string[]): Snapshot {
  const copy = <V extends object>(map: Map<string, V>) => new Map([...map].map(([key, value]) => [key, { ...value }]))
  return {
    now: cognito.pool.settings.now(),
    jar: new Map(browser.jar),
    cognito: { user: cognito.user, refreshTokens: copy(cognito.refreshTokens), codes: copy(cognito.codes) },
    late: late?.headers.getSetCookie() ?? [],
    ...{ back, user, path },
  }
}

async function worldOf(cognito: Cognito, { now, jar, cognito: held, back, late, user }: Snapshot): Promise<World> {
  cognito.pool.advance((now - cognito.pool.settings.now()) / 1000)
  cognito.user = held.user
  for (const name of ['refreshTokens', 'codes'] as const) {
    const map = cognito[name] as Map<string, object>
    map.clear()
    for (const [key, value] of held[name]) map.set(key, { ...value })
  }
  const app = await loginApp(options, { cognito })
  app.browser.jar = new Map(jar)
  const answer = late.length > 0 ? new Response() : undefined
  for (const line of late) answer?.headers.append('set-cookie', line)
  return { app, browser: app.browser, cognito, back, late: answer, user }
}

/** What makes a difference to what can happen next. */
async function stateOf(world: World): Promise<string> {
  const { browser, cognito, back, late, user, app } = world
  const { cookies } = browser
  const probe = new Browser(app.app, cognito)
  const ask = async (jar: Browser['jar']) => {
    probe.jar = new Map(jar)
    // A prefetch changes nothing, so it may look.
    const response = await probe.send('/auth/me', { headers: { ...script, 'sec-purpose': 'prefetch' } })
    return response.status === 200 ? (await response.json()).user.username : response.status
  }
  const after = new Browser(app.app, cognito)
  after.jar = new Map(browser.jar)
  if (late) after.take(late)
  const code = back === undefined ? undefined : new URL(back).searchParams.get('code')
  const state = back === undefined ? '' : `${new URL(back).searchParams.get('state')?.slice(0, 8)}`
  return JSON.stringify([
    await ask(browser.jar),
    Object.hasOwn(cookies, '__Host-session'),
    cookies['__Host-session.rounds'] ?? '',
    back === undefined
      ? 'none'
      : [Object.hasOwn(cookies, `__Host-session.login-${state}`), cognito.codes.get(`${code}`)],
    late === undefined ? 'none' : await ask(after.jar),
    [...cognito.refreshTokens.values()].some(({ username }) => username === user),
    cognito.user ?? 'nobody',
    user ?? 'nobody',
  ])
}

let cognito: Cognito
beforeAll(async () => {
  cognito = await scriptedCognito()
  cognito.rotation = 30
})

it('no path loops, none admits who is not signed in, and each ends in a page', { timeout: 300_000 }, async () => {
  const begun = await loginApp(options, { cognito })
  const start: World = {
    app: begun,
    browser: begun.browser,
    cognito,
    back: undefined,
    late: undefined,
    user: undefined,
  }
  const seen = new Map<string, Snapshot>([[await stateOf(start), snapshotOf(start, [])]])
  const statuses = new Set<number>()
  let tried = 0
  for (const [, snapshot] of seen) {
    for (const [name, action] of Object.entries(actions)) {
      if (needs[name]?.(snapshot) === false) continue
      const world = await worldOf(cognito, snapshot)
      const path = [...snapshot.path, name]
      const where = path.join(' → ')
      const used = new Set([...cognito.codes].filter(([, { used }]) => used).map(([code]) => code))
      tried++
      const response = await action(world).catch((error) => {
        throw new Error(where, { cause: error })
      })
      if (response) {
        // A page, data, or a refusal: never a redirect that is left, never an error of ours.
        expect(response.status, where).toBeOneOf([200, 400, 401, 403, 503])
        expect(await response.text(), where).not.toBe('')
        statuses.add(response.status)
      }
      if (/^(sign out|close .*)$/.test(name)) world.user = undefined
      const came = [...cognito.codes].findLast(([code, { used: isUsed }]) => isUsed && !used.has(code))
      // A code that was redeemed may yet be refused, as a step-up that is too weak.
      if (came && world.app.events.some(({ type }) => type === 'signed-in')) world.user = came[1].username
      // Handlers are for alice, and for her only while she is signed in here.
      if (world.app.handled.length > 0) expect(world.user, where).toBe('alice')
      expect(Object.keys(world.browser.cookies).filter((cookie) => cookie.includes('.login-')).length).toBeLessThan(6)
      const state = await stateOf(world)
      const [me]: [string | number] = JSON.parse(state)
      if (typeof me === 'string') expect(me, where).toBe(world.user)
      if (!seen.has(state)) seen.set(state, snapshotOf(world, path))
      if (seen.size > 2000) throw new Error(`no end: ${state} by ${where}`)
    }
  }
  expect([...statuses].toSorted()).toEqual([200, 400, 401, 403, 503])
  // Far states are twelve actions away.
  expect(seen.size).toBeGreaterThan(400)
  expect(Math.max(...[...seen.values()].map(({ path }) => path.length))).toBeGreaterThan(8)
  expect(tried).toBeGreaterThan(5000)
})
