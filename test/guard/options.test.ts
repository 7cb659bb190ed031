import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, createGuard, defineGroups, type GuardOptions, protectedResource } from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, TestIssuer, type TestKey, userPoolId } from '../support/issuer.ts'

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

describe('options', () => {
  it.each<[string, Record<string, unknown>]>([
    ['tokenUse', { tokenUse: 'accessible' }],
    ['tokenUse', { tokenUse: 'no access' }],
    ['tokenUse', { tokenUse: 'anything' }],
    ['tokenUse', { tokenUse: ['access'] }],
    ['unknownGroups', { unknownGroups: ['refuse'] }],
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
    ['nothing', undefined, 'createGuard: expected an object with options.'],
    ['null', null, 'createGuard: expected an object with options.'],
    ['a pool that is none', { pools: [undefined] }, 'createGuard: pools[0]: expected an object with options.'],
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

it('scopes that are changed afterwards change nothing', async () => {
  const scopes = ['posts/write']
  const guard = createGuard({ ...settings(), scopes })
  scopes.length = 0
  expect(await codeOf(guard.verify(token))).toBe('SCOPE_REQUIRED')
})
