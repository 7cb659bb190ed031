import fc from 'fast-check'
import { Hono } from 'hono'
import { protect } from '../../adapters/fetch/index.ts'
import { honoGuard } from '../../adapters/hono/index.ts'
import { cookie, createGuard, defineGroups, type Guard } from '../../src/index.ts'
import { clientId, createKey, sign, start, TestIssuer, type TestKey, userPoolId } from '../support/issuer.ts'
import {
  claimsOf,
  cooldown,
  type Fn,
  freshFor,
  permissions,
  lifetime,
  isAllowed,
  isForbidden,
  isPair,
  type KeySet,
  type MapSpec,
  type OptionsSpec,
  maxAge,
  type TokenSpec,
  type Verdict,
  verdictOf,
  type When,
} from './model.ts'

/** One thing that happens to a guard. Tokens are named by their place in the scenario, and so come again and again. */
export type Step =
  | {
      readonly step: 'send'
      readonly token: number
      readonly entry: 'guard' | 'protect' | 'hono'
      readonly fn: Fn
      readonly map: number
    }
  | {
      readonly step: 'cookies'
      readonly cookies: readonly { readonly name: string; readonly token: number }[]
      readonly method: 'GET' | 'POST'
      readonly from: 'nowhere' | 'same-origin' | 'cross-site' | 'own origin' | 'other origin'
      readonly fn: Fn
    }
  | {
      readonly step: 'pair'
      readonly id: TokenSpec
      readonly access: TokenSpec
      readonly hash: 'right' | 'wrong' | undefined
    }
  | { readonly step: 'pass'; readonly seconds: number }
  | { readonly step: 'publish'; readonly keys: KeySet }
  | { readonly step: 'issuer'; readonly is: 'up' | 'down' | 'cut off' }
  | { readonly step: 'groups'; readonly map: MapSpec }

export interface Scenario {
  readonly options: OptionsSpec
  readonly tokens: readonly TokenSpec[]
  readonly steps: readonly Step[]
}

/** The usual value, but for once in a while: most tokens are to be good, or nothing else is ever tried. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(usual) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  )

/** Each as often as it stands there. */
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values)

const names = ['posts.read', 'posts.write', 'users.delete', 'posts.*', '*']
const fn = fc.constantFrom(...permissions)
const group = (index: number) =>
  fc.record({
    allow: fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        when: oneOf<When | undefined>(undefined, undefined, undefined, 'gold', 'fresh', 'scope'),
      }),
      { maxLength: 3 },
    ),
    deny: fc.array(fc.constantFrom(...names), { maxLength: 1 }),
    inherits: index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 1 }),
  })
const map: fc.Arbitrary<MapSpec> = fc.record({ groups: fc.tuple(group(0), group(1), group(2)), gate: fc.boolean() })

const options: fc.Arbitrary<OptionsSpec> = fc
  .record({
    tokenUse: oneOf<OptionsSpec['tokenUse']>('access', 'access', 'access', 'any', 'any', 'id'),
    clockTolerance: oneOf(0, 0, 60),
    audience: oneOf<string | undefined>(undefined, undefined, 'https://api.example'),
    scopes: oneOf<readonly string[]>([], [], [], ['posts/read']),
    unknownGroups: oneOf<'ignore' | 'refuse'>('ignore', 'ignore', 'ignore', 'refuse'),
    maxEntries: oneOf(1000, 1000, 0, 1),
    keys: oneOf<'fetched' | 'static'>('fetched', 'fetched', 'fetched', 'static'),
    source: fc.constantFrom('bearer' as const, 'cookie' as const),
    map,
  })
  .map((all) => (all.tokenUse === 'access' ? all : { ...all, scopes: [] }))

const good: TokenSpec = {
  use: 'access',
  sub: 'alice',
  groups: ['g0', 'g1'],
  kid: 'a',
  key: 'first',
  issuer: 'own',
  client: 'own',
  exp: 3600,
  iat: 0,
  nbf: undefined,
  authTime: -5,
  scope: 'posts/read openid',
  aud: undefined,
  tier: 'gold',
  originJti: 'origin',
  atHash: undefined,
  spoilt: 'no',
}

const token = (audience: string | undefined): fc.Arbitrary<TokenSpec> =>
  fc
    .record({
      use: mostly<TokenSpec['use']>('access', 'id', 'id', 'machine'),
      sub: oneOf<TokenSpec['sub']>('alice', 'alice', 'bob'),
      groups: fc.uniqueArray(fc.constantFrom('g0', 'g1', 'g2', 'g3'), { maxLength: 3 }),
      signed: mostly(['a', 'first'], ['b', 'second'], ['a', 'second'], ['b', 'stranger'], ['c', 'first']),
      issuer: mostly<'own' | 'foreign'>('own', 'foreign'),
      client: mostly<'own' | 'other'>('own', 'other'),
      exp: oneOf(3600, 3600, 3600, 3600, 3600, 20, 20, 100, -30),
      iat: mostly(0, -40, 90_000),
      nbf: mostly<number | undefined>(undefined, -30, 30, 90),
      authTime: mostly(-5, -freshFor - 100, -freshFor + 100, 5000),
      scope: mostly('posts/read openid', 'openid'),
      aud: mostly<string | undefined>(audience, undefined, 'https://api.example', 'https://other.example'),
      tier: fc.constantFrom('gold' as const, 'silver' as const),
      spoilt: mostly<TokenSpec['spoilt']>('no', 'payload', 'signature'),
    })
    .map(({ signed: [kid = '', key = ''], ...spec }) => ({ ...good, ...spec, kid, key }))

const step = (audience: string | undefined): fc.Arbitrary<Step> => {
  const place = fc.nat(3)
  const one = token(audience)
  const pair = fc.record({
    id: one,
    access: one,
    isSame: oneOf(true, true, true, false),
    origins: mostly<readonly (string | undefined)[]>(
      ['o', 'o'],
      ['o', 'p'],
      ['o', undefined],
      [undefined, 'o'],
      [undefined, undefined],
    ),
    hash: oneOf<'right' | 'wrong' | undefined>('right', 'right', 'right', undefined, 'wrong'),
  })
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        step: fc.constant('send' as const),
        token: place,
        entry: fc.constantFrom('guard' as const, 'protect' as const, 'hono' as const),
        fn,
        map: fc.nat(2),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        step: fc.constant('cookies' as const),
        cookies: fc.array(
          fc.record({
            name: oneOf(
              '__Host-t',
              '__Host-t',
              '__Host-t',
              '%5F%5FHost-t',
              '\u00a0__Host-t',
              '__host-t',
              '\t__Host-t\t',
            ),
            token: place,
          }),
          { minLength: 1, maxLength: 3 },
        ),
        method: oneOf<'GET' | 'POST'>('GET', 'GET', 'POST'),
        from: fc.constantFrom(
          'nowhere' as const,
          'same-origin' as const,
          'cross-site' as const,
          'own origin' as const,
          'other origin' as const,
        ),
        fn,
      }),
    },
    {
      weight: 2,
      arbitrary: pair.map(({ id, access, isSame, origins, hash }): Step => {
        const other = id.sub === 'alice' ? 'bob' : 'alice'
        return {
          step: 'pair',
          id: { ...id, use: 'id', originJti: origins[0] },
          access: { ...access, use: 'access', sub: isSame ? id.sub : other, originJti: origins[1] },
          hash,
        }
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        step: fc.constant('pass' as const),
        seconds: oneOf(1, 3, 12, 31, 31, 31, 65, 65, 140, 620, -8, -200),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        step: fc.constant('publish' as const),
        keys: fc.constantFrom<KeySet>(
          { a: 'first', b: 'second' },
          { b: 'second' },
          { a: 'second', b: 'second' },
          { a: 'first' },
          { c: 'first' },
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        step: fc.constant('issuer' as const),
        is: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'cut off' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('groups' as const), map }) },
  )
}

/** Everything by chance, but for what makes most of it interesting: most tokens are good, and come more than once. */
export const scenarios: fc.Arbitrary<Scenario> = options.chain((all) =>
  fc.record({
    options: fc.constant(all),
    tokens: fc.array(token(all.audience), { minLength: 4, maxLength: 4 }),
    steps: fc.array(step(all.audience), { minLength: 1, maxLength: 25, size: 'max' }),
  }),
)

let pairs: Promise<Readonly<Record<string, TestKey>>> | undefined
const minted = new Map<string, Promise<string>>()

/** Signs a token, once for each way that it can be. */
async function mint(spec: TokenSpec): Promise<string> {
  const id = JSON.stringify(spec)
  let made = minted.get(id)
  if (made === undefined) {
    pairs ??= Promise.all(
      ['first', 'second', 'stranger'].map(async (name) => [name, await createKey(name)] as const),
    ).then(Object.fromEntries)
    const key = (await pairs)[spec.key]
    if (key === undefined) throw new Error(`no key ${spec.key}`)
    made = sign(key, claimsOf(spec), { kid: spec.kid })
    minted.set(id, made)
  }
  const token = await made
  const [header = '', payload = '', signature = ''] = token.split('.')
  if (spec.spoilt === 'payload') {
    const claims = { ...claimsOf(spec), sub: 'mallory' }
    return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
  }
  if (spec.spoilt === 'signature') return [header, payload, `${signature.slice(0, -8)}AAAAAAAA`].join('.')
  return token
}

/** What the guard said: a status, and whom it let in. */
interface Answer {
  readonly status: number
  readonly sub?: string
  readonly groups?: readonly string[]
}

/** Plays a scenario. Throws where the guard does otherwise than the model says; gives back how often each status came. */
export async function play({ options, tokens, steps }: Scenario): Promise<Record<string, number>> {
  const stage = await createStage(options)
  const counts: Record<string, number> = {}
  for (const [at, one] of steps.entries()) {
    const status = await perform(stage, one, tokens).catch((error: unknown) => {
      throw new Error(`step ${at}, ${one.step}: ${error instanceof Error ? error.message : String(error)}`)
    })
    if (status !== undefined) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

type AnyGuard = Guard<Fn, string>

interface Stage {
  readonly options: OptionsSpec
  readonly issuer: TestIssuer
  /** The first guard, and those that `withGroups` made of it, each with its map. */
  readonly guards: { readonly guard: AnyGuard; readonly map: MapSpec }[]
  published: KeySet
  is: 'up' | 'down' | 'cut off'
  held: { readonly at: number; readonly keys: KeySet } | undefined
  askedAt: number
}

async function createStage(options: OptionsSpec): Promise<Stage> {
  await mint(good)
  const all = (await pairs) ?? {}
  const jwks = (keys: KeySet) => ({ keys: Object.entries(keys).map(([kid, name]) => ({ ...all[name]!.jwk, kid })) })
  const issuer = new TestIssuer()
  // Never on the edge of a second.
  issuer.time = start * 1000 + 500
  const stage: Stage = {
    options,
    issuer,
    guards: [],
    published: { a: 'first', b: 'second' },
    is: 'up',
    held: undefined,
    askedAt: -Infinity,
  }
  issuer.respond = () => {
    stage.askedAt = issuer.time
    if (stage.is === 'cut off') throw new TypeError('cut off')
    if (stage.is === 'down') return new Response('down', { status: 500 })
    stage.held = { at: issuer.time, keys: stage.published }
    return Response.json(jwks(stage.published))
  }
  const { tokenUse, clockTolerance, audience, scopes, unknownGroups, maxEntries, keys, source } = options
  const guard = createGuard({
    ...{ userPoolId, clientId, groups: mapOf(options.map), tokenUse, clockTolerance, audience, scopes, unknownGroups },
    ...(keys === 'static' && { jwks: jwks(stage.published) }),
    ...(source === 'cookie' && { tokenSource: cookie('__Host-t') }),
    ...{ fetch: issuer.fetch, now: issuer.now, sleep: issuer.sleep },
    keyCache: { maxAge, staleIfError: lifetime - maxAge, cooldown },
    tokenCache: { maxEntries },
  })
  stage.guards.push({ guard: guard as unknown as AnyGuard, map: options.map })
  return stage
}

const tests = {
  gold: { 'custom:tier': 'gold' },
  fresh: { auth_time: { maxAge: freshFor } },
  scope: { scope: 'posts/read' },
}

function mapOf({ groups, gate }: MapSpec) {
  const definitions = groups.map(({ allow, deny, inherits }, at) => [
    `g${at}`,
    {
      allow: allow.map(({ name, when }) => (when === undefined ? name : { permission: name, when: tests[when] })),
      deny,
      inherits: inherits.map((index) => `g${index}`),
    },
  ])
  const require = gate ? { 'users.delete': tests.fresh } : {}
  const known = { permissions: [...permissions], require, trustedClaims: ['custom:tier'] }
  return defineGroups(Object.fromEntries(definitions), known)
}

async function perform(stage: Stage, step: Step, tokens: readonly TokenSpec[]): Promise<number | undefined> {
  switch (step.step) {
    case 'pass':
      stage.issuer.pass(step.seconds)
      return undefined
    case 'publish':
      // A static set stays what it was.
      if (stage.options.keys === 'fetched') stage.published = step.keys
      return undefined
    case 'issuer':
      stage.is = step.is
      return undefined
    case 'groups': {
      const { guard } = stage.guards.at(-1)!
      stage.guards.push({ guard: guard.withGroups(mapOf(step.map)) as unknown as AnyGuard, map: step.map })
      return undefined
    }
    case 'send':
      return send(stage, step, tokens)
    case 'cookies':
      return sendCookies(stage, step, tokens)
    case 'pair':
      return verifyPair(stage, step)
  }
}

function keysOf({ held, askedAt, published, is }: Stage) {
  return { held, askedAt, published, isUp: is === 'up' }
}

async function send(stage: Stage, step: Step & { step: 'send' }, tokens: readonly TokenSpec[]): Promise<number> {
  const spec = tokens[step.token]!
  const { guard, map } = stage.guards[step.map % stage.guards.length]!
  const now = stage.issuer.time
  const verdict = verdictOf(spec, stage.options, stage.options.tokenUse, now, keysOf(stage))
  const request = requestOf('GET', [['authorization', `Bearer ${await mint(spec)}`]])
  const answer = await ask(guard, step.entry, step.fn, request)
  check(answer, expected(verdict, spec, step.fn, stage.options, map, now), spec)
  return answer.status
}

async function sendCookies(
  stage: Stage,
  step: Step & { step: 'cookies' },
  tokens: readonly TokenSpec[],
): Promise<number> {
  const { options } = stage
  const { guard, map } = stage.guards[0]!
  const now = stage.issuer.time
  const before = keysOf(stage)
  const header = await Promise.all(step.cookies.map(async ({ name, token }) => `${name}=${await mint(tokens[token]!)}`))
  const from: Readonly<Record<typeof step.from, readonly (readonly [string, string])[]>> = {
    nowhere: [],
    'same-origin': [['sec-fetch-site', 'same-origin']],
    'cross-site': [['sec-fetch-site', 'cross-site']],
    'own origin': [['origin', 'https://app.example']],
    'other origin': [['origin', 'https://evil.example']],
  }
  const request = requestOf(step.method, [['cookie', `x=y; ${header.join('; ')}`], ...from[step.from]])
  const answer = await ask(guard, 'guard', step.fn, request)
  const candidates = step.cookies
    .filter(({ name }) => /^[ \t]*__Host-t[ \t]*$/.test(name))
    .map(({ token }) => tokens[token]!)
  if (options.source === 'bearer' || candidates.length === 0) check(answer, new Set([401]))
  else if (step.method === 'POST' && step.from !== 'same-origin' && step.from !== 'own origin')
    check(answer, new Set([403]))
  else {
    const verdictsBy = (keys: typeof before) =>
      candidates.map((spec) => verdictOf(spec, options, options.tokenUse, now, keys))
    const verdicts = verdictsBy(before)
    const after = verdictsBy(keysOf(stage))
    // What an earlier candidate made the guard ask for counts for the later ones.
    const isSure = verdicts.every(
      (verdict, at) => verdict !== undefined && (verdict.size === 0) === (after[at]?.size === 0),
    )
    if (!isSure) return answer.status
    const usable = candidates.filter((_, at) => verdicts[at]?.size === 0)
    const callers = new Set(usable.map((spec) => claimsOf(spec)['sub']))
    const [latest] = usable.toSorted((a, b) => b.iat - a.iat)
    if (latest === undefined) check(answer, new Set(verdicts.flatMap((verdict) => [...(verdict ?? [])])))
    else if (callers.size > 1) check(answer, new Set([401]))
    else if (usable.filter(({ iat }) => iat === latest.iat).length === 1)
      check(answer, expected(new Set(), latest, step.fn, options, map, now), latest)
  }
  return answer.status
}

async function verifyPair(stage: Stage, { id, access, hash }: Step & { step: 'pair' }): Promise<number> {
  const { options } = stage
  const { guard, map } = stage.guards[0]!
  const now = stage.issuer.time
  const accessToken = await mint(access)
  const left = async (text: string) =>
    Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
      .subarray(0, 16)
      .toString('base64url')
  const atHash = hash && (await left(hash === 'right' ? accessToken : 'another'))
  const idToken = await mint({ ...id, atHash })
  const before = keysOf(stage)
  const answer = await guard.verifyTokens({ idToken, accessToken }).then(
    ({ id: principal }) => ({ status: 200, sub: principal.sub, groups: principal.groups }),
    (error: unknown) => ({ status: guard.toResponse(error, requestOf('GET', [])).status }),
  )
  const verdicts = [
    verdictOf(id, options, 'id', now, before),
    verdictOf(access, options, 'access', now, before),
    verdictOf(access, options, 'access', now, keysOf(stage)),
  ]
  const isSure =
    verdicts[0] !== undefined && verdicts[1] !== undefined && (verdicts[1].size === 0) === (verdicts[2]?.size === 0)
  if (!isSure) return answer.status
  const wrong = verdicts.slice(0, 2).flatMap((verdict) => [...(verdict ?? [])])
  if (!isPair(id, access, hash)) wrong.push(401)
  if ([id, access].some((spec) => isForbidden(spec, options, map))) wrong.push(403)
  check(answer, new Set(wrong), id)
  return answer.status
}

/** The statuses of right refusals; none where the caller must be let in. */
function expected(verdict: Verdict, spec: TokenSpec, fn: Fn, options: OptionsSpec, map: MapSpec, now: number): Verdict {
  if (verdict === undefined || verdict.size > 0) return verdict
  if (isForbidden(spec, options, map)) return new Set([403])
  const allowed = isAllowed(spec, fn, map, now)
  // A denial that a fresh sign-in would lift is 401.
  return allowed === undefined ? undefined : new Set(allowed ? [] : [401, 403])
}

function check(answer: Answer, verdict: Verdict, spec?: TokenSpec): void {
  if (verdict === undefined) return
  if (verdict.size > 0) {
    if (!verdict.has(answer.status)) throw new Error(`answered ${answer.status}, not ${[...verdict].join(' or ')}`)
    return
  }
  if (answer.status !== 200) throw new Error(`refused with ${answer.status} what must pass`)
  if (spec === undefined) return
  const groups = spec.use === 'machine' ? [] : spec.groups
  if (answer.sub !== claimsOf(spec)['sub'] || JSON.stringify(answer.groups) !== JSON.stringify(groups)) {
    throw new Error('let in as another caller')
  }
}

async function ask(guard: AnyGuard, entry: 'guard' | 'protect' | 'hono', fn: Fn, request: Request): Promise<Answer> {
  let caller: { readonly sub: string; readonly groups: readonly string[] } | undefined
  const clients = { clients: true } as const
  const answer = async (): Promise<Response> => {
    if (entry === 'protect') {
      return protect(guard, fn, (_request, { principal }) => (caller = principal) && new Response(), clients)(request)
    }
    if (entry === 'hono') {
      const { permissionRequired } = honoGuard(guard)
      const app = new Hono().get(
        '/',
        permissionRequired(fn, clients),
        (c) => (caller = c.var.principal) && c.body(null),
      )
      return app.fetch(request)
    }
    try {
      const principal = await guard.authenticate(request)
      guard.authorize(principal, fn, { request })
      caller = principal
      return new Response()
    } catch (error) {
      return guard.toResponse(error, request)
    }
  }
  const { status } = await answer()
  if ((caller === undefined) !== (status !== 200)) throw new Error(`the handler ran, and the answer is ${status}`)
  return { status, ...caller }
}

/** As a runtime gives it, whatever a browser may not send. */
function requestOf(method: string, fields: readonly (readonly [string, string])[]): Request {
  const headers = new Headers()
  for (const [name, value] of fields) headers.append(name, value)
  return { method, url: 'https://app.example/', headers } as Request
}
