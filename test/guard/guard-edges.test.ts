import { beforeAll, describe, expect, it } from 'vitest'
import {
  amplifyCookies,
  ConfigurationError,
  cookie,
  createGuard,
  defineGroups,
  type GuardOptions,
  protectedResource,
} from '../../src/index.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  idClaims,
  sign,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.write'] }, admin: { allow: ['*'] } })

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const settings = () => new TestIssuer(key).settings
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )
/** A stand-in, since some runtimes drop header fields that only browsers may set, and refuse odd methods. */
const incoming = (headers: Record<string, string>, method = 'GET') =>
  ({ method, url: 'https://app.example/posts', headers: new Headers(headers) }) as Request

describe('options', () => {
  it.each<[string, Record<string, unknown>]>([
    ['tokenUse', { tokenUse: 'accessible' }],
    ['tokenUse', { tokenUse: 'no access' }],
    ['tokenUse', { tokenUse: 'anything' }],
    ['unknownGroups', { unknownGroups: 'refuse them' }],
    ['unknownGroups', { unknownGroups: 'do not refuse' }],
    ['audience', { audience: 5 }],
    ['audience', { audience: ['https://api.example'] }],
    ['issuer', { issuer: 'see https://issuer.example' }],
    ['issuer', { issuer: ' https://issuer.example' }],
    ['issuer', { issuer: 'https://issuer.example/?pool=1' }],
    ['cooldown', { keyCache: { cooldown: null } }],
  ])('a wrong %s is named at once: %j', (name, options) => {
    const create = () => createGuard({ ...settings(), ...options } as GuardOptions)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(new RegExp(`^${name}: expected `))
  })

  const raw = { admin: { allow: ['*'] } }
  const pool = { userPoolId, clientId }
  it.each<[string, object, string]>([
    [
      'a slip',
      { ...pool, resolveGroup: () => [] },
      'createGuard: unknown option "resolveGroup"; did you mean "resolveGroups"?',
    ],
    ['a slip', { ...pool, userPoolID: 'x' }, 'createGuard: unknown option "userPoolID"; did you mean "userPoolId"?'],
    ['a slip', { ...pool, scope: 'a' }, 'createGuard: unknown option "scope"; did you mean "scopes"?'],
    ['a slip', { ...pool, jwksUri: 'a' }, 'createGuard: unknown option "jwksUri"; did you mean "jwksUrl"?'],
    [
      'a slip',
      { ...pool, keyCache: { maxage: 5 } },
      'createGuard: keyCache: unknown option "maxage"; did you mean "maxAge"?',
    ],
    [
      'a slip',
      { pools: [pool, { ...pool, groupz: 1 }] },
      'createGuard: pools[1]: unknown option "groupz"; did you mean "groups"?',
    ],
    [
      'an inherited slip',
      Object.assign(Object.create({ clientID: 'x' }), pool),
      'createGuard: unknown option "clientID"; did you mean "clientId"?',
    ],
    ['another level', { ...pool, maxAge: 60 }, 'createGuard: unknown option "maxAge"; it belongs to keyCache.'],
    [
      'another level',
      { ...pool, keyCache: { clientId } },
      'createGuard: keyCache: unknown option "clientId"; it belongs to a pool.',
    ],
    [
      'another level',
      { ...pool, tokenCache: { scopes: [] } },
      'createGuard: tokenCache: unknown option "scopes"; it belongs to the guard.',
    ],
    [
      'another level',
      { pools: [{ ...pool, tokenUse: 'id' }] },
      'createGuard: pools[0]: unknown option "tokenUse"; it belongs to the guard.',
    ],
    [
      'another level',
      { pools: [{ ...pool, maxEntries: 1 }] },
      'createGuard: pools[0]: unknown option "maxEntries"; it belongs to tokenCache.',
    ],
    ['another level', { pools: [pool], groups }, 'groups: expected to stand in each of `pools`'],
    ['another level', { pools: [pool], clientId }, 'clientId: expected to stand in each of `pools`'],
    ['another level', { ...pool, selectPool: () => userPoolId }, 'selectPool: expected a function, beside `pools`'],
    [
      "aws-jwt-verify's",
      { ...pool, graceSeconds: 5 },
      'createGuard: unknown option "graceSeconds"; it is called "clockTolerance" here.',
    ],
    [
      "aws-jwt-verify's",
      { ...pool, customJwtCheck() {} },
      'createGuard: unknown option "customJwtCheck"; it is called "validate" here.',
    ],
    [
      'group names',
      { ...pool, groups: ['admin'] },
      'groups: expected what `defineGroups` makes of a map; to ask for a group, use `groupRequired`',
    ],
    [
      'a raw map',
      { ...pool, groups: raw },
      'groups: expected what `defineGroups` makes of a map; to ask for a group, use `groupRequired`',
    ],
    [
      'a raw map',
      { pools: [{ ...pool, groups: raw }] },
      'groups: expected what `defineGroups` makes of a map; to ask for a group, use `groupRequired`',
    ],
    [
      'a promise',
      { ...pool, groups: Promise.resolve(groups) },
      'groups: expected what `defineGroups` makes of a map; to ask for a group, use `groupRequired`',
    ],
    [
      'null',
      { ...pool, groups: null },
      'groups: expected what `defineGroups` makes of a map; to ask for a group, use `groupRequired`',
    ],
    ...['tokenSource', 'mapClaims', 'validate', 'resolveGroups', 'onEvent', 'fetch', 'now', 'sleep'].map(
      (name): [string, object, string] => [
        'no function',
        { ...pool, [name]: 'cookie' },
        `${name}: expected a function${name === 'tokenSource' ? ", such as `cookie('name')`" : ''}`,
      ],
    ),
    ['no function', { pools: [pool], selectPool: userPoolId }, 'selectPool: expected a function, beside `pools`'],
    ['a promise', { ...pool, allowTestKeys: Promise.resolve(false) }, 'allowTestKeys: expected true or false'],
    ['a text', { ...pool, allowTestKeys: 'false' }, 'allowTestKeys: expected true or false'],
    [
      'raw options',
      { ...pool, protectedResource: { resource: 'https://api.example' } },
      'protectedResource: expected what `protectedResource` returned',
    ],
    ['no list', { pools: pool }, 'pools: expected an array'],
    ['no pool', { pools: [userPoolId] }, 'createGuard: pools[0]: expected an object with options.'],
    ['no object', { ...pool, keyCache: 60 }, 'createGuard: keyCache: expected an object with options.'],
    ['no object', { ...pool, tokenCache: 60 }, 'createGuard: tokenCache: expected an object with options.'],
    ['no store', { ...pool, keyStore: {} }, 'keyStore: expected a key store, which has `get` and `put`'],
    ['no store', { ...pool, keyStore: async () => {} }, 'keyStore: expected a key store, which has `get` and `put`'],
    ['no object', [pool], 'createGuard: expected an object with options.'],
  ])('%s is a ConfigurationError that says what was meant: %j', (_name, options, message) => {
    expect(() => createGuard(options as GuardOptions)).toThrow(new ConfigurationError(message))
  })

  it('withGroups takes what defineGroups made', () => {
    const guard = createGuard({ ...settings(), groups })
    for (const given of [raw, ['admin'], null, Promise.resolve(groups)]) {
      expect(() => guard.withGroups(given as never)).toThrow(/^groups: expected what `defineGroups` makes/)
    }
  })

  it.each<[object, string]>([
    [{ scope: ['a'] }, 'protectedResource: unknown option "scope"; it is called "scopes".'],
    [{ resourse: 'a' }, 'protectedResource: unknown option "resourse"; did you mean "resource"?'],
    [
      { authorizationServer: 'a' },
      'protectedResource: unknown option "authorizationServer"; it is called "authorizationServers".',
    ],
  ])('protectedResource says what was meant by %j', (options, message) => {
    const create = () => protectedResource({ resource: 'https://api.example', userPoolId, ...options })
    expect(create).toThrow(new ConfigurationError(message))
  })

  it('may be undefined', async () => {
    const nothing = { maxAge: undefined, staleIfError: undefined, cooldown: undefined, timeout: undefined }
    const guard = createGuard({
      ...settings(),
      groups,
      audience: undefined,
      clockTolerance: undefined,
      unknownGroups: undefined,
      keyCache: nothing,
      tokenCache: { maxEntries: undefined },
    })
    expect(await codeOf(guard.verify(token))).toBe('accepted')
  })

  it('may say that no token is to be remembered', async () => {
    const guard = createGuard({ ...settings(), tokenCache: { maxEntries: 0 } })
    const [first, second] = [await guard.verify(token), await guard.verify(token)]
    expect(second).not.toBe(first)
    expect(second).toEqual(first)
  })
})

describe('groups', () => {
  it('that no map knows are refused also where there is no map', async () => {
    const guard = createGuard({ ...settings(), unknownGroups: 'refuse' })
    expect(await codeOf(guard.verify(token))).toBe('GROUP_UNKNOWN')
    const nobody = await sign(key, accessClaims({ 'cognito:groups': undefined }))
    expect(await codeOf(guard.verify(nobody))).toBe('accepted')
  })

  it('of federated users, which Cognito itself makes, are known', async () => {
    const guard = createGuard({ ...settings(), groups, unknownGroups: 'refuse' })
    const member = async (...names: string[]) =>
      codeOf(guard.verify(await sign(key, accessClaims({ 'cognito:groups': names }))))
    for (const provider of ['Google', 'SignInWithApple', 'my-saml_provider', 'LoginWithAmazon']) {
      expect(await member('editor', `${userPoolId}_${provider}`)).toBe('accepted')
    }
    for (const name of [
      `eu-west-1_Another11_Google`,
      `${userPoolId}`,
      `${userPoolId}_`,
      `${userPoolId}Google`,
      `x${userPoolId}_Google`,
      `${userPoolId.toLowerCase()}_Google`,
    ]) {
      expect(await member('editor', name)).toBe('GROUP_UNKNOWN')
    }
    // Known is not trusted: such a group grants nothing that the map does not say.
    const federated = await guard.verify(await sign(key, accessClaims({ 'cognito:groups': [`${userPoolId}_Google`] })))
    expect(guard.can(federated, 'posts.write')).toBe(false)
  })

  it('are known if one of many maps knows them', () => {
    const { userPoolId, clientId, ...rest } = settings()
    const other = { userPoolId: 'us-east-1_OtherPool', clientId: 'other', groups: defineGroups({ buyer: {} }) }
    const guard = createGuard<string, string>({ ...rest, pools: [{ userPoolId, clientId, groups }, other] })
    expect(['editor', 'buyer', 'nobody'].map((name) => guard.adapter.knowsGroup(name))).toEqual([true, true, false])
    expect(['posts.write', 'posts.read'].map((fn) => guard.adapter.knowsPermission(fn))).toEqual([true, false])
  })

  it('by `resolveGroups` are new where one of several is another', async () => {
    let answer = ['editor', 'viewer']
    const guard = createGuard({ ...settings(), groups, resolveGroups: () => answer })
    const first = await guard.authenticate(bearerRequest(token))
    expect(guard.can(first, 'posts.write')).toBe(true)
    for (const next of [['editor', 'admin'], ['editor'], ['viewer', 'editor'], []]) {
      answer = next
      expect((await guard.authenticate(bearerRequest(token))).groups).toEqual(next)
    }
    expect(first.groups).toEqual(['editor', 'viewer'])
  })
})

describe('scopes', () => {
  it('are asked of the access token of two, and not of the ID token', async () => {
    const tokens = { idToken: await sign(key, idClaims()), accessToken: token }
    const may = createGuard({ ...settings(), scopes: ['aws.cognito.signin.user.admin'] })
    expect((await may.verifyTokens(tokens)).id.tokenUse).toBe('id')
    const mayNot = createGuard({ ...settings(), scopes: ['posts/write'] })
    expect(await codeOf(mayNot.verifyTokens(tokens))).toBe('SCOPE_REQUIRED')
  })
})

describe('a cookie', () => {
  const guard = () => createGuard({ ...settings(), tokenSource: cookie('t') })

  it.each([
    ['FORGET', 'CROSS_SITE_REQUEST'],
    ['GETALL', 'CROSS_SITE_REQUEST'],
    ['get', 'CROSS_SITE_REQUEST'],
    ['TRACE', 'accepted'],
  ])('on %s', async (method, expected) => {
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${token}` }, method)))).toBe(expected)
  })

  it('keeps what is behind a second equals sign', async () => {
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${token}=` })))).toBe('TOKEN_MALFORMED')
    const [header, payload, signature] = token.split('.')
    const split = `${header}.${payload}.=${signature}`
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${split}` })))).toBe('TOKEN_MALFORMED')
  })

  it('is the first of two that were issued in the same second', async () => {
    const other = await sign(key, accessClaims({ jti: 'another' }))
    const one = guard()
    for (const [first, second] of [
      [token, other],
      [other, token],
    ]) {
      const request = incoming({ cookie: `t=${first}; t=${second}` })
      expect(one.tokenOf(await one.authenticate(request))).toBe(first)
    }
  })
})

describe("Amplify's cookies", () => {
  const prefix = `CognitoIdentityServiceProvider.${clientId}`
  const cookies = (kind: string, jwt: string, user = 'alice') =>
    incoming({ cookie: `${prefix}.LastAuthUser=alice; ${prefix}.${user}.${kind}=${jwt}` })

  it('are the access token of the last user', async () => {
    const guard = createGuard({ ...settings(), tokenSource: amplifyCookies() })
    expect(await codeOf(guard.authenticate(cookies('accessToken', token)))).toBe('accepted')
    expect(await codeOf(guard.authenticate(cookies('idToken', token)))).toBe('TOKEN_MISSING')
    expect(await codeOf(guard.authenticate(cookies('accessToken', token, 'bob')))).toBe('TOKEN_MISSING')
  })

  it('are the ID token, where that is asked for', async () => {
    const idToken = await sign(key, idClaims())
    const guard = createGuard({ ...settings(), tokenUse: 'id', tokenSource: amplifyCookies() })
    expect(await codeOf(guard.authenticate(cookies('idToken', idToken)))).toBe('accepted')
    expect(await codeOf(guard.authenticate(cookies('accessToken', idToken)))).toBe('TOKEN_MISSING')
  })

  it('give way to an Authorization header', async () => {
    const guard = createGuard({ ...settings(), tokenSource: amplifyCookies() })
    const headers = { cookie: `${prefix}.LastAuthUser=alice; ${prefix}.alice.accessToken=junk` }
    expect(await codeOf(guard.authenticate(incoming({ ...headers, authorization: `Bearer ${token}` })))).toBe(
      'accepted',
    )
  })

  it('cannot be read where any client is accepted', async () => {
    const guard = createGuard({ ...settings(), clientId: null, tokenSource: amplifyCookies() })
    await expect(guard.authenticate(cookies('accessToken', token))).rejects.toBeInstanceOf(ConfigurationError)
    await expect(guard.authenticate(incoming({}))).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe('what a token source leaves', () => {
  it('may be nothing', async () => {
    const guard = createGuard({
      ...settings(),
      userPoolId,
      tokenSource: (_request, { setCookies }) => {
        setCookies([])
        return token
      },
    })
    const request = incoming({})
    await guard.authenticate(request)
    const response = new Response('x')
    expect(guard.adapter.commit(request, response)).toBe(response)
  })
})

describe('options that an object inherits', () => {
  it('are as good as its own', async () => {
    const strict = createGuard(Object.create({ ...settings(), audience: 'https://api.example' }) as GuardOptions)
    expect(await codeOf(strict.verify(token))).toBe('AUDIENCE_WRONG')
    const { now, ...others } = settings()
    const late = () => now() + 3_601_000
    const tolerant = createGuard(
      Object.assign(Object.create({ now: late, clockTolerance: 10 }), others) as GuardOptions,
    )
    expect(await codeOf(tolerant.verify(token))).toBe('accepted')
  })
})
