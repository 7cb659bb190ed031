import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createLocalPool, createLocalWorld, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import {
  authorizationFor,
  call,
  createSeededBytes,
  decode,
  itemsOf,
  readKeys,
  requestFor,
} from '../support/local-pool.ts'

const start = 1_767_225_600

describe('determinism', () => {
  const run = async () => {
    const world = createLocalWorld({ now: () => start * 1000, randomBytes: createSeededBytes(3) })
    const pool = await world.createPool({
      groups: ['viewer'],
      users: { alice: { groups: ['viewer'] }, bob: {} },
      clients: [{ clientId: 'machine1', secret: true, scopes: ['a/b'] }],
    })
    const other = await world.createPool({ users: ['alice'] })
    world.fail('ListGroups', { rate: 0.5 })
    const tokens = await Promise.all([pool.tokens('alice'), pool.tokens('bob'), other.tokens('alice')])
    const created = await call(pool, 'AdminCreateUser', { Username: 'carol' })
    const listed = await pool.fetch(requestFor(pool, 'ListUsers', { UserPoolId: pool.settings.userPoolId }))
    for (let index = 0; index < 10; index++) await call(pool, 'ListGroups')
    const { keys } = await readKeys(pool)
    pool.rotateKeys()
    return {
      keys: keys.map(({ n }) => n),
      signatures: tokens.map(({ idToken }) => idToken.split('.')[2]),
      rest: {
        settings: [pool, other].map(({ settings: { userPoolId, clientId }, domain }) => [userPoolId, clientId, domain]),
        secret: pool.clientSecret('machine1'),
        tokens: tokens.map(({ idToken, accessToken, refreshToken }) => [
          decode(idToken),
          decode(accessToken),
          refreshToken,
        ]),
        machine: decode((await pool.clientTokens({ clientId: 'machine1' })).accessToken),
        kids: [...keys, ...(await readKeys(pool)).keys].map(({ kid }) => kid),
        created,
        listed: [await listed.text(), [...listed.headers]],
        requests: world.requests,
      },
    }
  }

  it('everything but keys and signatures is the same in every run', async () => {
    const [first, second] = [await run(), await run()]
    expect(second.rest).toEqual(first.rest)
    expect(second.keys).not.toEqual(first.keys)
    expect(second.signatures).not.toEqual(first.signatures)
    expect(first.rest.requests.map(({ status }) => status)).toContain(500)
    expect(first.rest.requests.map(({ status }) => status)).toContain(200)
  })

  it('without given randomness no two worlds are alike', async () => {
    const [first, second] = [await createLocalPool(), await createLocalPool()]
    expect(first.settings.userPoolId).toMatch(/^eu-west-1_[0-9A-Za-z]{9}$/)
    expect(first.settings.clientId).toMatch(/^[0-9a-z]{26}$/)
    expect(first.settings.userPoolId).not.toBe(second.settings.userPoolId)
    expect(first.settings.clientId).not.toBe(second.settings.clientId)
  })
})

describe('the clock', () => {
  it('runs with the real one by default', async () => {
    const pool = await createLocalPool()
    const before = Date.now()
    const now = pool.settings.now()
    expect([before <= now, now <= Date.now()]).toEqual([true, true])
  })

  it('follows the given one, and advances for the whole world', async () => {
    let time = start * 1000
    const world = createLocalWorld({ now: () => time })
    const pool = await createLocalPool({ world, users: ['alice'] })
    const other = await createLocalPool({ world })
    pool.advance(3600)
    time += 500
    expect([pool.settings.now(), other.settings.now(), world.now()]).toEqual(Array(3).fill((start + 3600) * 1000 + 500))
    other.advance(-0.5)
    expect(world.now()).toBe((start + 3600) * 1000)
    expect(decode((await pool.tokens('alice')).accessToken).claims['iat']).toBe(start + 3600)
    for (const seconds of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => world.advance(seconds)).toThrow(ConfigurationError)
    }
  })
})

describe('one fetch serves all pools of a world', () => {
  it('in several regions', async () => {
    const world = createLocalWorld()
    const first = await world.createPool({ groups: ['viewer'] })
    const second = await createLocalPool({ world, region: 'us-east-1', groups: ['editor'] })
    expect(second.settings.userPoolId).toMatch(/^us-east-1_/)
    expect(second.endpoint).toBe('https://cognito-idp.us-east-1.amazonaws.com')
    const request = requestFor(second, 'ListGroups', { UserPoolId: second.settings.userPoolId })
    const response = await first.settings.fetch(request)
    expect(await response.json()).toMatchObject({ Groups: [{ GroupName: 'editor' }] })
  })
})

describe('groups', () => {
  const namesOf = async (groups: LocalPoolOptions['groups']) => {
    const answer = await call(await createLocalPool({ groups }), 'ListGroups')
    return itemsOf(answer, 'Groups').map((group) => [group['GroupName'], group['Precedence']])
  }
  const expected = [
    ['admin', 1],
    ['viewer', undefined],
  ]

  it.each<[string, LocalPoolOptions['groups']]>([
    ['names and groups', ['viewer', { name: 'admin', precedence: 1 }]],
    ['a map, as defineGroups takes it', { viewer: { allow: ['a'] }, admin: { allow: ['*'], precedence: 1 } }],
    ['what defineGroups returns', { names: ['viewer', 'admin'], definitions: { admin: { precedence: 1 } } }],
  ])('are given as %s', async (_, groups) => {
    expect(await namesOf(groups)).toEqual(expected)
  })

  it('are given as a cognises array', async () => {
    const groups = [
      {
        group_name: 'Group1',
        group_policy: { Version: '2012-10-17' },
        created: 'false',
        allowed_functions: ['protected'],
      },
    ]
    expect(await namesOf(groups)).toEqual([['Group1', undefined]])
  })

  it('are given without definitions', async () => {
    expect(await namesOf({ names: ['viewer', 'constructor'] })).toEqual([
      ['constructor', undefined],
      ['viewer', undefined],
    ])
  })
})

describe('refuses', () => {
  const bad = (options: unknown) => options as LocalPoolOptions
  it.each<[string, LocalPoolOptions, string]>([
    [
      'an unlisted group',
      { users: { alice: { groups: ['ghost'] } } },
      'users.alice.groups[0]: not a group of this pool; it has none.',
    ],
    [
      'a group of another case',
      { groups: ['viewer'], users: [{ username: 'alice', groups: ['viewer', 'Viewer'] }] },
      'users[0].groups[1]: not a group of this pool; it has viewer.',
    ],
    [
      'a group of Object.prototype',
      { groups: ['viewer'], users: { alice: { groups: ['toString'] } } },
      'users.alice.groups[0]',
    ],
    ['a group twice', { groups: ['viewer', { name: 'viewer' }] }, 'groups[1]: the group viewer is given twice.'],
    ['a group with a space', { groups: ['a b'] }, 'groups[0]'],
    ['a group without a name', bad({ groups: [{}] }), 'groups[0]: expected a text.'],
    ['groups as a text', bad({ groups: 'viewer' }), 'groups: expected an object.'],
    ['a precedence below 0', { groups: [{ name: 'a', precedence: -1 }] }, 'groups[0].precedence'],
    ['a bad role', { groups: { a: { roleArn: 'role' } } }, 'groups.a.roleArn'],
    ['a user twice', { users: ['alice', 'alice'] }, 'users[1]: the user alice is given twice.'],
    [
      'a user in two cases',
      { users: ['alice', 'Alice'], caseSensitive: false },
      'users[1]: the user Alice is given twice.',
    ],
    ['a user without a name', bad({ users: [{}] }), 'users[0]: expected a text.'],
    [
      'a misspelt user option',
      bad({ users: { alice: { group: [] } } }),
      'users.alice: unknown option "group"; did you mean "groups"?',
    ],
    ['a number as e-mail', bad({ users: { alice: { email: {} } } }), 'users.alice.email'],
    ['email_verified as text', bad({ users: { alice: { email_verified: 'true' } } }), 'users.alice.email_verified'],
    ['sub among the attributes', { users: { alice: { attributes: { sub: 'x' } } } }, 'users.alice.attributes.sub'],
    ['a long attribute', { users: { alice: { attributes: { bio: 'x'.repeat(2049) } } } }, 'users.alice.attributes.bio'],
    [
      'identities that are no list',
      { users: { alice: { attributes: { identities: '{}' } } } },
      'users.alice.attributes.identities',
    ],
    [
      'an unknown status',
      bad({ users: { alice: { status: 'FINE' } } }),
      'users.alice.status: expected one of UNCONFIRMED',
    ],
    ['a misspelt option', bad({ user: [] }), 'createLocalPool: unknown option "user"; did you mean "users"?'],
    ['a pool id of no form', { userPoolId: 'pool' }, 'userPoolId'],
    ['a region of no form', { region: 'Europe' }, 'region'],
    [
      'two regions',
      { userPoolId: 'eu-west-1_AbCdEfGhI', region: 'us-east-1' },
      'region: the userPoolId names another region.',
    ],
    ['an unknown issuer', bad({ issuer: 'regional' }), 'issuer: expected one of original, updated.'],
    ['an unknown alias', bad({ aliases: ['name'] }), 'aliases[0]'],
    ['a bad domain', { domain: 'Shop.' }, 'domain'],
    ['a client twice', { clients: [{ clientId: 'a' }, { clientId: 'a' }] }, 'clients[1]: the client a is given twice.'],
    ['a client without an id', bad({ clients: [{}] }), 'clients[0].clientId'],
    ['a scope with a space', { clients: [{ clientId: 'a', scopes: ['a b'] }] }, 'clients[0].scopes[0]'],
    ['a life of nothing', { clients: [{ clientId: 'a', expiresIn: 0 }] }, 'clients[0].expiresIn'],
    ['an empty client id', { clientId: '' }, 'clientId'],
    ['now as a number', bad({ now: 5 }), 'now: expected a function.'],
    ['verifySignature as true', bad({ verifySignature: true }), 'verifySignature: expected a function.'],
    ['randomness that runs dry', { randomBytes: () => new Uint8Array(1) }, 'randomBytes'],
    [
      'a clock beside a world',
      { world: createLocalWorld(), now: () => 0 },
      'now: with `world`, give it to createLocalWorld.',
    ],
  ])('%s', async (_, options, message) => {
    const error = await createLocalPool(options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as Error).message).toContain(message)
  })

  it('two pools of one id or domain in a world', async () => {
    const world = createLocalWorld()
    await world.createPool({ userPoolId: 'eu-west-1_AbCdEfGhI', domain: 'shop' })
    await expect(world.createPool({ userPoolId: 'eu-west-1_AbCdEfGhI' })).rejects.toThrow('userPoolId')
    await expect(world.createPool({ domain: 'shop' })).rejects.toThrow('domain')
    await expect(world.createPool({ domain: 'shop', region: 'us-east-1' })).resolves.toBeDefined()
  })

  it('a misspelt option of a world', () => {
    expect(() => createLocalWorld({ clock: Date.now } as object)).toThrow(ConfigurationError)
  })
})

describe('a name that is no option is refused, and the one that was meant is named', () => {
  const of = (options: unknown) => options as never
  it.each<[string, (pool: LocalPool) => unknown, string]>([
    ['a pool', () => createLocalPool(of({ userPoolID: 'x' })), 'createLocalPool: … "userPoolID" … "userPoolId"?'],
    ['a pool’s clock', () => createLocalPool(of({ Now: Date.now })), 'createLocalPool: … "Now" … "now"?'],
    ['a pool of a world', () => createLocalWorld().createPool(of({ regio: 'x' })), 'createPool: … "regio" … "region"?'],
    ['a world', () => createLocalWorld(of({ iamdelay: 1 })), 'createLocalWorld: … "iamdelay" … "iamDelay"?'],
    [
      'a group',
      () => createLocalPool(of({ groups: [{ name: 'a', precedance: 1 }] })),
      '… "precedance" … "precedence"?',
    ],
    ['a user', () => createLocalPool(of({ users: [{ username: 'a', emailVerified: true }] })), '… "email_verified".'],
    [
      'a device',
      () => createLocalPool(of({ users: { a: { devices: [{ Key: 'x' }] } } })),
      'users.a.devices[0]: … "key"?',
    ],
    ['a client', () => createLocalPool(of({ clients: [{ clientID: 'a' }] })), 'clients[0]: … "clientId"?'],
    ['a policy', () => createLocalPool(of({ passwordPolicy: { minlength: 6 } })), 'passwordPolicy: … "minLength"?'],
    ['an identity pool', () => createLocalPool(of({ identityPool: { rolemapping: 'token' } })), '… "roleMapping"?'],
    ['its roles', () => createLocalPool(of({ identityPool: { roles: { authentcated: 'x' } } })), '… "authenticated"?'],
    ['tokens', (pool) => pool.tokens('alice', of({ client: 'x' })), 'tokens: … "clientId"?'],
    ['groups in tokens', (pool) => pool.tokens('alice', of({ groups: [] })), 'tokens: … "cognito:groups"'],
    ['clientTokens', (pool) => pool.clientTokens(of({ scopes: 'a/b' })), 'clientTokens: … "scopes" … "scope".'],
    ['sign', (pool) => pool.sign({}, of({ Use: 'id' })), 'sign: … "use"?'],
    ['rotateKeys', (pool) => pool.rotateKeys(of({ keepold: false })), 'rotateKeys: … "keepOld"?'],
    ['fail', (pool) => pool.fail('*', of({ persecond: 1 })), 'fail: … "persecond" … "perSecond"?'],
    ['a code in fail', (pool) => pool.fail('*', of({ code: 'X' })), 'fail: … "code" … "error".'],
    ['fail of a world', () => createLocalWorld().fail('*', of({ time: 1 })), 'fail: … "time" … "times"?'],
  ])('%s', async (_, act, expected) => {
    const pool = await createLocalPool({ users: ['alice'] })
    const error = await (async () => act(pool))().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    const pattern = expected.split('…').map((part) => part.trim().replace(/[.?*[\]()]/g, '\\$&'))
    expect((error as Error).message).toMatch(new RegExp(pattern.join('[^]*')))
  })
})

describe('fetch is called as everywhere', () => {
  const post = { method: 'POST', body: '{}' }
  const headers = { 'x-amz-target': 'AWSCognitoIdentityProviderService.ListGroups', authorization: authorizationFor() }

  it('with a URL as text or as such, with and without init, and with a request', async () => {
    const world = createLocalWorld()
    const pool = await world.createPool({ groups: ['a'] })
    const keys = `${pool.issuer}/.well-known/jwks.json`
    for (const fetch of [pool.fetch, pool.settings.fetch, world.fetch]) {
      for (const input of [keys, new URL(keys), new Request(keys)]) {
        expect(await (await fetch(input)).json()).toMatchObject({ keys: [{}, {}] })
        expect((await fetch(input, { method: 'PUT' })).status).toBe(404)
      }
      const body = JSON.stringify({ UserPoolId: pool.settings.userPoolId })
      const groups = await fetch(pool.endpoint, { ...post, headers, body })
      expect(await groups.json()).toMatchObject({ Groups: [{ GroupName: 'a' }] })
    }
    const asGlobal: typeof fetch = (...args) => pool.fetch(...args)
    expect((await asGlobal(keys)).status).toBe(200)
  })

  it('and refuses as everywhere: a URL that is none, an aborted signal, and init beside what is no global request', async () => {
    const pool = await createLocalPool()
    await expect(pool.fetch('/relative')).rejects.toThrow(TypeError)
    const reason = new Error('stop')
    const signal = AbortSignal.abort(reason)
    await expect(pool.fetch(pool.endpoint, { ...post, signal })).rejects.toBe(reason)
    expect(pool.requests).toEqual([])
    const like = { url: pool.endpoint, method: 'GET', headers: new Headers(), text: async () => '' }
    expect((await pool.fetch(like)).status).toBe(404)
    await expect(pool.fetch(like, post)).rejects.toThrow('fetch: give init')
  })
})

it('no password stands in an error', async () => {
  const options = { users: { alice: { password: 's3cret'.repeat(100) } } }
  const error = await createLocalPool(options).catch((reason: unknown) => reason)
  expect(String(error)).toContain('users.alice.password')
  expect(String(error)).not.toContain('s3cret')
})
