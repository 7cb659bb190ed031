import { expect, it } from 'vitest'
import { Browser, type Cognito, navigation, script, scriptedCognito } from '../support/managed-login.ts'
import { loginApp } from './login-app.ts'

/**
 * The state machine of a login, explored exhaustively: every action in every state that a sequence of actions leads to. The states are
 * those of the model (signed out, waiting, signed in, expired, refused, signed out elsewhere), told apart by what can be told
 * of them, each of which is reached by the real login, the real guard and a browser.
 */
interface World {
  readonly browser: Browser
  readonly cognito: Cognito
  readonly handled: string[]
  /** Callbacks that wait, and an answer that is under way. */
  readonly waiting: string[]
  late: Response | undefined
}

const own = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const origin = 'https://app.example.com'

const actions: Readonly<Record<string, (world: World) => Promise<Response | undefined>>> = {
  'open a page': (world) => visit(world, '/deep/link'),
  'open a page that is forbidden': (world) => visit(world, '/users'),
  'open a page that needs a step-up': (world) => visit(world, '/purge'),
  'call an API': async (world) => {
    const response = await world.browser.send('/', { headers: script })
    // A script is never sent anywhere.
    expect(response.headers.get('location')).toBeNull()
    return response
  },
  'begin a login': async (world) => {
    const response = await world.browser.send('/auth/login?return_to=/deep/link')
    const location = response.headers.get('location')
    if (location !== null) {
      const back = world.cognito.authorize(new URL(location)).headers.get('location') ?? ''
      if (world.waiting.length < 2) world.waiting.push(back)
    }
    return location === null ? response : undefined
  },
  'come back from Cognito': async (world) => {
    const back = world.waiting.shift()
    return back === undefined ? undefined : visit(world, back.replace(origin, ''))
  },
  'come back from Cognito once more': async (world) => {
    const back = world.waiting[0]
    if (back === undefined) return undefined
    await world.browser.send(back)
    note(world)
    return visit(world, back.replace(origin, ''))
  },
  'let the token expire': async (world) => {
    world.cognito.pool.advance(3600)
    return undefined
  },
  'renew in two tabs, the later answer kept back': async (world) => {
    const requests = [world.browser.request('/', { headers: script }), world.browser.request('/', { headers: script })]
    const [first, second] = await Promise.all(requests.map((request) => world.browser.app(request)))
    world.late = second
    return first && world.browser.take(first)
  },
  'get the late answer': async (world) => {
    if (world.late) world.browser.take(world.late)
    world.late = undefined
    return undefined
  },
  'sign out': async (world) => {
    const response = await world.browser.send('/auth/logout', { method: 'POST', headers: { ...navigation, ...own } })
    expect(response.status).toBe(303)
    return undefined
  },
  'sign out elsewhere': async (world) => {
    world.cognito.refreshTokens.clear()
    return undefined
  },
  'switch the user at Cognito': async (world) => {
    world.cognito.user = world.cognito.user === 'alice' ? 'bob' : 'alice'
    return undefined
  },
  'lose all cookies': async (world) => {
    world.browser.jar.clear()
    return undefined
  },
}

async function visit({ browser }: World, path: string): Promise<Response> {
  // Throws where it does not come to an end within twenty hops.
  const response = await browser.visit(path)
  const logins = browser.trail.filter((address) => address.endsWith('/oauth2/authorize')).length
  expect(logins).toBeLessThanOrEqual(2)
  return response
}

function note({ browser }: World): void {
  expect(Object.keys(browser.cookies).filter((name) => name.includes('.login-')).length).toBeLessThanOrEqual(5)
}

/** Longer sequences lead to few new states, and take long: 281 states in 30 s with six. */
const DEPTH = 4

/** What can be told of a world: two that are alike here are taken for one state. */
async function stateOf(world: World): Promise<string> {
  const { browser, cognito, waiting, late } = world
  const cookies = browser.cookies
  const names = Object.keys(cookies).map((name) => name.replace(/\.login-.*/, '.login'))
  const session = browser.cookies['__Host-session']
  const copy = new Browser(browser.app, cognito)
  copy.jar = new Map(browser.jar)
  // A prefetch changes nothing, so it may look.
  const probe = await copy.send('/auth/me', { headers: { ...script, 'sec-purpose': 'prefetch' } })
  const me = probe.status === 200 ? (await probe.json()).user.username : probe.status
  return JSON.stringify([
    names.filter((name) => !name.endsWith('.ended')).sort(),
    session !== undefined,
    me,
    cognito.user,
    waiting.length,
    late !== undefined,
    cognito.refreshTokens.size > 0,
  ])
}

it('every path ends in a page, none loops, and none admits who is not signed in', { timeout: 120_000 }, async () => {
  const cognito = await scriptedCognito()
  const { app, handled } = await loginApp({}, { cognito })

  /** Plays a sequence of actions from the beginning, and checks each of them. */
  async function play(path: readonly string[]): Promise<World> {
    cognito.user = 'alice'
    cognito.refreshTokens.clear()
    cognito.pool.advance(100)
    const browser = new Browser(app, cognito)
    const world: World = { browser, cognito, handled, waiting: [], late: undefined }
    let signedOut = true
    for (const name of path) {
      handled.length = 0
      const before = Object.hasOwn(browser.cookies, '__Host-session')
      const tokens = cognito.calls.length
      const response = await actions[name]?.(world)
      note(world)
      if (response) {
        // A page, data, or a refusal: never a redirect that is left, never an error of ours.
        expect(response.status, path.join(' → ')).toBeOneOf([200, 400, 401, 403, 503])
        expect(await response.text()).not.toBe('')
      }
      // Whoever got to a handler had a session, or has just got one by a code that Cognito gave.
      if (handled.length > 0) expect(before || cognito.calls.length > tokens, path.join(' → ')).toBe(true)
      if (/sign out$|lose all/.test(name)) signedOut = true
      if (/come back|open a page/.test(name)) signedOut = false
      if (/late|API|two tabs/.test(name) && signedOut) expect(handled, path.join(' → ')).toEqual([])
    }
    return world
  }

  const seen = new Map<string, readonly string[]>([[await stateOf(await play([])), []]])
  let tried = 0
  for (const [, path] of seen) {
    for (const action of Object.keys(actions)) {
      const next = [...path, action]
      if (next.length > DEPTH) continue
      tried++
      const state = await stateOf(await play(next))
      if (!seen.has(state)) seen.set(state, next)
    }
  }
  expect(seen.size).toBeGreaterThan(40)
  expect(tried).toBeGreaterThan(400)
})
