import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { protect } from '../../adapters/fetch/index.ts'
import { assertGuarded, honoGuard } from '../../adapters/hono/index.ts'
import { withGuard } from '../../adapters/workers/index.ts'
import {
  ConfigurationError,
  createGuard,
  defineGroups,
  type ProtectedResourceOptions,
  protectedResource,
} from '../../src/index.ts'
import { accessClaims, createKey, issuerName, sign, start, TestIssuer, userPoolId } from '../support/issuer.ts'

const wellKnown = '/.well-known/oauth-protected-resource'
const metadataUrl = `https://app.example${wellKnown}/posts`
const described = (options: Partial<ProtectedResourceOptions> = {}) =>
  protectedResource({ resource: 'https://app.example/posts', userPoolId, ...options })

describe('the metadata', () => {
  it.each([
    ['https://app.example', `https://app.example${wellKnown}`],
    ['https://app.example/', `https://app.example${wellKnown}`],
    ['https://app.example/mcp', `https://app.example${wellKnown}/mcp`],
    ['https://app.example/mcp/', `https://app.example${wellKnown}/mcp/`],
    ['https://app.example/a/b%20c', `https://app.example${wellKnown}/a/b%20c`],
    ['https://app.example:8443/mcp', `https://app.example:8443${wellKnown}/mcp`],
    ['https://app.example:443/mcp', `https://app.example${wellKnown}/mcp`],
    ['https://app.example?tenant=a', `https://app.example${wellKnown}?tenant=a`],
    ['https://app.example/?tenant=a', `https://app.example${wellKnown}?tenant=a`],
    ['https://app.example/mcp?tenant=a&x=%22', `https://app.example${wellKnown}/mcp?tenant=a&x=%22`],
    ['http://localhost:8787/mcp', `http://localhost:8787${wellKnown}/mcp`],
    ['http://127.0.0.1:8787', `http://127.0.0.1:8787${wellKnown}`],
    ['http://[::1]:8787', `http://[::1]:8787${wellKnown}`],
  ])('of %s are at %s', async (resource, url) => {
    const metadata = described({ resource })
    expect([metadata.metadataUrl, metadata.path]).toEqual([url, new URL(url).pathname])
    const response = metadata.respond(new Request(url))
    expect(await response?.json()).toEqual({
      resource,
      authorization_servers: [issuerName],
      bearer_methods_supported: ['header'],
    })
  })

  it('say which scopes there are, what the resource is called, and who issues tokens', async () => {
    const authorizationServers = ['https://login.example', 'http://localhost:9000/pool']
    const metadata = described({ scopes: ['posts/read', 'posts/write'], name: 'Posts', authorizationServers })
    expect(await metadata.respond(new Request(metadataUrl))?.json()).toEqual({
      resource: 'https://app.example/posts',
      authorization_servers: authorizationServers,
      scopes_supported: ['posts/read', 'posts/write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Posts',
    })
    const alone = protectedResource({ resource: 'https://app.example/posts', authorizationServers })
    expect(await alone.respond(new Request(metadataUrl))?.json()).toMatchObject({
      authorization_servers: authorizationServers,
    })
  })

  const open = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  const json = { ...open, 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' }
  it.each([
    ['GET', 200, json],
    ['HEAD', 200, json],
    ['OPTIONS', 204, open],
    ['POST', 405, { ...open, allow: 'GET, HEAD, OPTIONS' }],
    ['PUT', 405, { ...open, allow: 'GET, HEAD, OPTIONS' }],
  ])('answer %s with %i', async (method, status, headers) => {
    const response = described().respond(new Request(metadataUrl, { method }))
    expect(response?.status).toBe(status)
    expect(Object.fromEntries(response?.headers ?? [])).toEqual(headers)
    expect((await response?.text())?.length).toEqual(method === 'GET' ? expect.any(Number) : 0)
  })

  it('are answered anew each time, whatever host or query a request names', async () => {
    const metadata = described()
    for (const url of [metadataUrl, metadataUrl, `${metadataUrl}?x=1`, `http://inside.example${wellKnown}/posts`])
      expect(await metadata.respond(new Request(url))?.json()).toMatchObject({ resource: 'https://app.example/posts' })
  })

  it.each([
    ['https://app.example/posts', 'https://app.example/posts'],
    ['https://app.example/posts', `https://app.example${wellKnown}`],
    ['https://app.example/posts', `https://app.example${wellKnown}/posts/`],
    ['https://app.example/posts', `https://app.example${wellKnown}/Posts`],
    ['https://app.example/posts', `https://app.example/posts${wellKnown}`],
    ['https://app.example', `https://app.example${wellKnown}/posts`],
    ['https://app.example', `https://app.example${wellKnown}/`],
    ['https://app.example/posts?tenant=a', `https://app.example${wellKnown}/posts`],
    ['https://app.example/posts?tenant=a', `https://app.example${wellKnown}/posts?tenant=b`],
  ])('of %s are not at %s', (resource, url) => {
    expect(described({ resource }).respond(new Request(url))).toBeUndefined()
  })

  it.each<[Partial<ProtectedResourceOptions>, RegExp]>([
    ...[
      '',
      '//app.example',
      'http://app.example/posts',
      'http://localhost.example',
      'ftp://app.example',
      'https://app.example/posts#a',
      'https://app.example/posts#',
      ' https://app.example/posts',
      'https://app.example/posts\n',
      'https://app.example/a"b',
      'https://app.example/?a\\b',
      'https://äpp.example/',
      'https://alice@app.example/',
      'https://alice:secret@app.example/',
    ].flatMap((url): [Partial<ProtectedResourceOptions>, RegExp][] => [
      [{ resource: url }, /^resource: expected an https URL/],
      [{ authorizationServers: [issuerName, url] }, /^authorizationServers: expected an https URL/],
    ]),
    [{ authorizationServers: [] }, /^authorizationServers: expected one/],
    [{ authorizationServers: ['https://login.example/?a'] }, /^authorizationServers: expected issuers/],
    [{ userPoolId: undefined }, /^authorizationServers: expected one/],
    [{ userPoolId: 'pool' }, /^userPoolId: /],
    [{ scopes: ['posts/read', ''] }, /^scopes: /],
    [{ scopes: ['posts/read posts/write'] }, /^scopes: /],
    [{ scopes: ['posts"read'] }, /^scopes: /],
  ])('are not made of %j', (options, message) => {
    const make = () => described(options)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/secret/)
  })
})

const groups = defineGroups(
  { editor: { allow: ['posts.read', 'posts.purge'] } },
  {
    permissions: ['posts.read', 'posts.purge', 'posts.erase'],
    require: { 'posts.purge': { auth_time: { maxAge: 900 }, acr: ['gold', 'platinum'] } },
  },
)
type Fn = 'posts.read' | 'posts.purge' | 'posts.erase'
type Reword = () => Response

const tokens = new Map<string, string>()
let issuer: TestIssuer

beforeAll(async () => {
  const key = await createKey('key-1')
  issuer = new TestIssuer(key)
  tokens.set('junk', 'junk')
  tokens.set('expired', await sign(key, accessClaims({ exp: start })))
  tokens.set('without the scope', await sign(key, accessClaims()))
  tokens.set('good', await sign(key, accessClaims({ scope: 'posts/read posts/all', auth_time: start - 1000 })))
})

function guardOf(options: { resource?: boolean; keys?: boolean } = {}) {
  const fetch = options.keys === false ? async () => new Response(null, { status: 500 }) : issuer.fetch
  const scopes = ['posts/read', 'posts/all']
  const resource = options.resource === false ? {} : { protectedResource: described({ scopes }) }
  return createGuard({ ...issuer.settings, fetch, groups, scopes, ...resource })
}
type TestGuard = ReturnType<typeof guardOf>

/** The same app in front of which each adapter stands. */
type Entry = (guard: TestGuard, fn: Fn, word?: Reword) => (request: Request) => Response | Promise<Response>

const entries: readonly [string, Entry][] = [
  [
    'Hono, in front of the handler',
    (guard, fn, onRefusal) => {
      const { resourceMetadata, permissionRequired } = honoGuard(guard, { onRefusal })
      return new Hono().use(resourceMetadata()).all('*', permissionRequired(fn), (c) => c.text('in')).fetch
    },
  ],
  [
    'Hono, in the handler, with a guard by request',
    (guard, fn, onRefusal) => {
      const { resourceMetadata, loginCheck } = honoGuard(() => guard, { onRefusal })
      const app = new Hono().use(resourceMetadata()).all('*', loginCheck(), (c) => {
        guard.authorize(c.var.principal, fn)
        return c.text('in')
      })
      return app.onError(() => new Response('failed', { status: 500 })).fetch
    },
  ],
  [
    'Workers',
    (guard, fn, onRefusal) => {
      const guarded = withGuard(
        () => guard,
        (_request, _env, _ctx, principal) => {
          guard.authorize(principal, fn)
          return new Response('in')
        },
        { onRefusal },
      )
      return (request) => guarded(request, {}, { waitUntil() {} })
    },
  ],
  ['Fetch', (guard, fn, onRefusal) => protect(guard, fn, () => new Response('in'), { onRefusal })],
]

const refusals: readonly [string, Fn, number, string, string | null][] = [
  ['no token', 'posts.read', 401, 'TOKEN_MISSING', ''],
  ['junk', 'posts.read', 401, 'TOKEN_MALFORMED', 'error="invalid_token", error_description="Token malformed."'],
  ['expired', 'posts.read', 401, 'TOKEN_EXPIRED', 'error="invalid_token", error_description="Token expired."'],
  [
    'without the scope',
    'posts.read',
    403,
    'SCOPE_REQUIRED',
    'error="insufficient_scope", scope="posts/read posts/all"',
  ],
  [
    'good',
    'posts.purge',
    401,
    'STEP_UP_REQUIRED',
    'error="insufficient_user_authentication", max_age="900", acr_values="gold platinum"',
  ],
  ['good', 'posts.erase', 403, 'PERMISSION_DENIED', null],
]

const ask = (token: string) =>
  new Request('https://app.example/posts', {
    headers: tokens.has(token) ? { authorization: `Bearer ${tokens.get(token)}` } : {},
  })

describe.each(entries)('%s', (_, entry) => {
  it.each(refusals)('%s, %s: %i %s', async (token, fn, status, code, parameters) => {
    const plain = await entry(guardOf({ resource: false }), fn)(ask(token))
    const named = await entry(guardOf(), fn)(ask(token))
    const worded = await entry(guardOf(), fn, () => new Response('No.', { status: 200 }))(ask(token))
    const own = parameters === null ? null : `Bearer ${parameters}`.trim()
    const more = `Bearer ${parameters ? `${parameters}, ` : ''}resource_metadata="${metadataUrl}"`
    expect(plain.headers.get('www-authenticate')).toBe(own)
    expect(named.headers.get('www-authenticate')).toBe(own && more)
    expect([worded.status, worded.headers.get('www-authenticate'), await worded.text()]).toEqual([
      status,
      own && more,
      'No.',
    ])
    expect([plain.status, named.status]).toEqual([status, status])
    const body = await named.text()
    expect(JSON.parse(body)).toMatchObject({ code })
    expect(body).toBe(await plain.text())
    for (const { headers } of [plain, named]) headers.delete('www-authenticate')
    expect([...named.headers]).toEqual([...plain.headers])
  })

  it('serves the metadata to everyone, without asking for keys, and nothing else', async () => {
    const fetch = entry(guardOf({ keys: false }), 'posts.read')
    const response = await fetch(new Request(metadataUrl))
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(await response.json()).toMatchObject({
      resource: 'https://app.example/posts',
      scopes_supported: ['posts/read', 'posts/all'],
    })
    const withToken = await fetch(new Request(metadataUrl, { headers: { authorization: 'Bearer junk' } }))
    expect(withToken.status).toBe(200)
    const head = await fetch(new Request(metadataUrl, { method: 'HEAD' }))
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'application/json', ''])
    expect((await fetch(new Request(metadataUrl, { method: 'OPTIONS' }))).status).toBe(204)
    expect((await fetch(new Request(metadataUrl, { method: 'POST' }))).status).toBe(405)
    for (const path of ['', '/other', '/posts/', '/posts/1']) {
      expect((await fetch(new Request(`https://app.example${wellKnown}${path}`))).status).toBe(401)
    }
  })

  it('without the option guards that path as any other', async () => {
    const fetch = entry(guardOf({ resource: false }), 'posts.read')
    for (const method of ['GET', 'HEAD', 'POST'])
      expect((await fetch(new Request(metadataUrl, { method }))).status).toBe(401)
  })

  it('lets those in who may, and says nothing of metadata to them, nor where keys are missing', async () => {
    const allowed = await entry(guardOf(), 'posts.read')(ask('good'))
    expect([allowed.status, await allowed.text(), allowed.headers.get('www-authenticate')]).toEqual([200, 'in', null])
    const dark = await entry(guardOf({ keys: false }), 'posts.read')(ask('good'))
    expect([dark.status, dark.headers.get('www-authenticate')]).toEqual([503, null])
  })
})

describe('a guard', () => {
  it('keeps the metadata when its map is replaced', async () => {
    const guard = guardOf().withGroups(defineGroups({ viewer: { allow: ['posts.read'] } }))
    expect(guard.adapter.metadata(new Request(metadataUrl))?.status).toBe(200)
    const refusal = await guard.authenticate(ask('no token')).catch((error: unknown) => error)
    expect(guard.toResponse(refusal, ask('no token')).headers.get('www-authenticate')).toContain(metadataUrl)
  })

  it('has the middleware of the metadata count as no guard, and as no route', async () => {
    const { resourceMetadata, permissionRequired } = honoGuard(guardOf())
    const app = new Hono().use(resourceMetadata()).get('/posts', permissionRequired('posts.read'), (c) => c.text('in'))
    expect(() => assertGuarded(app)).not.toThrow()
    const bare = new Hono().use(resourceMetadata()).get('/posts', (c) => c.text('in'))
    expect(() => assertGuarded(bare)).toThrow(/posts/)
  })
})

it.each(['https:evil.example', 'https:/evil.example', 'https:///evil.example', 'http:localhost'])(
  '%s is no resource',
  (resource) => {
    expect(() => described({ resource })).toThrow(ConfigurationError)
    expect(() => described({ authorizationServers: [resource] })).toThrow(ConfigurationError)
  },
)
