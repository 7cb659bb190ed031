import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  amplifyCookies,
  bearer,
  ConfigurationError,
  cookie,
  createGuard,
  type GuardOptions,
  type TokenSource,
} from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

afterEach(() => {
  vi.restoreAllMocks()
})

const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )
/** A stand-in, since some runtimes drop header fields that only browsers may set, and refuse odd values. */
const incoming = (fields: Record<string, string>, method = 'GET') => {
  const reads: string[] = []
  const lower = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
  const headers = {
    has: (name: string) => lower.has(name),
    get: (name: string) => {
      reads.push(name)
      return lower.get(name) ?? null
    },
  }
  return { reads, request: { method, url: 'https://app.example/posts', headers } as unknown as Request }
}

function setUp(tokenSource: TokenSource, options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  const guard = createGuard({ ...issuer.settings, tokenSource, ...options } as GuardOptions)
  const outcome = (fields: Record<string, string>, method?: string, strictCookies?: boolean | 'allow-navigation') =>
    outcomeOf(guard.authenticate(incoming(fields, method).request, { strictCookies }))
  return { issuer, guard, outcome }
}

const amplify = `CognitoIdentityServiceProvider.${clientId}`
const amplifyPair = (jwt: string) => `${amplify}.LastAuthUser=alice; ${amplify}.alice.accessToken=${jwt}`

describe('the name of a cookie', () => {
  it.each<[string, string]>([
    ['__Host-token', 'accepted'],
    [' \t__Host-token\t ', 'accepted'],
    ['%5F%5FHost-token', 'TOKEN_MISSING'],
    ['%5f_Host-token', 'TOKEN_MISSING'],
    ['__Host%2Dtoken', 'TOKEN_MISSING'],
    ['\u00a0__Host-token', 'TOKEN_MISSING'],
    ['__Host-token\u00a0', 'TOKEN_MISSING'],
    ['\u2003__Host-token', 'TOKEN_MISSING'],
    ['\ufeff__Host-token', 'TOKEN_MISSING'],
    ['\u0085__Host-token', 'TOKEN_MISSING'],
    ['\v__Host-token', 'TOKEN_MISSING'],
    ['\f__Host-token', 'TOKEN_MISSING'],
    ['__host-token', 'TOKEN_MISSING'],
    ['__Secure-token', 'TOKEN_MISSING'],
    ['token', 'TOKEN_MISSING'],
    ['x__Host-token', 'TOKEN_MISSING'],
  ])('%j is or is not __Host-token: %s', async (name, expected) => {
    const { outcome } = setUp(cookie('__Host-token'))
    expect(await outcome({ cookie: `a=1; ${name}=${token}` })).toBe(expected)
    expect(await outcome({ cookie: `${name}=${token};b` })).toBe(expected)
  })

  it.each(['__Host-token', '__Secure-token', ' __Host-token'])(
    'with a prefix is not the plain one: %j',
    async (name) => {
      expect(await setUp(cookie('token')).outcome({ cookie: `${name}=${token}` })).toBe('TOKEN_MISSING')
    },
  )

  it('may hold a percent sign, which stands for itself', async () => {
    const { outcome } = setUp(cookie('a%41'))
    expect(await outcome({ cookie: `a%41=${token}` })).toBe('accepted')
    expect(await outcome({ cookie: `aA=${token}` })).toBe('TOKEN_MISSING')
  })

  it("of Amplify's is decoded in the user's part, and nowhere else", async () => {
    const { outcome } = setUp(amplifyCookies())
    const last = `${amplify}.LastAuthUser=a%40b`
    const encoded = (text: string) => text.replace(/./, (char) => `%${char.charCodeAt(0).toString(16)}`)
    expect(await outcome({ cookie: `${last}; ${amplify}.a%40b.accessToken=${token}` })).toBe('accepted')
    expect(await outcome({ cookie: `${last}; ${amplify}.a@b.accessToken=${token}` })).toBe('accepted')
    for (const name of [
      `${encoded(amplify)}.a%40b.accessToken`,
      `CognitoIdentityServiceProvider.${encoded(clientId)}.a%40b.accessToken`,
      `CognitoIdentityServiceProvider%2E${clientId}.a%40b.accessToken`,
      `${amplify}%2Ea%40b.accessToken`,
      `${amplify}.a%40b%2EaccessToken`,
      `${amplify}.a%40b.${encoded('accessToken')}`,
      `\u00a0${amplify}.a%40b.accessToken`,
    ]) {
      expect(await outcome({ cookie: `${last}; ${name}=${token}` }), name).toBe('TOKEN_MISSING')
    }
    expect(await outcome({ cookie: `${encoded(last)}; ${amplify}.a%40b.accessToken=${token}` })).toBe('TOKEN_MISSING')
  })

  it("of Amplify's may hold dots in the user's part", async () => {
    const { outcome } = setUp(amplifyCookies())
    const header = `${amplify}.LastAuthUser=a.b.c; ${amplify}.a.b.c.accessToken=${token}`
    expect(await outcome({ cookie: header })).toBe('accepted')
  })
})

describe('the value of a cookie', () => {
  it.each([
    ['as it is', (text: string) => text],
    ['with spaces and tabs around it', (text: string) => `\t ${text} \t`],
    ['percent-encoded', (text: string) => text.replaceAll('.', '%2E')],
  ])('counts %s', async (_name, write) => {
    expect(await setUp(cookie('t')).outcome({ cookie: `t=${write(token)}; a=1` })).toBe('accepted')
  })

  it('is none where there is no equals sign', async () => {
    expect(await setUp(cookie('t')).outcome({ cookie: `t; ${token}; =${token}; ;` })).toBe('TOKEN_MISSING')
  })
})

describe('work before authentication', () => {
  const sources: [string, () => TokenSource, (size: number) => string][] = [
    ['cookie', () => cookie('t'), (size) => 't=x;'.repeat(size / 4)],
    ['cookie', () => cookie('t'), (size) => 't=%FF;'.repeat(size / 6)],
    ['cookie', () => cookie('t'), (size) => 't=%;t=%E0%A4%A;'.repeat(size / 15)],
    ['cookie', () => cookie('t'), (size) => `t=${' '.repeat(size)}x`],
    ['cookie', () => cookie('t'), (size) => ';'.repeat(size)],
    ['cookie', () => cookie('t'), (size) => '='.repeat(size)],
    ['amplifyCookies', amplifyCookies, (size) => `${amplify}.LastAuthUser=u;`.repeat(size / 70)],
    [
      'amplifyCookies',
      amplifyCookies,
      (size) => Array.from({ length: size / 70 }, (_, index) => `${amplify}.LastAuthUser=u${index};`).join(''),
    ],
    [
      'amplifyCookies',
      amplifyCookies,
      (size) =>
        Array.from(
          { length: size / 140 },
          (_, index) => `${amplify}.LastAuthUser=u${index};${amplify}.u${index}.accessToken=x;`,
        ).join(''),
    ],
    [
      'amplifyCookies',
      amplifyCookies,
      (size) => `${amplify}.LastAuthUser=u;${amplify}.u.accessToken=x;`.repeat(size / 130),
    ],
    ['bearer', () => bearer, (size) => `Bearer ${' '.repeat(size)}x`],
  ]

  it.each(sources)(
    'of %s reads the header once and decodes each of its parts once at most',
    async (name, make, header) => {
      const spy = vi.spyOn(globalThis, 'decodeURIComponent')
      const { guard } = setUp(make())
      const counts: number[] = []
      for (const size of [8_192, 131_072]) {
        const text = header(size)
        const { reads, request } = incoming({ [name === 'bearer' ? 'authorization' : 'cookie']: text })
        spy.mockClear()
        await outcomeOf(guard.authenticate(request))
        expect(reads.filter((field) => field === 'cookie').length).toBeLessThanOrEqual(1)
        // Two of a pair: the user's part of a name, and a value.
        expect(spy.mock.calls.length).toBeLessThanOrEqual(2 * text.split(';').length)
        counts.push(spy.mock.calls.reduce((sum, [part]) => sum + String(part).length, 0))
        expect(counts.at(-1)).toBeLessThanOrEqual(text.length)
        // An exception costs a hundred times what it is thrown for.
        if (name === 'cookie') expect(spy.mock.results.filter(({ type }) => type === 'throw')).toEqual([])
      }
    },
  )

  it('looks at four users of a client and four tokens, whatever comes', async () => {
    const { guard } = setUp(amplifyCookies())
    const users = Array.from({ length: 1000 }, (_, index) => `${amplify}.LastAuthUser=u${index}`)
    const tokens = users.map((_, index) => `${amplify}.u${index}.accessToken=${index === 4 ? token : 'x'}`)
    expect(await outcomeOf(guard.authenticate(incoming({ cookie: [...users, ...tokens].join(';') }).request))).toBe(
      'TOKEN_MALFORMED',
    )
    tokens[3] = `${amplify}.u3.accessToken=${token}`
    expect(await outcomeOf(guard.authenticate(incoming({ cookie: [...users, ...tokens].join(';') }).request))).toBe(
      'accepted',
    )
  })
})

describe('a planted cookie that cannot be judged', () => {
  const planted: [string, () => Promise<string>][] = [
    ['an unknown kid', () => sign(key, accessClaims({ iat: start - 60 }), { kid: 'unknown' })],
    ['an unknown kid and a future iat', () => sign(key, accessClaims({ iat: start + 86_400 }), { kid: 'unknown' })],
    [
      "an unknown kid of the pool's unused issuer",
      () => sign(key, accessClaims({ iss: accessClaims()['iss']?.toString().replace('//', '//issuer-') })),
    ],
  ]

  it.each(planted)('with %s is skipped where another is good', async (_name, make) => {
    const bad = await make()
    for (const source of ['cookie', 'amplify']) {
      for (const order of [
        [bad, token],
        [token, bad],
        [bad, bad, bad, token],
      ]) {
        const { issuer, outcome } = setUp(source === 'cookie' ? cookie('t') : amplifyCookies())
        issuer.respond = ({ url }) =>
          url.includes('//issuer-') ? new Response(null, { status: 403 }) : issuer.answer()
        const name = source === 'cookie' ? 't' : `${amplify}.alice.accessToken`
        const header = [`${amplify}.LastAuthUser=alice`, ...order.map((text) => `${name}=${text}`)].join('; ')
        for (let turn = 0; turn < 10; turn++) {
          expect(await outcome({ cookie: header })).toBe('accepted')
          issuer.pass(3)
        }
      }
    }
  })

  it('is 503 by itself, also beside one that is bad', async () => {
    const { issuer, outcome } = setUp(cookie('t'))
    await outcome({ cookie: `t=${token}` })
    issuer.pass(4)
    const unknown = await sign(key, accessClaims({ iat: start + 86_400 }), { kid: 'unknown' })
    expect(await outcome({ cookie: `t=${unknown}; t=junk` })).toBe('KEYS_UNAVAILABLE')
    expect(await outcome({ cookie: `t=junk; t=${unknown}` })).toBe('KEYS_UNAVAILABLE')
  })

  it('counts for nothing where two good ones are of different subjects', async () => {
    const { outcome } = setUp(cookie('t'))
    const other = await sign(key, accessClaims({ sub: 'someone-else' }))
    const unknown = await sign(key, accessClaims(), { kid: 'unknown' })
    expect(await outcome({ cookie: `t=${unknown}; t=${token}; t=${other}` })).toBe('TOKENS_MISMATCHED')
  })
})

describe('allowed origins', () => {
  const allowedOrigins = ['https://app2.example', 'https://app3.example:8443', 'http://localhost:3000']
  const sources: [string, TokenSource, () => string][] = [
    ['cookie', cookie('t', { allowedOrigins }), () => `t=${token}`],
    ['amplifyCookies', amplifyCookies({ allowedOrigins }), () => amplifyPair(token)],
  ]

  it.each(sources)('of %s may cause unsafe requests and upgrades, and no others may', async (_name, source, header) => {
    const { outcome } = setUp(source)
    for (const origin of allowedOrigins) {
      const sites: Record<string, string>[] = [
        {},
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]
      for (const fields of sites) {
        expect(await outcome({ cookie: header(), origin, ...fields }, 'POST')).toBe('accepted')
        expect(await outcome({ cookie: header(), origin, upgrade: 'websocket', ...fields })).toBe('accepted')
        expect(await outcome({ cookie: header(), origin, ...fields }, 'GET', true)).toBe('accepted')
      }
    }
    for (const origin of [
      'null',
      '',
      'https://app2.example/',
      'https://app2.example:443',
      'https://APP2.example',
      'http://app2.example',
      'https://app2.example.evil.example',
      'https://evil.example',
      'https://app2.example, https://app2.example',
      'https://app2.example,https://evil.example',
      'https://app2.example https://evil.example',
      'app2.example',
      '*',
    ]) {
      const fields = { cookie: header(), origin }
      expect(await outcome(fields, 'POST'), origin).toBe('CROSS_SITE_REQUEST')
      expect(await outcome({ ...fields, 'sec-fetch-site': 'same-site' }, 'POST'), origin).toBe('CROSS_SITE_REQUEST')
      expect(await outcome({ ...fields, upgrade: 'websocket' }), origin).toBe('CROSS_SITE_REQUEST')
    }
  })

  it.each([
    ['null', ['null']],
    ['a wildcard', ['*']],
    ['a path', ['https://app.example/']],
    ['a default port', ['https://app.example:443']],
    ['capitals', ['https://APP.example']],
    ['http off this machine', ['http://app.example']],
    ['credentials', ['https://u:p@app.example']],
    ['another scheme', ['file://app.example']],
    ['no scheme', ['app.example']],
    ['nothing', ['']],
    ['a number', [5]],
    ['a text', 'https://app.example'],
  ])('with %s throw', (_name, origins) => {
    const options = { allowedOrigins: origins as readonly string[] }
    expect(() => cookie('t', options)).toThrow(/^cookie: allowedOrigins: expected /)
    expect(() => amplifyCookies(options)).toThrow(/^amplifyCookies: allowedOrigins: expected /)
  })

  it('are an option, and there is no other', () => {
    const options = { allowedOrigin: ['https://app.example'] } as object
    expect(() => cookie('t', options)).toThrow(ConfigurationError)
    expect(() => cookie('t', options)).toThrow('cookie: unknown option "allowedOrigin"; did you mean "allowedOrigins"?')
    expect(() => amplifyCookies(options)).toThrow('amplifyCookies: unknown option "allowedOrigin"')
  })

  it('that are changed later do not change what is allowed', async () => {
    const origins = ['https://app2.example']
    const { outcome } = setUp(cookie('t', { allowedOrigins: origins }))
    origins.push('https://evil.example')
    expect(await outcome({ cookie: `t=${token}`, origin: 'https://evil.example' }, 'POST')).toBe('CROSS_SITE_REQUEST')
  })
})

describe('strict cookies', () => {
  const sources: [string, () => TokenSource, () => string][] = [
    ['cookie', () => cookie('t'), () => `t=${token}`],
    ['amplifyCookies', amplifyCookies, () => amplifyPair(token)],
  ]
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'cross-site' }
  const cases: [Record<string, string>, string, string][] = [
    [{}, 'GET', 'CROSS_SITE_REQUEST'],
    [{ 'sec-fetch-site': 'same-origin' }, 'GET', 'accepted'],
    [{ origin: 'https://app.example' }, 'GET', 'accepted'],
    [navigation, 'GET', 'navigation'],
    [{ ...navigation, 'sec-fetch-site': 'none' }, 'GET', 'navigation'],
    [{ ...navigation, 'sec-fetch-dest': 'iframe' }, 'GET', 'CROSS_SITE_REQUEST'],
    [{ ...navigation, 'sec-fetch-dest': 'empty' }, 'GET', 'CROSS_SITE_REQUEST'],
    [{ ...navigation, 'sec-fetch-mode': 'no-cors' }, 'GET', 'CROSS_SITE_REQUEST'],
    [{ ...navigation, 'sec-fetch-mode': 'Navigate' }, 'GET', 'CROSS_SITE_REQUEST'],
    [{ 'sec-fetch-mode': 'navigate' }, 'GET', 'CROSS_SITE_REQUEST'],
    [{ 'sec-fetch-dest': 'document' }, 'GET', 'CROSS_SITE_REQUEST'],
    [navigation, 'HEAD', 'CROSS_SITE_REQUEST'],
    [navigation, 'POST', 'CROSS_SITE_REQUEST'],
    [navigation, 'get', 'CROSS_SITE_REQUEST'],
    [{ ...navigation, upgrade: 'websocket' }, 'GET', 'CROSS_SITE_REQUEST'],
  ]

  it.each(sources)(
    'of %s hold for every method, and let navigations pass only where that is asked for',
    async (_name, source, header) => {
      const { outcome } = setUp(source())
      for (const [fields, method, expected] of cases) {
        const sent = { cookie: header(), ...fields }
        const strict = expected === 'navigation' ? 'CROSS_SITE_REQUEST' : expected
        const lenient = expected === 'navigation' ? 'accepted' : expected
        const about = `${method} ${JSON.stringify(fields)}`
        expect(await outcome(sent, method, true), about).toBe(strict)
        expect(await outcome(sent, method, 'allow-navigation'), about).toBe(lenient)
      }
    },
  )
})
