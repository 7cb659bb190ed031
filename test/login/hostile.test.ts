import { describe, expect, it, vi } from 'vitest'
import { createLogin, loginPages } from '../../src/login/index.ts'
import { pageOf, plainPage } from '../../src/login/pages.ts'
import { openSession, sealSession } from '../../src/login/session-content.ts'
import { sealBytes } from '../../src/internal/seal.ts'
import { script, scriptedCognito } from '../support/managed-login.ts'
import { loginApp, redirectUri, secret } from './login-app.ts'

type App = Awaited<ReturnType<typeof loginApp>>

const begun = async ({ browser }: App, path = '/auth/login?return_to=/deep/link') =>
  new URL((await browser.send(path)).headers.get('location') ?? '')
const backFrom = ({ cognito }: App, url: URL) => new URL(cognito.authorize(url).headers.get('location') ?? '')

describe('return addresses', () => {
  it.each([
    ['//evil', '/'],
    ['/\\evil', '/'],
    ['https://evil', '/'],
    ['http://app.example.com/x', '/'],
    ['javascript:alert(1)', '/'],
    ['%2f%2fevil', '/'],
    ['/.//evil', '/'],
    ['/..//e', '/'],
    ['/a/../..//e', '/'],
    ['/./\\e', '/'],
    ['/\t/evil', '/'],
    ['/a\r\nset-cookie: x=1', '/'],
    ['/a\u0085b', '/'],
    [' /a', '/'],
    ['https://app.example.com@evil/', '/'],
    ['/auth/login', '/'],
    ['/auth/logout?x=1', '/'],
    ['/auth/callback', '/'],
    [`/${'a'.repeat(1500)}`, '/'],
    ['', '/'],
    ['/a//b?next=//evil#c', '/a//b?next=//evil#c'],
    ['https://app.example.com/x?y=1', '/x?y=1'],
    ['https://admin.example.com/x', 'https://admin.example.com/x'],
    ['https://admin.example.com.evil/x', '/'],
  ])('%j leads to %s', async (given, expected) => {
    const app = await loginApp({ returnOrigins: ['https://admin.example.com'] })
    const path = `/auth/login?${new URLSearchParams({ return_to: given })}`
    const back = backFrom(app, await begun(app, path))
    expect((await app.browser.send(back.href)).headers.get('location')).toBe(expected)
    // A sign-out keeps to the same rules, on its way out and on its way back.
    const headers = { 'sec-fetch-site': 'same-origin' }
    await app.browser.send(path.replace('login', 'logout'), { method: 'POST', headers })
    const onward = (await app.browser.send('/auth/logout')).headers.get('location')
    expect(onward ?? '/').toBe(expected)
  })

  it('are checked where a page is to be tried again', async () => {
    const { browser, cognito, guard } = await loginApp()
    await browser.visit('/')
    cognito.pool.advance(3600)
    cognito.broken = () => new Response(null, { status: 500 })
    for (const [path, href] of [
      ['//evil.example/', '/'],
      ['/auth/logout', '/'],
      ['/deep/link?a=1', '/deep/link?a=1'],
    ]) {
      const request = browser.request(`https://app.example.com${path}`)
      const error = await guard.authenticate(request).catch((reason: unknown) => reason)
      const response = guard.toResponse(error, request)
      expect(response.status).toBe(503)
      expect(await response.text()).toContain(`<a href="${href}"`)
    }
  })

  it('are checked again where a cookie brings them back', async () => {
    const { browser } = await loginApp()
    browser.jar.set('__Host-session.after', { value: encodeURIComponent('//evil'), until: Infinity })
    expect((await browser.send('/auth/logout')).headers.get('location')).toBe('/')
  })
})

/** What is done to a callback, and the words of the page that it ends in. `redeemed`: whether the code is sent to Cognito at all. */
const callbacks: readonly [string, (back: URL, app: App) => void, string, boolean][] = [
  ['without a state', (back) => back.searchParams.delete('state'), 'Please start again', false],
  ['with the state of nobody', (back) => back.searchParams.set('state', 'A'.repeat(24)), 'Please start again', false],
  [
    'with a state that only begins alike',
    (back) => back.searchParams.set('state', `${back.searchParams.get('state')?.slice(0, 8)}AAAAAAAAAAAAAAAA`),
    'Sign-in failed',
    false,
  ],
  ['with two states', (back) => back.searchParams.append('state', 'x'), 'Sign-in failed', false],
  ['with two codes', (back) => back.searchParams.append('code', 'x'), 'Sign-in failed', false],
  ['without a code', (back) => back.searchParams.delete('code'), 'Sign-in failed', false],
  ['with a code and an error', (back) => back.searchParams.set('error', 'server_error'), 'Sign-in failed', false],
  [
    'with HTML in an error',
    (back) => {
      back.searchParams.set('error', '<script>alert(1)</script>')
      back.searchParams.set('error_description', '<img src=x>')
    },
    'Sign-in failed',
    false,
  ],
  [
    'with the iss of another server',
    (back) => back.searchParams.set('iss', 'https://evil.example'),
    'Sign-in failed',
    false,
  ],
  ['with a token in it', (back) => back.searchParams.set('id_token', 'x'), 'Sign-in failed', false],
  ['with a code that was never issued', (back) => back.searchParams.set('code', 'x'), 'Sign-in failed', true],
  [
    'with tokens of another pool',
    (_, app) => {
      app.cognito.broken = async () => Response.json(await foreignTokens())
    },
    'Sign-in failed',
    true,
  ],
  [
    'with an ID token of another user',
    (_, app) => {
      app.cognito.broken = async () => Response.json(await mixedTokens(app))
    },
    'Sign-in failed',
    true,
  ],
  [
    'without an ID token',
    (_, app) => {
      app.cognito.broken = async () => {
        const { accessToken } = await app.cognito.pool.tokens('alice')
        return Response.json({ access_token: accessToken, token_type: 'Bearer' })
      }
    },
    'Sign-in failed',
    true,
  ],
  [
    'with an ID token without a nonce',
    (_, app) => {
      app.cognito.broken = async () => {
        const { accessToken, idToken } = await app.cognito.pool.tokens('alice')
        return Response.json({ access_token: accessToken, id_token: idToken, token_type: 'Bearer' })
      }
    },
    'Sign-in failed',
    true,
  ],
  ...[undefined, 'DPoP', 'N_A', ['Bearer', 'x'], 'xbearer'].map((type): (typeof callbacks)[number] => [
    `with tokens of the type ${type}`,
    (_, { cognito }) => {
      cognito.change = (body) => ({ ...body, token_type: type })
    },
    'Sign-in failed',
    true,
  ]),
  ...[[], null, 'text', 1].map((body): (typeof callbacks)[number] => [
    `while the token endpoint sends ${JSON.stringify(body)}`,
    (_, { cognito }) => {
      cognito.broken = () => Response.json(body)
    },
    'Sign-in failed',
    true,
  ]),
  [
    'while the token endpoint redirects',
    (_, app) => {
      app.cognito.broken = () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } })
    },
    'Sign-in failed',
    true,
  ],
  [
    'while the token endpoint sends HTML',
    (_, app) => {
      app.cognito.broken = () => new Response('<html>')
    },
    'Sign-in failed',
    true,
  ],
  [
    'while the token endpoint sends a megabyte',
    (_, app) => {
      app.cognito.broken = () => new Response('x'.repeat(1_000_000))
    },
    'Sign-in failed',
    true,
  ],
  [
    'while the token endpoint is away',
    (_, app) => {
      app.cognito.broken = () => {
        throw new TypeError('no network')
      }
    },
    'Please try again',
    true,
  ],
  [
    'while the token endpoint answers 500',
    (_, app) => {
      app.cognito.broken = () => Response.json({ error: 'invalid_grant' }, { status: 500 })
    },
    'Please try again',
    true,
  ],
  [
    'while the token endpoint answers 429',
    (_, app) => {
      app.cognito.broken = () => Response.json({ error: 'invalid_grant' }, { status: 429 })
    },
    'Please try again',
    true,
  ],
  [
    'after the user turned back',
    (back) => {
      back.searchParams.delete('code')
      back.searchParams.set('error', 'access_denied')
    },
    'Sign-in cancelled',
    false,
  ],
]

async function foreignTokens() {
  const { accessToken, idToken } = await (await scriptedCognito()).pool.tokens('alice')
  return { access_token: accessToken, id_token: idToken, token_type: 'Bearer' }
}

async function mixedTokens({ cognito: { pool } }: App) {
  const [alice, bob] = await Promise.all([pool.tokens('alice'), pool.tokens('bob')])
  return { access_token: alice.accessToken, id_token: bob.idToken, token_type: 'Bearer' }
}

/** What the token endpoint answers in place of good tokens; all else about them is right, the nonce too. */
const grants: readonly [string, (app: App, nonce: string) => Promise<object>][] = [
  [
    'an ID token of another user',
    async ({ cognito: { pool } }, nonce) => ({
      access_token: (await pool.tokens('alice')).accessToken,
      id_token: (await pool.tokens('bob', { nonce })).idToken,
    }),
  ],
  [
    'an ID token of another sign-in of the user',
    async ({ cognito: { pool } }, nonce) => ({
      access_token: (await pool.tokens('alice', { claims: { origin_jti: 'one' } })).accessToken,
      id_token: (await pool.tokens('alice', { nonce, claims: { origin_jti: 'other' } })).idToken,
    }),
  ],
  [
    'an ID token in place of the access token',
    async ({ cognito: { pool } }, nonce) => {
      const { idToken } = await pool.tokens('alice', { nonce })
      return { access_token: idToken, id_token: idToken }
    },
  ],
  [
    'an access token in place of the ID token',
    async ({ cognito: { pool } }, nonce) => {
      const { accessToken } = await pool.tokens('alice', { nonce, claims: { nonce } })
      return { access_token: accessToken, id_token: accessToken }
    },
  ],
  [
    'tokens of another app client',
    async ({ cognito: { pool } }, nonce) => {
      const { accessToken, idToken } = await pool.tokens('alice', {
        nonce,
        claims: { client_id: 'another' },
        id: { aud: 'another' },
      })
      return { access_token: accessToken, id_token: idToken }
    },
  ],
  [
    'an ID token whose signature is another',
    async ({ cognito: { pool } }, nonce) => {
      const { accessToken, idToken } = await pool.tokens('alice', { nonce })
      return { access_token: accessToken, id_token: `${idToken.slice(0, -8)}AAAAAAAA` }
    },
  ],
  [
    'tokens that have ended',
    async ({ cognito: { pool } }, nonce) => {
      const { accessToken, idToken } = await pool.tokens('alice', { nonce, expiresIn: 1 })
      pool.advance(120)
      return { access_token: accessToken, id_token: idToken }
    },
  ],
]

describe('a callback', () => {
  it('with good tokens signs in: what the next ones change is all that is wrong with them', async () => {
    const app = await loginApp()
    const url = await begun(app)
    const { accessToken, idToken } = await app.cognito.pool.tokens('alice', {
      nonce: `${url.searchParams.get('nonce')}`,
    })
    app.cognito.broken = () => Response.json({ access_token: accessToken, id_token: idToken, token_type: 'Bearer' })
    expect((await app.browser.send(backFrom(app, url).href)).headers.get('location')).toBe('/deep/link')
  })

  it.each(grants)('with %s ends in a page, and admits nobody', async (_, make) => {
    const app = await loginApp()
    const url = await begun(app)
    const tokens = await make(app, `${url.searchParams.get('nonce')}`)
    app.cognito.broken = () => Response.json({ ...tokens, token_type: 'Bearer' })
    const response = await app.browser.send(backFrom(app, url).href)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('Sign-in failed')])
    expect((await app.browser.send('/', { headers: script })).status).toBe(401)
  })

  it.each(callbacks)('%s ends in a page, admits nobody, and says nothing of it', async (_, change, words, redeemed) => {
    const app = await loginApp()
    const back = backFrom(app, await begun(app))
    change(back, app)
    const response = await app.browser.send(back.href)
    const text = await response.text()
    expect(text).toContain(words)
    expect(response.status).toBe(words === 'Please try again' ? 503 : 400)
    expect(text).not.toMatch(/<script|<img|code-|eyJ|evil/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(app.cognito.calls.filter(({ path }) => path === '/oauth2/token').length).toBe(redeemed ? 1 : 0)
    expect((await app.browser.send('/', { headers: script })).status).toBe(401)
    // Once only: the same callback again leads to no login by itself.
    app.cognito.broken = undefined
    const again = await app.browser.send(back.href)
    expect([again.status, again.headers.get('location')]).toEqual([400, null])
    expect(app.handled).toEqual([])
  })

  it('of another user, given to this browser, signs nobody in', async () => {
    const attacker = await loginApp()
    const back = backFrom(attacker, await begun(attacker))
    const victim = await loginApp({}, { cognito: attacker.cognito })
    await begun(victim)
    expect(await (await victim.browser.send(back.href)).text()).toContain('Please start again')
    expect(attacker.cognito.calls).toEqual([])
  })

  it('with PKCE verifiers swapped between two logins redeems neither', async () => {
    const app = await loginApp()
    const [one, two] = [backFrom(app, await begun(app)), backFrom(app, await begun(app))]
    const codes = [one.searchParams.get('code') ?? '', two.searchParams.get('code') ?? '']
    one.searchParams.set('code', codes[1] ?? '')
    two.searchParams.set('code', codes[0] ?? '')
    for (const back of [one, two]) expect((await app.browser.send(back.href)).status).toBe(400)
  })

  it.each([201, 204, 302, 400, 401])('with good tokens and the status %i signs nobody in', async (status) => {
    const app = await loginApp()
    const url = await begun(app)
    const { accessToken, idToken } = await app.cognito.pool.tokens('alice', {
      nonce: `${url.searchParams.get('nonce')}`,
    })
    const body = JSON.stringify({ access_token: accessToken, id_token: idToken, token_type: 'Bearer' })
    app.cognito.broken = () => new Response(status === 204 ? null : body, { status })
    expect((await app.browser.send(backFrom(app, url).href)).status).toBe(400)
    expect((await app.browser.send('/', { headers: script })).status).toBe(401)
  })

  it('follows no redirect of Cognito with a code, a refresh token or a secret', async () => {
    const cognito = await scriptedCognito()
    const seen: string[] = []
    const fetch = (request: Request) => {
      if (request.method === 'POST') seen.push(`${new URL(request.url).pathname} ${request.redirect}`)
      return cognito.fetch(request)
    }
    const { browser } = await loginApp({ fetch }, { cognito })
    await browser.visit('/')
    cognito.pool.advance(3600)
    await browser.send('/', { headers: script })
    await browser.send('/auth/logout', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
    expect(seen).toEqual(['/oauth2/token manual', '/oauth2/token manual', '/oauth2/revoke manual'])
  })

  it('belongs to secrets of its own: no two logins share a state, a nonce or a verifier', async () => {
    const app = await loginApp()
    const urls = [await begun(app), await begun(app), await begun(app)]
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new Set(urls.map((url) => url.searchParams.get(name))).size).toBe(3)
    const back = backFrom(app, urls[0] ?? new URL('none:'))
    await app.browser.send(back.href)
    const verifier = app.cognito.calls.at(-1)?.form.get('code_verifier') ?? ''
    expect(verifier).toMatch(/^[\w-]{43,128}$/)
    expect(urls.join()).not.toContain(verifier)
  })

  it('is GET only, and so is the login', async () => {
    const { browser } = await loginApp()
    for (const path of ['/auth/callback?code=x', '/auth/login'])
      expect((await browser.send(path, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(
        405,
      )
    expect((await browser.send('/auth/logout', { method: 'DELETE' })).status).toBe(405)
  })

  it('takes the issuer of either form, and an iss that is one of them', async () => {
    for (const issuer of ['original', 'updated'] as const) {
      const app = await loginApp()
      app.cognito.issuer = issuer
      const back = backFrom(app, await begun(app))
      back.searchParams.set('iss', app.cognito.pool.issuer)
      expect((await app.browser.send(back.href)).headers.get('location')).toBe('/deep/link')
    }
  })
})

describe('what is sealed', () => {
  const use = { purpose: 'login session', context: 'x' }
  const content = {
    id: 'i',
    sub: 's',
    from: 1,
    seen: 2,
    until: 3,
    page: '/',
    tokens: { access: 'a.b.c', id: 'eyJhIjoxfQ.eyJhIjoxfQ.AQID', refresh: 'e..f.g.h', none: 'not base64!' },
  }

  it('comes back as it was, tokens of any form', async () => {
    expect(await openSession(await sealSession(content, secret, use), secret, use)).toEqual(content)
  })

  it.each([
    ['inflates without end', async () => deflate(new Uint8Array(20_000_000))],
    ['is not deflated', async () => new TextEncoder().encode('not deflated')],
    ['is no JSON', async () => deflate(new TextEncoder().encode('\0\u0003abc'))],
    ['is empty', async () => new Uint8Array()],
  ])('%s: no session, and no error', async (_, make) => {
    expect(await openSession(await sealBytes(await make(), secret, use), secret, use)).toBeUndefined()
  })

  it.each([
    [100_000, true],
    [140_000, false],
    [20_000_000, false],
  ])('a good session with %i spaces behind it opens: %s', async (length, opens) => {
    const text = JSON.stringify({ ...content, tokens: {} })
    const bytes = await deflate(new TextEncoder().encode(text), new Uint8Array(length).fill(0x20))
    const opened = await openSession(await sealBytes(bytes, secret, use), secret, use)
    expect(opened).toEqual(opens ? { ...content, tokens: {} } : undefined)
  })

  it('chunks of two sessions mixed are none', async () => {
    const app = await loginApp({ keep: ['access', 'id', 'refresh'] })
    app.cognito.claims = {
      blob: Array.from(crypto.getRandomValues(new Uint8Array(1500)), (byte) => byte.toString(36)).join(''),
    }
    await app.browser.visit('/')
    const first = app.browser.cookies['__Host-session.1'] ?? ''
    expect(first).toMatch(/^2/)
    await app.browser.visit('/auth/login?return_to=/deep/link')
    app.browser.jar.set('__Host-session.1', { value: first, until: Infinity })
    expect((await app.browser.send('/', { headers: script })).status).toBe(401)
  })

  it('two cookies of one name: the one that opens counts, and only four are looked at', async () => {
    const { app, browser } = await loginApp()
    await browser.visit('/')
    const good = `__Host-session=${browser.cookies['__Host-session']}`
    const ask = (count: number) => {
      const planted = Array.from({ length: count }, () => '__Host-session=1planted')
      return app(
        new Request('https://app.example.com/', { headers: { ...script, cookie: [...planted, good].join('; ') } }),
      )
    }
    expect((await ask(3)).status).toBe(200)
    expect((await ask(4)).status).toBe(401)
  })

  it('a header of 128 kB costs no more than its length', async () => {
    const { app } = await loginApp()
    for (const cookie of [
      `__Host-session=${'1'.repeat(128_000)}`,
      '__Host-session.login-a=1; '.repeat(5000),
      ` ${' '.repeat(128_000)}`,
    ])
      expect((await app(new Request('https://app.example.com/', { headers: { ...script, cookie } }))).status).toBe(401)
  })
})

it('randomness is the platform’s', async () => {
  const random = vi.spyOn(Math, 'random').mockImplementation(() => {
    throw new Error('not for secrets')
  })
  const { browser } = await loginApp()
  expect((await browser.visit('/')).status).toBe(200)
  random.mockRestore()
})

it('events and answers hold no token, code or secret', async () => {
  const clientSecret = 'a_b+c_d+e_f+0123456789abcdef'
  const { browser, events, cognito } = await loginApp(
    { clientSecret },
    { cognito: await scriptedCognito(clientSecret) },
  )
  await browser.visit('/')
  cognito.pool.advance(3600)
  cognito.refreshTokens.clear()
  await browser.send('/')
  const described = JSON.stringify(events, (_, value) =>
    value instanceof Error ? `${value} ${JSON.stringify(value)} ${value.cause}` : value,
  )
  expect(described).not.toMatch(/eyJ|code-|a_b\+c/)
  expect(events.map(({ type }) => type)).toEqual(['signed-in', 'failed'])
})

it.each([
  [
    'a state that only begins alike',
    (back: URL) => back.searchParams.set('state', `${back.searchParams.get('state')}x`),
  ],
  ['the issuer of somebody else', (back: URL) => back.searchParams.set('iss', 'https://evil.example')],
  ['an error beside the code', (back: URL) => back.searchParams.set('error', 'server_error')],
])('events hold no code, state or nonce of a callback with %s, however deep one looks', async (_, change) => {
  const app = await loginApp()
  const url = await begun(app)
  const back = backFrom(app, url)
  const secrets = ['state', 'nonce'].map((name) => `${url.searchParams.get(name)}`)
  change(back)
  await app.browser.send(back.href)
  const looked: string[] = []
  const look = (value: unknown): void => {
    if (value instanceof URLSearchParams) looked.push(`${value}`)
    else if (typeof value !== 'object' || value === null) looked.push(`${value}`)
    else for (const name of Object.getOwnPropertyNames(value)) look(Reflect.get(value, name))
  }
  look(app.events)
  expect(app.events.map(({ type }) => type)).toEqual(['failed'])
  for (const held of ['code-', ...secrets]) expect(looked.join('\n')).not.toContain(held)
})

it('events quote nothing of an answer that is cut off', async () => {
  const { browser, events, cognito } = await loginApp()
  cognito.broken = () => new Response('eyJhbGciOiJ"', { headers: { 'content-type': 'application/json' } })
  await browser.visit('/')
  expect(events.map((event) => event.type === 'failed' && `${event.error}`)).toEqual(['Error: HTTP status 200'])
})

it.each([
  [
    'an error',
    () => {
      throw new Error('mine')
    },
  ],
  ['a rejection', () => Promise.reject(new Error('mine'))],
])('%s in onEvent changes nothing', async (_, onEvent) => {
  const { browser } = await loginApp({ onEvent })
  expect((await browser.visit('/')).status).toBe(200)
})

describe('options', () => {
  it.each<[object, string]>([
    [{ domain: 'http://auth.example.com' }, 'createLogin: domain'],
    [{ domain: 'auth.example.com' }, 'createLogin: domain'],
    [{ domain: ['https://auth.example.com'] }, 'createLogin: domain'],
    [{ issuer: 'http://issuer.example' }, 'createLogin: issuer'],
    [{ jwksUrl: 'http://keys.example/jwks.json' }, 'createLogin: jwksUrl'],
    [{ redirectUri: 'http://app.example.com/auth/callback', allowTestKeys: true }, 'createLogin: development'],
    [{ clientId: '' }, 'createLogin: clientId'],
    [{ redirectUri: 'https://app.example.com' }, 'createLogin: redirectUri'],
    [{ redirectUri: 'https://app.example.com/auth/' }, 'createLogin: redirectUri'],
    [{ redirectUri: 'https://app.example.com/auth/login' }, 'createLogin: redirectUri'],
    [{ secrets: 'short' }, 'createLogin: secrets'],
    [{ secrets: [] }, 'createLogin: secrets'],
    [{ secrets: 'a'.repeat(64) }, 'createLogin: secrets'],
    [{ secrets: [secret, 'short'] }, 'createLogin: secrets'],
    [{ scopes: ['email'] }, 'createLogin: scopes'],
    [{ keep: ['refresh'] }, 'createLogin: keep'],
    [{ keep: ['acces'] }, 'createLogin: keep'],
    [{ cookieName: '__Host-x;' }, 'createLogin: cookieName'],
    [{ idleLifetime: 0 }, 'createLogin: idleLifetime'],
    [{ returnOrigins: ['https://x.example/'] }, 'createLogin: returnOrigins'],
    [{ userPoolID: 'x' }, 'createLogin: unknown option "userPoolID"; did you mean "userPoolId"?'],
    [{ defaults: { langs: 'x' } }, 'createLogin: defaults: unknown option "langs"; did you mean "lang"?'],
    [{ rotation: { grace: 1 } }, 'createLogin: rotation: unknown option "grace"'],
  ])('%j: %s', (options, message) => {
    const base = {
      domain: 'https://auth.example.com',
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: 'c',
      redirectUri,
      secrets: secret,
    }
    expect(() => createLogin({ ...base, ...options })).toThrow(message)
  })

  it('may be frozen, whatever of them is given, and inherited', async () => {
    const options = Object.freeze({ keep: ['access', 'refresh'] as const, scopes: ['openid'], timeout: 2 })
    const { cognito } = await loginApp()
    const settings = { ...cognito.pool.settings, domain: cognito.domain, redirectUri, fetch: cognito.fetch }
    const inherited = Object.create(Object.freeze({ ...settings, ...options, secrets: secret, cookieName: 'other' }))
    const login = createLogin(Object.freeze(inherited))
    const answer = await login.handle(new Request('https://app.example.com/auth/login'))
    expect(answer?.headers.get('set-cookie')).toMatch(/^__Host-other\.login-/)
  })

  it('a guard that asks for a token that is not kept says so', async () => {
    const { browser } = await loginApp({}, { guardOptions: { tokenUse: 'id' } })
    await expect(browser.visit('/')).rejects.toThrow('createLogin: keep: expected "id" among them')
    const kept = await loginApp({ keep: ['id', 'refresh'] }, { guardOptions: { tokenUse: 'id' } })
    expect((await kept.browser.visit('/')).status).toBe(200)
  })
})

describe('pages', () => {
  it('escape what they are given, plain and styled', () => {
    const page = { ...pageOf('failed', '/auth/login?return_to="><script>'), text: '<b>', title: "it's & more" }
    for (const html of [plainPage(page), loginPages({ name: '<i>' })(page)]) {
      expect(html).not.toMatch(/<b>|<script>|<i>/)
      expect(html).toContain('it&#39;s &#38; more')
    }
  })

  it('of the application replace the plain ones, in its language', async () => {
    const pages = loginPages({
      name: 'Example',
      lang: 'de',
      texts: { forbidden: { title: 'Kein Zugang', text: 'Nein.' } },
    })
    const { browser } = await loginApp({ pages })
    await browser.visit('/')
    const text = await (await browser.send('/users')).text()
    expect(text).toContain('<html lang="de">')
    expect(text).toContain('<h1>Kein Zugang</h1>')
  })
})

async function deflate(...parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const stream = new Blob(parts).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
