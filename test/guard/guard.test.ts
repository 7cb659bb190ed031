import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  AuthenticationError,
  ConfigurationError,
  cookie,
  createGuard,
  defineGroups,
  ForbiddenError,
  type GuardOptions,
  UnavailableError,
} from '../../src/index.ts'
import { inBrowser } from '../support/browser.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  idClaims,
  issuerName,
  sign,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'] },
  admin: { allow: ['*'] },
})

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const settings = () => new TestIssuer(key).settings
const request = () => bearerRequest(token)
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('validate', () => {
  it.each([
    ['true', () => true, 'accepted'],
    ['a promise of true', async () => true, 'accepted'],
    ['false', () => false, 'VALIDATION_FAILED'],
    ['a promise of false', async () => false, 'VALIDATION_FAILED'],
    ['something truthy', () => 'yes' as never, 'VALIDATION_FAILED'],
    ['nothing', () => undefined as never, 'VALIDATION_FAILED'],
    [
      'a throw',
      () => {
        throw new Error('mine')
      },
      'Error: mine',
    ],
    ['a rejection', () => Promise.reject(new Error('mine')), 'Error: mine'],
  ])('%s', async (_name, validate, expected) => {
    expect(await outcomeOf(createGuard({ ...settings(), validate }).authenticate(request()))).toBe(expected)
  })

  it('runs on every request, also for a token that is remembered', async () => {
    let open = true
    const validate = vi.fn(() => open)
    const guard = createGuard({ ...settings(), validate })
    const incoming = request()
    const principal = await guard.authenticate(incoming)
    open = false
    expect(await outcomeOf(guard.authenticate(incoming))).toBe('VALIDATION_FAILED')
    expect(validate).toHaveBeenLastCalledWith(principal, { request: incoming })
  })
})

describe('resolveGroups', () => {
  it('replaces the groups, by request', async () => {
    const guard = createGuard({
      ...settings(),
      groups,
      resolveGroups: (principal, { request }) => (request?.url.includes('tenant-b') ? ['admin'] : principal.groups),
    })
    const here = await guard.authenticate(bearerRequest(token, 'https://tenant-a.example/'))
    const there = await guard.authenticate(bearerRequest(token, 'https://tenant-b.example/'))
    expect([here.groups, there.groups]).toEqual([['editor'], ['admin']])
    expect([guard.can(here, 'posts.purge'), guard.can(there, 'posts.purge')]).toEqual([false, true])
    expect(guard.tokenOf(there)).toBe(token)
    expect(await guard.authenticate(bearerRequest(token, 'https://tenant-b.example/'))).toBe(there)
    expect(() => (there.groups as string[]).push('x')).toThrow(TypeError)
  })

  it('gives a machine its groups', async () => {
    const machine = await sign(
      key,
      accessClaims({ sub: clientId, username: undefined, 'cognito:groups': ['admin'], scope: 'posts/read' }),
    )
    const plain = createGuard({ ...settings(), groups })
    expect(plain.can(await plain.verify(machine), 'posts.read')).toBe(false)
    const guard = createGuard({
      ...settings(),
      groups,
      resolveGroups: (principal) => (principal.kind === 'client' ? ['viewer'] : principal.groups),
    })
    expect(guard.can(await guard.verify(machine), 'posts.read')).toBe(true)
  })

  it.each([
    ['a promise', async () => ['admin']],
    ['a promise that rejects', () => Promise.reject(new Error('late'))],
    ['a string', () => 'admin'],
    ['numbers', () => [1]],
    ['nothing', () => undefined],
  ])('that gives %s is a mistake of the application', async (_name, resolveGroups) => {
    const guard = createGuard({ ...settings(), groups, resolveGroups: resolveGroups as never })
    await expect(guard.authenticate(request())).rejects.toThrow(/^resolveGroups: /)
    await expect(guard.authenticate(request())).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe('further options', () => {
  it('claims makes typed claims; what it throws is 401 and stays unseen', async () => {
    const guard = createGuard({
      ...settings(),
      mapClaims: (raw) => ({ version: Number(raw.version), tags: [{ a: 1 }] }),
    })
    const principal = await guard.authenticate(request())
    expect(principal.claims.version + 1).toBe(3)
    expect(Object.isFrozen(principal.claims.tags[0])).toBe(true)
    const strict = createGuard({
      ...settings(),
      mapClaims: () => {
        throw new Error('alice is not 18')
      },
    })
    const error = await strict.authenticate(request()).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'CLAIM_INVALID' })
    expect(String((error as Error).cause)).not.toContain('alice')
  })

  it('scopes are all required', async () => {
    expect(
      await outcomeOf(
        createGuard({ ...settings(), scopes: ['aws.cognito.signin.user.admin'] }).authenticate(request()),
      ),
    ).toBe('accepted')
    const error = await createGuard({ ...settings(), scopes: ['aws.cognito.signin.user.admin', 'posts/write'] })
      .authenticate(request())
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      status: 403,
      code: 'SCOPE_REQUIRED',
      details: { scope: 'aws.cognito.signin.user.admin posts/write' },
    })
  })

  it('unknownGroups refuse', async () => {
    const stranger = bearerRequest(await sign(key, accessClaims({ 'cognito:groups': ['editor', 'Editor'] })))
    expect(await outcomeOf(createGuard({ ...settings(), groups }).authenticate(stranger))).toBe('accepted')
    expect(
      await outcomeOf(createGuard({ ...settings(), groups, unknownGroups: 'refuse' }).authenticate(stranger)),
    ).toBe('GROUP_UNKNOWN')
    expect(
      await outcomeOf(createGuard({ ...settings(), groups, unknownGroups: 'refuse' }).authenticate(request())),
    ).toBe('accepted')
  })

  it('audience is required of access tokens', async () => {
    const guard = createGuard({ ...settings(), audience: 'https://api.example' })
    const aud = (value: unknown) => sign(key, accessClaims({ aud: value }))
    expect(await outcomeOf(guard.verify(await aud('https://api.example')))).toBe('accepted')
    expect(await outcomeOf(guard.verify(await aud(clientId)))).toBe('AUDIENCE_WRONG')
    expect(await outcomeOf(guard.verify(token))).toBe('AUDIENCE_WRONG')
    expect(await outcomeOf(createGuard(settings()).verify(await aud(clientId)))).toBe('accepted')
  })

  it('clientId may be a list, and null for any', async () => {
    const other = await sign(key, accessClaims({ client_id: 'other' }))
    expect(await outcomeOf(createGuard({ ...settings(), clientId: ['x', 'other'] }).verify(other))).toBe('accepted')
    expect(await outcomeOf(createGuard({ ...settings(), clientId: null }).verify(other))).toBe('accepted')
    expect(await outcomeOf(createGuard({ ...settings(), clientId: 'x' }).verify(other))).toBe('CLIENT_WRONG')
  })

  it('issuer replaces both', async () => {
    const guard = createGuard({ ...settings(), userPoolId: 'local_1', issuer: 'http://localhost:9229/local_1' })
    expect(await outcomeOf(guard.verify(token))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verify(await sign(key, accessClaims({ iss: 'http://localhost:9229/local_1' }))))).toBe(
      'accepted',
    )
  })

  it.each<[string, Record<string, unknown>]>([
    ['userPoolId', { userPoolId: undefined }],
    ['userPoolId', { userPoolId: 'eu-west-1' }],
    ['userPoolId', { userPoolId: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1' }],
    ['clientId', { clientId: undefined }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: [] }],
    ['clientId', { clientId: [''] }],
    ['issuer', { issuer: 'localhost' }],
    ['issuer', { issuer: 'https://issuer.example/' }],
    ['issuer', { issuer: 'ftp://issuer.example' }],
    ['tokenUse', { tokenUse: 'refresh' }],
    ['clockTolerance', { clockTolerance: -1 }],
    ['clockTolerance', { clockTolerance: Number.NaN }],
    ['scopes', { scopes: ['a b'] }],
    ['scopes', { scopes: ['a"b'] }],
    ['scopes', { scopes: ['a\r\nb'] }],
    ['scopes', { scopes: ['a'], tokenUse: 'id' }],
    ['audience', { audience: '' }],
    ['unknownGroups', { unknownGroups: 'deny' }],
    ['maxEntries', { tokenCache: { maxEntries: -1 } }],
    ['timeout', { keyCache: { timeout: '3' } }],
    ['clockTolerence', { clockTolerence: 5 }],
    ['maxage', { keyCache: { maxage: 5 } }],
    ['pools', { userPoolId: undefined, clientId: undefined, pools: [] }],
    [
      'pools',
      {
        pools: [
          { userPoolId, clientId: 'a' },
          { userPoolId, clientId: 'b' },
        ],
      },
    ],
    ['groupz', { pools: [{ userPoolId, clientId: 'a', groupz: 1 }] }],
  ])('a wrong %s is named at once: %j', (name, options) => {
    const create = () => createGuard({ ...settings(), ...options } as GuardOptions)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(name)
  })
})

describe('many pools', () => {
  const otherPool = {
    userPoolId: 'us-east-1_OtherPool',
    clientId: 'other',
    groups: defineGroups({ viewer: { allow: ['orders.read'] } }),
  }
  const otherToken = () =>
    sign(
      key,
      accessClaims({
        iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OtherPool',
        client_id: 'other',
        'cognito:groups': ['viewer'],
      }),
    )
  const many = () => {
    const { userPoolId, clientId, ...rest } = settings()
    return { ...rest, pools: [{ userPoolId, clientId, groups }, otherPool] }
  }

  it('each answer from their own map', async () => {
    const guard = createGuard(many())
    const here = await guard.verify(await sign(key, accessClaims({ 'cognito:groups': ['viewer'] })))
    const there = await guard.verify(await otherToken())
    expect([guard.can(here, 'posts.read'), guard.can(here, 'orders.read')]).toEqual([true, false])
    expect([guard.can(there, 'posts.read'), guard.can(there, 'orders.read')]).toEqual([false, true])
  })

  it('selectPool admits the tokens of one', async () => {
    const guard = createGuard({
      ...many(),
      selectPool: ({ url }: Request) => ({ a: userPoolId, b: otherPool.userPoolId })[new URL(url).hostname.charAt(0)],
    })
    const foreign = await otherToken()
    expect(await outcomeOf(guard.authenticate(bearerRequest(token, 'https://a.example/')))).toBe('accepted')
    expect(await outcomeOf(guard.authenticate(bearerRequest(foreign, 'https://a.example/')))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.authenticate(bearerRequest(foreign, 'https://b.example/')))).toBe('accepted')
    expect(await outcomeOf(guard.authenticate(bearerRequest(foreign, 'https://a.example/')))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.authenticate(bearerRequest(token, 'https://c.example/')))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.authenticate(new Request('https://c.example/')))).toBe('TOKEN_MISSING')
  })

  it.each([[undefined], [null], [''], [7], [{}], [[userPoolId]], [() => userPoolId], ['eu-west-1_Another11']])(
    'selectPool that gives %o admits nobody',
    async (pool: unknown) => {
      const guard = createGuard({ ...many(), selectPool: () => pool as string })
      expect(await outcomeOf(guard.authenticate(request()))).toBe('ISSUER_UNKNOWN')
    },
  )

  it('with selectPool, verify and verifyTokens need to know the pool, and admit the tokens of no other', async () => {
    const guard = createGuard({ ...many(), selectPool: () => userPoolId })
    const foreign = await otherToken()
    const pair = { idToken: await sign(key, idClaims()), accessToken: token }
    const iss = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OtherPool'
    const foreignPair = { idToken: await sign(key, idClaims({ iss, aud: 'other' })), accessToken: foreign }
    for (const context of [undefined, {}, { userPoolId: undefined }, { waitUntil() {} }]) {
      await expect(guard.verify(foreign, context)).rejects.toThrow(/^verify: userPoolId: expected /)
      await expect(guard.verifyTokens(pair, context)).rejects.toThrow(/^verifyTokens: userPoolId: expected /)
      await expect(guard.verify(token, context)).rejects.toBeInstanceOf(ConfigurationError)
    }
    const here = { userPoolId }
    const there = { userPoolId: otherPool.userPoolId }
    expect(await outcomeOf(guard.verify(token, here))).toBe('accepted')
    expect(await outcomeOf(guard.verify(foreign, here))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verify(token, there))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verify(foreign, there))).toBe('accepted')
    expect(await outcomeOf(guard.verify(foreign, here))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verifyTokens(pair, here))).toBe('accepted')
    expect(await outcomeOf(guard.verifyTokens(pair, there))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verifyTokens(foreignPair, here))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verifyTokens(foreignPair, there))).toBe('accepted')
    expect(await outcomeOf(guard.verify(token, { userPoolId: 'eu-west-1_Unknown11' }))).toBe('ISSUER_UNKNOWN')
  })

  it('without selectPool, verify holds a token to the pool that is named, if one is', async () => {
    const guard = createGuard(many())
    const foreign = await otherToken()
    expect(await outcomeOf(guard.verify(foreign))).toBe('accepted')
    expect(await outcomeOf(guard.verify(foreign, { userPoolId }))).toBe('ISSUER_UNKNOWN')
    expect(await outcomeOf(guard.verify(foreign, { userPoolId: otherPool.userPoolId }))).toBe('accepted')
  })

  it.each<[string, object]>([
    ['a misspelt name', { userPoolID: userPoolId }],
    ['no text', { userPoolId: 7 }],
    ['an empty text', { userPoolId: '' }],
    ['null', { userPoolId: null }],
    ['a promise', { userPoolId: Promise.resolve(userPoolId) }],
    ['a list', [userPoolId]],
    ['a text in place of the context', userPoolId as unknown as object],
  ])('verify takes no %s for a pool', async (_name, context) => {
    for (const guard of [createGuard(many()), createGuard({ ...many(), selectPool: () => userPoolId })]) {
      const pair = { idToken: await sign(key, idClaims()), accessToken: token }
      await expect(Reflect.apply(guard.verify, guard, [token, context])).rejects.toBeInstanceOf(ConfigurationError)
      await expect(Reflect.apply(guard.verifyTokens, guard, [pair, context])).rejects.toBeInstanceOf(ConfigurationError)
    }
  })
})

describe('verifyTokens', () => {
  const hashOf = async (jwt: string) => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(jwt)))
    return btoa(String.fromCharCode(...digest.slice(0, 16)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  }

  it('accepts the tokens of one sign-in', async () => {
    const idToken = await sign(key, idClaims({ at_hash: await hashOf(token) }))
    const { id, access } = await createGuard(settings()).verifyTokens({ idToken, accessToken: token })
    expect([id.email, access.username]).toEqual(['alice@example.com', 'alice'])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['another subject', { sub: 'someone-else' }, 'TOKENS_MISMATCHED'],
    ['another origin', { origin_jti: 'another' }, 'TOKENS_MISMATCHED'],
    ['an origin on one side only', { origin_jti: undefined }, 'TOKENS_MISMATCHED'],
    ['the hash of another token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'TOKENS_MISMATCHED'],
    ['a hash that is no text', { at_hash: 1 }, 'TOKENS_MISMATCHED'],
    [
      'the other issuer of the pool',
      { iss: issuerName.replace('cognito-idp', 'issuer-cognito-idp') },
      'TOKENS_MISMATCHED',
    ],
    ['another accepted client', { aud: 'second' }, 'TOKENS_MISMATCHED'],
    ['another client', { aud: 'third' }, 'CLIENT_WRONG'],
    ['an expired ID token', { exp: 1 }, 'TOKEN_EXPIRED'],
  ])('refuses %s', async (_name, changes, code) => {
    const guard = createGuard({ ...settings(), clientId: [clientId, 'second'] })
    const idToken = await sign(key, idClaims(changes))
    expect(await outcomeOf(guard.verifyTokens({ idToken, accessToken: token }))).toBe(code)
  })

  it("refuses the tokens in each other's place", async () => {
    const idToken = await sign(key, idClaims())
    expect(await outcomeOf(createGuard(settings()).verifyTokens({ idToken: token, accessToken: idToken }))).toBe(
      'TOKEN_USE_WRONG',
    )
  })
})

describe('a promise in place of a value', () => {
  const late = () => Promise.reject(new Error('late'))
  const both = () => {
    const { userPoolId, clientId, ...rest } = settings()
    return { ...rest, pools: [{ userPoolId, clientId, groups }] }
  }

  it.each<[string, () => object]>([
    ['selectPool', () => ({ ...both(), selectPool: async () => userPoolId })],
    ['selectPool', () => ({ ...both(), selectPool: late })],
    ['resolveGroups', () => ({ ...settings(), resolveGroups: late })],
    ['mapClaims', () => ({ ...settings(), mapClaims: async () => ({}) })],
    ['mapClaims', () => ({ ...settings(), mapClaims: late })],
    ['mapClaims', () => ({ ...settings(), mapClaims: () => ({ then() {} }) })],
    ['tokenSource', () => ({ ...settings(), tokenSource: () => () => token })],
    ['tokenSource', () => ({ ...settings(), tokenSource: async () => ({ token }) })],
    ['tokenSource', () => ({ ...settings(), tokenSource: () => 7 })],
  ])('%s says so, and nobody is let in', async (name, options) => {
    const guard = createGuard(options() as GuardOptions)
    const error = await guard.authenticate(request()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(new RegExp(`^ConfigurationError: ${name}: expected `))
    await new Promise((resolve) => setTimeout(resolve, 0))
  })

  it('is not what only has a claim of that name', async () => {
    const guard = createGuard({ ...settings(), mapClaims: (raw) => ({ ...raw }) })
    expect((await guard.verify(await sign(key, accessClaims({ then: 'x' })))).claims).toMatchObject({ then: 'x' })
  })

  it('is no token', async () => {
    const guard = createGuard(settings())
    for (const given of [late(), Promise.resolve(token), { token }, 7]) {
      await expect(guard.verify(given as never)).rejects.toThrow(
        /^verify: expected a (token as text|value, and no promise)/,
      )
    }
    const idToken = Promise.resolve(await sign(key, idClaims()))
    await expect(guard.verifyTokens({ idToken, accessToken: token } as never)).rejects.toThrow(/^idToken: /)
    for (const none of [undefined, null]) {
      expect(await outcomeOf(guard.verify(none as never))).toBe('TOKEN_MISSING')
      expect(await outcomeOf(guard.verifyTokens({ idToken: none, accessToken: token } as never))).toBe('TOKEN_MISSING')
    }
  })

  it('is no time', async () => {
    const guard = createGuard({ ...settings(), groups, now: (async () => 0) as never })
    await expect(guard.authenticate(request())).rejects.toThrow()
  })

  it.each([
    'clientId',
    'audience',
    'issuer',
    'scopes',
    'clockTolerance',
    'jwks',
    'tokenUse',
    'unknownGroups',
    'userPoolId',
    'cache',
  ])('is no %s', async (name) => {
    const given = Promise.resolve(name === 'clientId' ? clientId : true)
    expect(() => createGuard({ ...settings(), [name]: given } as GuardOptions)).toThrow(ConfigurationError)
  })

  it('is no context', async () => {
    const guard = createGuard(settings())
    const context = Promise.resolve({ userPoolId: 'eu-west-1_Another11' })
    await expect(guard.verify(token, context as never)).rejects.toThrow(/^verify: expected an object with options/)
  })

  it('is no resource', async () => {
    const own = defineGroups({
      editor: { allow: [{ permission: 'x', when: { sub: (_, { resource }) => resource !== 'locked' } }] },
    })
    const guard = createGuard({ ...settings(), groups: own })
    const principal = await guard.verify(token)
    expect(guard.can(principal, 'x', { resource: 'open' })).toBe(true)
    for (const resource of [Promise.resolve('locked'), Promise.resolve('open'), { then() {} }]) {
      expect(guard.can(principal, 'x', { resource })).toBe(false)
      expect(guard.permissions(principal, { resource })).toEqual({ x: false })
      expect(guard.explain(principal, 'x', { resource }).allowed).toBe(false)
      expect(() => guard.authorize(principal, 'x', { resource })).toThrow(ForbiddenError)
    }
  })

  it('is no principal', async () => {
    const guard = createGuard({ ...settings(), groups })
    const principal = guard.authenticate(request()) as never
    expect(guard.can(principal, 'posts.read')).toBe(false)
    expect(guard.explain(principal, 'posts.read')).toMatchObject({ allowed: false })
    expect(() => guard.authorize(principal, 'posts.read')).toThrow(ForbiddenError)
    expect(guard.permissions(principal)).toEqual({ 'posts.read': false, 'posts.write': false, 'posts.purge': false })
    expect(() => guard.tokenOf(principal)).toThrow(ConfigurationError)
    await principal
  })
})

describe('prefetchKeys', () => {
  it('fetches before anybody asks, and says where that failed', async () => {
    const issuer = new TestIssuer(key)
    const guard = createGuard(issuer.settings)
    await guard.prefetchKeys()
    expect(issuer.asked).toHaveLength(1)
    await guard.withGroups(groups).authenticate(request())
    expect(issuer.asked).toHaveLength(1)
    const dark = new TestIssuer(key)
    dark.respond = () => new Response(null, { status: 500 })
    await expect(createGuard(dark.settings).prefetchKeys()).rejects.toBeInstanceOf(UnavailableError)
  })
})

describe('the details of a refusal', () => {
  it('say what was expected and what there was, and stand in no answer, log or JSON', async () => {
    const sealed = 'a-value-of-the-token'
    const gated = defineGroups(
      {
        editor: { allow: ['posts.read', { permission: 'posts.sign', when: { acr: 'gold' } }] },
        admin: { allow: ['*'] },
      },
      {
        permissions: ['posts.read', 'posts.sign', 'posts.purge', 'posts.edit'],
        require: { 'posts.edit': { scope: 'edit' } },
      },
    )
    const guard = createGuard({ ...settings(), groups: gated })
    const principal = await guard.verify(await sign(key, accessClaims({ acr: sealed, 'cognito:groups': ['editor'] })))
    const refusedBy = async (options: object) =>
      createGuard({ ...settings(), groups: gated, ...options })
        .verify(await sign(key, accessClaims({ scope: sealed, 'cognito:groups': ['editor', sealed] })))
        .catch((reason: unknown) => reason)
    const errors: [unknown, object][] = [
      [
        catchError(() => guard.authorize(principal, 'posts.purge')),
        { claim: 'cognito:groups', expected: 'posts.purge', actual: ['editor'], decision: { code: 'DENY_DEFAULT' } },
      ],
      [
        catchError(() => guard.authorize(principal, 'posts.sign')),
        { claim: 'acr', expected: 'posts.sign', actual: sealed, acrValues: ['gold'] },
      ],
      [await refusedBy({ unknownGroups: 'refuse' }), { claim: 'cognito:groups', actual: [sealed] }],
      [
        await refusedBy({ scopes: ['posts/read'] }),
        { claim: 'scope', expected: ['posts/read'], actual: [sealed], scope: 'posts/read' },
      ],
    ]
    for (const [error, details] of errors) {
      expect(error).toBeInstanceOf(ForbiddenError)
      const refusal = error as ForbiddenError
      expect(refusal.details).toMatchObject(details)
      expect(Object.keys(refusal)).not.toContain('details')
      const answer = guard.toResponse(error, request())
      const shown = [...answer.headers].flat().join() + (await answer.text()) + JSON.stringify(error) + String(error)
      expect(shown).not.toContain(sealed)
      expect(shown).not.toContain('editor')
    }
  })
})

describe('toResponse', () => {
  const guard = () => createGuard({ ...settings(), groups })
  const incoming = new Request('https://app.example/posts/1?secret=s3cret', { headers: { authorization: 'Bearer x' } })

  it.each([
    [new AuthenticationError('TOKEN_MISSING'), 401, 'Bearer'],
    [new AuthenticationError('TOKEN_EXPIRED'), 401, 'Bearer error="invalid_token", error_description="Token expired."'],
    [new ForbiddenError('PERMISSION_DENIED'), 403, null],
    [new ForbiddenError('SCOPE_REQUIRED', { scope: 'a b' }), 403, 'Bearer error="insufficient_scope", scope="a b"'],
    [new UnavailableError(2.5), 503, null],
  ])('%s', async (error, status, challenge) => {
    const response = guard().toResponse(error, incoming)
    expect(response.status).toBe(status)
    expect(response.headers.get('www-authenticate')).toBe(challenge)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '3' : null)
    expect(await response.json()).toEqual({
      title: error.message,
      status,
      code: error.code,
      instance: '/posts/1',
    })
  })

  it('has no body for HEAD', async () => {
    const response = guard().toResponse(
      new AuthenticationError('TOKEN_MISSING'),
      new Request('https://app.example/', { method: 'HEAD' }),
    )
    expect([response.status, await response.text()]).toEqual([401, ''])
  })

  it.each([new Error('mine'), new ConfigurationError('option: wrong'), 'text', undefined])('rethrows %s', (error) => {
    const thrown = catchError(() => guard().toResponse(error, incoming))
    expect(thrown).toBe(error)
  })
})

describe("a token source of one's own", () => {
  it('may say where the token is', async () => {
    const guard = createGuard({ ...settings(), tokenSource: (request) => request.headers.get('x-token') ?? undefined })
    expect(
      await outcomeOf(guard.authenticate(new Request('https://app.example/', { headers: { 'x-token': token } }))),
    ).toBe('accepted')
    expect(await outcomeOf(guard.authenticate(request()))).toBe('TOKEN_MISSING')
  })

  it.skipIf(inBrowser)('may be awaited, and may leave cookies for the answer, which commit adds once', async () => {
    const guard = createGuard({
      ...settings(),
      tokenSource: async (_request, { setCookies }) => {
        setCookies(['a=1; Secure', 'b=2; Secure'])
        return token
      },
    })
    const incoming = new Request('https://app.example/')
    await guard.authenticate(incoming)
    const response = guard.adapter.commit(incoming, new Response('hello', { status: 201, headers: { 'x-own': '1' } }))
    expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2; Secure'])
    expect([response.status, response.headers.get('x-own'), response.headers.get('cache-control')]).toEqual([
      201,
      '1',
      'no-store',
    ])
    expect(await response.text()).toBe('hello')
    const plain = new Response('hello')
    expect(guard.adapter.commit(incoming, plain)).toBe(plain)
    expect(guard.adapter.commit(new Request('https://app.example/'), plain)).toBe(plain)
  })

  it('that throws is no caller', async () => {
    const guard = createGuard({
      ...settings(),
      tokenSource: () => {
        throw new AuthenticationError('TOKEN_MALFORMED')
      },
    })
    expect(await outcomeOf(guard.authenticate(request()))).toBe('TOKEN_MALFORMED')
  })
})

describe('a cookie', () => {
  const guard = () => createGuard({ ...settings(), tokenSource: cookie('token_cookie') })
  /** A stand-in, since some runtimes drop header fields that only browsers may set. */
  const incoming = (headers: Record<string, string>, method = 'GET') =>
    ({ method, url: 'https://app.example/posts', headers: new Headers(headers) }) as Request
  const cookies = (...values: string[]) =>
    incoming({ cookie: values.map((value) => `token_cookie=${value}`).join('; ') })

  it('carries the token, among others', async () => {
    const header = `a=1; token_cookie_2=x; token_cookie=${token}; xtoken_cookie=y`
    expect(await outcomeOf(guard().authenticate(incoming({ cookie: header })))).toBe('accepted')
    expect(await outcomeOf(guard().authenticate(incoming({ cookie: 'other=1; token_cookie_2=x' })))).toBe(
      'TOKEN_MISSING',
    )
    expect(await outcomeOf(guard().authenticate(incoming({})))).toBe('TOKEN_MISSING')
    expect(await outcomeOf(guard().authenticate(cookies('%FF')))).toBe('TOKEN_MISSING')
  })

  it('counts only where no Authorization header came', async () => {
    const headers = { cookie: `token_cookie=${token}` }
    expect(await outcomeOf(guard().authenticate(incoming({ ...headers, authorization: 'Bearer junk' })))).toBe(
      'TOKEN_MALFORMED',
    )
    expect(await outcomeOf(guard().authenticate(incoming({ ...headers, authorization: 'Basic x' })))).toBe(
      'TOKEN_MALFORMED',
    )
    expect(
      await outcomeOf(
        guard().authenticate(incoming({ cookie: 'token_cookie=junk', authorization: `Bearer ${token}` })),
      ),
    ).toBe('accepted')
  })

  it('may come four times: of one subject the latest counts', async () => {
    const later = await sign(key, accessClaims({ iat: 1_767_225_700, jti: 'later' }))
    const other = await sign(key, accessClaims({ sub: 'someone-else' }))
    const latest = guard()
    for (const order of [cookies('junk', token, later), cookies(later, token)]) {
      expect(latest.tokenOf(await latest.authenticate(order))).toBe(later)
    }
    expect(await outcomeOf(guard().authenticate(cookies('j', 'u', 'n', token)))).toBe('accepted')
    expect(await outcomeOf(guard().authenticate(cookies('j', 'u', 'n', 'k', token)))).toBe('TOKEN_MALFORMED')
    expect(await outcomeOf(guard().authenticate(cookies(token, other)))).toBe('TOKENS_MISMATCHED')
  })

  it('is no answer to an outage', async () => {
    const issuer = new TestIssuer(key)
    issuer.respond = () => new Response(null, { status: 500 })
    const dark = createGuard({ ...issuer.settings, tokenSource: cookie('token_cookie') })
    expect(await outcomeOf(dark.authenticate(cookies(token, 'junk')))).toBe('KEYS_UNAVAILABLE')
  })

  it.each([
    ['GET', {}, 'accepted'],
    ['HEAD', {}, 'accepted'],
    ['OPTIONS', {}, 'accepted'],
    ['POST', {}, 'CROSS_SITE_REQUEST'],
    ['POST', { 'sec-fetch-site': 'same-origin' }, 'accepted'],
    ['POST', { 'sec-fetch-site': 'same-site' }, 'CROSS_SITE_REQUEST'],
    ['POST', { 'sec-fetch-site': 'none' }, 'CROSS_SITE_REQUEST'],
    ['POST', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, 'CROSS_SITE_REQUEST'],
    ['POST', { origin: 'https://app.example' }, 'accepted'],
    ['POST', { origin: 'https://evil.example' }, 'CROSS_SITE_REQUEST'],
    ['POST', { origin: 'null' }, 'CROSS_SITE_REQUEST'],
    ['PROPFIND', {}, 'CROSS_SITE_REQUEST'],
    ['GET', { upgrade: 'WebSocket' }, 'CROSS_SITE_REQUEST'],
    ['GET', { upgrade: 'websocket', origin: 'https://app.example' }, 'accepted'],
  ])('on %s with %j', async (method, headers, expected) => {
    const crossing = incoming({ cookie: `token_cookie=${token}`, ...(headers as Record<string, string>) }, method)
    expect(await outcomeOf(guard().authenticate(crossing))).toBe(expected)
  })

  it('is held to the same rules on a GET, where that is asked for', async () => {
    expect(await outcomeOf(guard().authenticate(cookies(token), { strictCookies: true }))).toBe('CROSS_SITE_REQUEST')
  })

  it.each(['', 'a;b', 'a b', 'a\r\nb', 'a\u00a0b', 'a=b'])('cannot be named %j', (name) => {
    expect(() => cookie(name)).toThrow(ConfigurationError)
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('expected a throw')
}
