import { describe, expect, it } from 'vitest'
import { type Condition, type DecisionContext, defineGroups } from '../../src/permissions/index.ts'

const trustedClaims = [
  'custom:tier',
  'custom:level',
  'custom:on',
  'email',
  'phone_number',
  'roles',
  '__proto__',
  'constructor',
]
const now = 1_700_000_000_500

/** The same condition as `when` and as gate: they must agree. */
function holds(condition: Condition, context: DecisionContext): boolean {
  const groups = defineGroups(
    { when: { allow: [{ permission: 'a', when: condition }] }, gated: { allow: ['b'] } },
    { permissions: ['a', 'b'], require: { b: condition }, trustedClaims },
  )
  const held = groups.can(['when'], 'a', { now, ...context })
  expect(groups.can(['gated'], 'b', { now, ...context })).toBe(held)
  expect(groups.decide(['when'], 'a', { now, ...context }).code).toBe(held ? 'ALLOW' : 'DENY_CONDITION')
  expect(groups.explain(['gated'], 'b', { now, ...context }).failed).toHaveLength(held ? 0 : 1)
  return held
}

describe('claim tests', () => {
  it.each<[Condition, DecisionContext['claims'], boolean]>([
    [{ 'custom:tier': 'gold' }, { 'custom:tier': 'gold' }, true],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': 'Gold' }, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': 'gold ' }, false],
    [{ 'custom:tier': 'gold' }, {}, false],
    [{ 'custom:tier': 'gold' }, undefined, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': null }, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': { toString: () => 'gold' } }, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': ['silver', 'gold'] }, true],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': [['gold']] }, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': [] }, false],
    [{ 'custom:tier': 'gold silver' }, { 'custom:tier': 'gold' }, false],
    [{ 'custom:tier': 'gold' }, { 'custom:tier': 'gold silver' }, false],
    [{ 'custom:tier': ['gold', 'silver'] }, { 'custom:tier': 'silver' }, true],
    [{ 'custom:tier': ['gold', 'silver'] }, { 'custom:tier': 'gold,silver' }, false],
    [{ 'custom:level': 5 }, { 'custom:level': 5 }, true],
    [{ 'custom:level': 5 }, { 'custom:level': '5' }, false],
    [{ 'custom:level': '' }, { 'custom:level': 0 }, false],
    [{ 'custom:on': true }, { 'custom:on': true }, true],
    [{ 'custom:on': true }, { 'custom:on': 'true' }, false],
    [{ 'custom:on': true }, { 'custom:on': 1 }, false],
    [{ 'custom:on': false }, { 'custom:on': false }, true],
    [{ 'custom:on': false }, {}, false],
    [{ scope: 'posts/read' }, { scope: 'openid posts/read' }, true],
    [{ scope: ['posts/write', 'posts/read'] }, { scope: 'openid posts/read' }, true],
    [{ scope: 'posts/read' }, { scope: 'posts/reader xposts/read' }, false],
    [{ scope: 'openid posts/read' }, { scope: 'openid posts/read' }, false],
    [{ scope: '' }, { scope: 'a' }, false],
    [{ amr: 'mfa' }, { amr: ['pwd', 'mfa'] }, true],
    [{ amr: ['otp', 'mfa'] }, { amr: ['pwd'] }, false],
    [{ acr: 'high', amr: 'mfa' }, { acr: 'high', amr: ['mfa'] }, true],
    [{ acr: 'high', client_id: 'client' }, { acr: 'high', client_id: 'other' }, false],
    [{ acr: 'high', client_id: 'client' }, { client_id: 'client' }, false],
    [{ sub: 'x' }, Object.create({ sub: 'x' }), false],
    [{ constructor: 'x' }, {}, false],
    [JSON.parse('{"__proto__":"x"}'), {}, false],
    [JSON.parse('{"__proto__":"x"}'), JSON.parse('{"__proto__":"x"}'), true],
    [{ auth_time: { maxAge: 900 } }, { auth_time: 1_699_999_900 }, true],
    [{ auth_time: { maxAge: 900 } }, { auth_time: 1_699_999_101 }, true],
    [{ auth_time: { maxAge: 900 } }, { auth_time: 1_699_999_100 }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: 1_700_000_000 }, true],
    [{ auth_time: { maxAge: 900 } }, { auth_time: 1_700_000_001 }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: '1699999900' }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: NaN }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: Infinity }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: -Infinity }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: [1_699_999_900] }, false],
    [{ auth_time: { maxAge: 900 } }, { auth_time: null }, false],
    [{ auth_time: { maxAge: 900 } }, {}, false],
    [{ email: 'alice@example.com' }, { email: 'alice@example.com', email_verified: true }, true],
    [{ email: 'alice@example.com' }, { email: 'alice@example.com', email_verified: 'true' }, false],
    [{ email: 'alice@example.com' }, { email: 'alice@example.com', email_verified: false }, false],
    [{ email: 'alice@example.com' }, { email: 'alice@example.com' }, false],
    [{ email: (email) => email !== 'bob@example.com' }, { email: 'alice@example.com' }, false],
    [{ phone_number: '+49' }, { phone_number: '+49' }, false],
    [{ phone_number: '+49' }, { phone_number: '+49', phone_number_verified: true }, true],
  ])('%j of %j: %s', (condition, claims, held) => {
    expect(holds(condition, { claims })).toBe(held)
  })

  it('counts the edges of an age in', () => {
    const at = { claims: { auth_time: 1_000 } }
    expect(holds({ auth_time: { maxAge: 900 } }, { ...at, now: 1_900_000 })).toBe(true)
    expect(holds({ auth_time: { maxAge: 900 } }, { ...at, now: 1_900_001 })).toBe(false)
    expect(holds({ auth_time: { maxAge: 900 } }, { ...at, now: 1_000_000 })).toBe(true)
    expect(holds({ auth_time: { maxAge: 900 } }, { ...at, now: 999_999 })).toBe(false)
  })

  it('takes the clock where no time is given', () => {
    const groups = defineGroups({ g: { allow: [{ permission: 'a', when: { auth_time: { maxAge: 60 } } }] } })
    const seconds = Math.floor(Date.now() / 1000)
    expect(groups.can(['g'], 'a', { claims: { auth_time: seconds - 5 } })).toBe(true)
    expect(groups.can(['g'], 'a', { claims: { auth_time: seconds - 65 } })).toBe(false)
    expect(groups.can(['g'], 'a', { claims: { auth_time: seconds - 5 }, now: NaN })).toBe(false)
  })
})

describe('predicates', () => {
  const claims = Object.freeze({
    sub: 'alice',
    email: 'alice@example.com',
    email_verified: false,
    'custom:own': 'x',
    roles: ['a'],
  })
  const resource = Object.freeze({ owner: 'alice' })
  const loose = (result: () => unknown): Condition => Object.assign(() => result() as boolean)
  const rejecting = async () => {
    throw new Error('no')
  }

  it.each<[string, Condition, boolean]>([
    ['the owner', (given, context) => context.resource === resource && given.sub === resource.owner, true],
    ['the owner, by a claim', { sub: (sub, context) => context.resource === resource && sub === 'alice' }, true],
    ['another claim beside', { sub: (_, { claims: all }) => Array.isArray(all.roles) }, true],
    ['the time', (_, context) => context.now === now, true],
    ['false', () => false, false],
    ['truthy: 1', loose(() => 1), false],
    ['truthy: "true"', loose(() => 'true'), false],
    ['a Boolean object', loose(() => Object(true)), false],
    ['undefined', loose(() => undefined), false],
    ['null', loose(() => null), false],
    ['a promise of true', loose(() => Promise.resolve(true)), false],
    ['a promise that fails', loose(rejecting), false],
    [
      'a thenable that throws',
      loose(() => Object.defineProperty({}, 'then', { get: () => expect.unreachable() })),
      false,
    ],
    [
      'one that throws',
      () => {
        throw new Error('no')
      },
      false,
    ],
    [
      'one that throws nothing',
      () => {
        throw undefined
      },
      false,
    ],
    ['a claim that is absent', { acr: () => true }, false],
    ['an untrusted claim', (given) => given['custom:own'] === 'x', false],
    ['an unverified email', (given) => given.email === 'alice@example.com', false],
    ['all claims at once', (given) => Object.values(given).length > 0, true],
    ['a property that no claim is', (given) => given.constructor === undefined && given.toString === undefined, true],
  ])('%s: %#', (_, condition, held) => {
    expect(holds(condition, { claims, resource })).toBe(held)
  })

  it('never run without claims', () => {
    const never: Condition = () => expect.unreachable()
    expect(holds(never, {})).toBe(false)
    expect(holds(never, { claims: undefined, resource })).toBe(false)
  })

  it('that do not hold are explained without what they looked at', () => {
    const groups = defineGroups({ g: { allow: [{ permission: 'a', when: (given) => given.email === 'x' }] } })
    const failed = [{ at: 'when', rule: 'a', group: 'g', kind: 'predicate' }]
    expect(groups.explain(['g'], 'a', { claims }).failed).toEqual(failed)
    expect(groups.explain(['g'], 'a').failed).toEqual(failed)
  })
})

describe('what predicates see of the claims', () => {
  const untrusted = { 'custom:own': 'x', 'custom:suspended': 'yes', email: 'alice@example.com', username: 'ally' }
  const claims = { sub: 'alice', amr: ['pwd'], ...untrusted, email_verified: false, __proto__: { iss: 'inherited' } }
  const names = [...Object.keys(untrusted), 'email_verified', 'iss', 'constructor', 'toString', 'hasOwnProperty']

  /** What a predicate on all claims, and one on a single claim, are given. */
  function seen(given: Record<string, unknown>, trusted: readonly string[] = ['email']): object[] {
    const views: object[] = []
    const see = (view: object) => views.push(view) > 0
    const groups = defineGroups(
      {
        all: { allow: [{ permission: 'a', when: (view) => see(view) }] },
        one: { allow: [{ permission: 'a', when: { sub: (_, context) => see(context.claims) } }] },
      },
      { trustedClaims: trusted },
    )
    expect([groups.can(['all'], 'a', { claims: given }), groups.can(['one'], 'a', { claims: given })]).toEqual([
      true,
      true,
    ])
    return views
  }

  it.each<[string, (view: object, name: string) => unknown]>([
    ['reading', (view, name) => Reflect.get(view, name) !== undefined],
    ['in', (view, name) => name in view],
    ['Object.hasOwn', Object.hasOwn],
    ['Object.prototype.hasOwnProperty', (view, name) => Object.hasOwn(view, name)],
    ['Object.keys', (view, name) => Object.keys(view).includes(name)],
    ['Object.values', (view, name) => Object.values(view).includes(Reflect.get(claims, name) ?? 'nothing')],
    ['Object.entries', (view, name) => Object.entries(view).some(([key]) => key === name)],
    ['Object.getOwnPropertyNames', (view, name) => Object.getOwnPropertyNames(view).includes(name)],
    ['Reflect.ownKeys', (view, name) => Reflect.ownKeys(view).includes(name)],
    ['a descriptor', (view, name) => Object.getOwnPropertyDescriptor(view, name) !== undefined],
    ['all descriptors', (view, name) => Object.hasOwn(Object.getOwnPropertyDescriptors(view), name)],
    [
      'for…in',
      (view, name) => {
        for (const key in view) if (key === name) return true
        return false
      },
    ],
    ['a copy', (view, name) => Object.hasOwn({ ...view }, name)],
    ['a clone', (view, name) => Object.hasOwn(structuredClone(view), name)],
    ['JSON', (view, name) => Object.hasOwn(JSON.parse(JSON.stringify(view)), name)],
    ['the prototype', (view) => Object.getPrototypeOf(view) !== null],
  ])('by %s: the usable ones and nothing else', (_, finds) => {
    for (const view of seen(claims)) {
      expect(names.filter((name) => finds(view, name))).toEqual([])
    }
  })

  it('is all that is usable, and cannot be changed', () => {
    for (const view of seen(claims)) {
      expect(Object.entries(view)).toEqual([
        ['amr', ['pwd']],
        ['sub', 'alice'],
      ])
      expect([Object.isFrozen(view), Reflect.set(view, 'sub', 'bob'), Reflect.set(view, 'acr', 'high')]).toEqual([
        true,
        false,
        false,
      ])
    }
    const verified = { sub: 'alice', email: 'a@b.c', email_verified: true, phone_number: '+49' }
    for (const view of seen(verified, ['email', 'phone_number', '__proto__']))
      expect({ ...view }).toEqual({ sub: 'alice', email: 'a@b.c' })
    const odd: Record<string, unknown> = JSON.parse('{"sub":"alice","__proto__":"x"}')
    for (const view of seen(odd, ['__proto__']))
      expect(Object.entries(view)).toEqual([
        ['sub', 'alice'],
        ['__proto__', 'x'],
      ])
  })

  it('follows claims that change', () => {
    const changing: Record<string, unknown> = { sub: 'alice' }
    const groups = defineGroups({ g: { allow: [{ permission: 'a', when: ({ sub }) => sub === 'alice' }] } })
    expect(groups.can(['g'], 'a', { claims: changing })).toBe(true)
    changing.sub = 'bob'
    expect(groups.can(['g'], 'a', { claims: changing })).toBe(false)
  })
})

describe('promises where a value is needed', () => {
  const callable = Object.assign(() => {}, { then: () => {} })
  const promises: [string, unknown][] = [
    ['a promise', Promise.resolve('open')],
    [
      'a promise that fails',
      Promise.reject(new Error('no'))
        .finally(() => {})
        .catch(() => 'open'),
    ],
    ['a thenable', { then: () => 'open' }],
    ['a thenable by inheritance', Object.create({ then: () => 'open' })],
    ['a thenable function', callable],
    ['a thenable proxy', new Proxy({}, { get: () => () => 'open', has: () => false })],
    [
      'one whose `then` throws',
      Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('no')
        },
      }),
    ],
  ]
  /** Predicates that deny by what they find, so that nothing found would be an allowance. */
  const lenient: Condition[] = [
    (given, { resource }) => given.sub !== 'locked' && resource !== 'locked',
    { sub: (sub, { resource }) => sub !== 'locked' && resource !== 'locked' },
  ]
  const claims = { sub: 'alice', acr: 'high' }
  /** As a program without types would give it. */
  const untyped: (context: Record<string, unknown>) => DecisionContext = Object.assign((context: object) => context)

  it.each(promises)('a resource that is %s: no predicate holds, nor is it asked', (_, resource) => {
    for (const condition of lenient) {
      expect(holds(condition, { claims, resource: 'open' })).toBe(true)
      expect(holds(condition, { claims, resource })).toBe(false)
    }
    expect(holds(() => expect.unreachable(), { claims, resource })).toBe(false)
    expect(holds({ acr: 'high' }, { claims, resource })).toBe(true)
  })

  it.each(promises)('claims that are %s: no condition holds', (_, given) => {
    const context = untyped({ claims: given })
    for (const condition of [...lenient, { acr: 'high' }]) expect(holds(condition, context)).toBe(false)
  })

  it.each(promises)('a claim that is %s: no condition on it holds, and no predicate', (_, sub) => {
    for (const condition of [...lenient, { sub: 'alice' }])
      expect(holds(condition, { claims: { ...claims, sub } })).toBe(false)
    expect(holds({ acr: 'high' }, { claims: { ...claims, sub } })).toBe(true)
  })

  it.each(promises)('groups or a permission that are %s: denied', (_, odd) => {
    const groups = defineGroups({ g: { allow: ['a'] } })
    const may = (...args: unknown[]): unknown => Reflect.apply(groups.can, groups, args)
    expect([may(['g'], 'a'), may(odd, 'a'), may([odd], 'a'), may(['g'], odd)]).toEqual([true, false, false, false])
  })

  it.each<unknown>(['alice', 1, true, [], ['sub'], () => {}, null, Symbol('x')])(
    'claims that are no object, %o: no condition holds',
    (given) => {
      const context = untyped({ claims: given })
      for (const condition of [...lenient, { acr: 'high' }]) expect(holds(condition, context)).toBe(false)
    },
  )

  it.each<unknown>([NaN, Infinity, -Infinity, '5', null, Promise.resolve(5)])(
    'a time that is %o: no predicate holds',
    (time) => {
      const context = untyped({ claims, now: time })
      for (const condition of lenient) expect(holds(condition, context)).toBe(false)
    },
  )
})

describe('gates', () => {
  it('stand over every grant, wildcards and conditional rules included, and all of them count', () => {
    const groups = defineGroups(
      { admin: { allow: ['*'] }, vip: { allow: [{ permission: 'a.b', when: { amr: 'mfa' } }] } },
      { permissions: ['a.b', 'c'], require: { 'a.b': { acr: 'high' }, 'a.*': { client_id: 'client' } } },
    )
    const all = { acr: 'high', client_id: 'client' }
    expect(groups.can(['admin'], 'a.b', { claims: all })).toBe(true)
    expect(groups.can(['admin'], 'a.b', { claims: { acr: 'high' } })).toBe(false)
    expect(groups.can(['admin'], 'a.b', { claims: { client_id: 'client' } })).toBe(false)
    expect(groups.can(['vip'], 'a.b', { claims: all })).toBe(false)
    expect(groups.can(['vip'], 'a.b', { claims: { ...all, amr: ['mfa'] } })).toBe(true)
    expect(groups.can(['admin'], 'c')).toBe(true)
    expect(groups.explain(['vip'], 'a.b', { claims: {} }).failed).toEqual([
      { at: 'require', rule: 'a.b', claim: 'acr', kind: 'equals' },
      { at: 'require', rule: 'a.*', claim: 'client_id', kind: 'equals' },
      { at: 'when', rule: 'a.b', group: 'vip', claim: 'amr', kind: 'equals' },
    ])
  })

  it('grant nothing by themselves and never soften a deny', () => {
    const groups = defineGroups({ a: { deny: ['x'] }, b: { allow: ['x'] }, c: {} }, { require: { x: { acr: 'high' } } })
    const claims = { acr: 'high' }
    expect(groups.decide(['c'], 'x', { claims }).code).toBe('DENY_DEFAULT')
    expect(groups.decide(['a', 'b'], 'x', { claims }).code).toBe('DENY_EXPLICIT')
    expect(groups.decide(['a', 'b'], 'x').code).toBe('DENY_EXPLICIT')
  })
})
