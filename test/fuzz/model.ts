import { clientId, issuerName, start } from '../support/issuer.ts'

/** Every rule that a guard is held to, said once more, of what a test has chosen and not of what a token's text says. */

export const permissions = ['posts.read', 'posts.write', 'users.delete'] as const
export type Fn = (typeof permissions)[number]

export type When = 'gold' | 'fresh' | 'scope'

export interface MapSpec {
  readonly groups: readonly {
    readonly allow: readonly { readonly name: string; readonly when?: When | undefined }[]
    readonly deny: readonly string[]
    /** Positions of groups before this one. */
    readonly inherits: readonly number[]
  }[]
  /** Whether `users.delete` needs a fresh sign-in, whoever allows it. */
  readonly gate: boolean
}

export interface OptionsSpec {
  readonly tokenUse: 'access' | 'id' | 'any'
  readonly clockTolerance: number
  readonly audience: string | undefined
  readonly scopes: readonly string[]
  readonly unknownGroups: 'ignore' | 'refuse'
  readonly maxEntries: number
  readonly keys: 'fetched' | 'static'
  readonly source: 'bearer' | 'cookie'
  readonly map: MapSpec
}

export interface TokenSpec {
  readonly use: 'access' | 'id' | 'machine'
  readonly sub: 'alice' | 'bob'
  readonly groups: readonly string[]
  readonly kid: string
  /** The pair that signs; a withdrawn one may come back under another kid, or another under its own. */
  readonly key: string
  readonly issuer: 'own' | 'foreign'
  readonly client: 'own' | 'other'
  /** Seconds after the start of the clock. */
  readonly exp: number
  readonly iat: number
  readonly nbf: number | undefined
  readonly authTime: number
  readonly scope: string
  readonly aud: string | undefined
  readonly tier: 'gold' | 'silver'
  readonly originJti: string | undefined
  readonly atHash: string | undefined
  readonly spoilt: 'no' | 'payload' | 'signature'
}

export const maxAge = 60
export const lifetime = 600
export const cooldown = 10
export const freshFor = 900

/** Key ids and the pairs behind them. */
export type KeySet = Readonly<Record<string, string>>

/** What the guard can know of the keys, as the network saw it. */
export interface KeyState {
  readonly held: { readonly at: number; readonly keys: KeySet } | undefined
  readonly askedAt: number
  readonly published: KeySet
  readonly isUp: boolean
}

/** Statuses of the refusals that are right; none where the token has to pass. Undefined: too near to an edge to tell. */
export type Verdict = ReadonlySet<number> | undefined

const pass: Verdict = new Set()
const refused: Verdict = new Set([401])
const refusedOrUnavailable: Verdict = new Set([401, 503])

/** What is wrong with a token by itself. */
export function verdictOf(
  spec: TokenSpec,
  options: OptionsSpec,
  tokenUse: OptionsSpec['tokenUse'],
  now: number,
  keys: KeyState,
): Verdict {
  const { clockTolerance, audience } = options
  const seconds = now / 1000 - start
  const isAccess = spec.use !== 'id'
  const ends = spec.exp + clockTolerance
  const begins = spec.nbf === undefined ? -Infinity : spec.nbf - clockTolerance
  const wrong =
    spec.spoilt !== 'no' ||
    spec.issuer !== 'own' ||
    spec.client !== 'own' ||
    (tokenUse !== 'any' && (tokenUse === 'access') !== isAccess) ||
    (isAccess && spec.aud !== audience) ||
    seconds > ends ||
    seconds < begins
  if (near(seconds, ends) || near(seconds, begins)) return undefined
  const byKey = options.keys === 'static' ? match(keys.published, spec) : keyVerdict(spec, now, keys)
  if (wrong) return byKey === pass ? refused : refusedOrUnavailable
  return byKey
}

/** What is wrong once a token is verified: scopes, and groups that nobody knows. */
export function isForbidden({ use, scope, groups }: TokenSpec, options: OptionsSpec, map: MapSpec): boolean {
  const memberOf = use === 'machine' ? [] : groups
  const unknown = memberOf.some((name) => indexOf(name) >= map.groups.length)
  return (
    (use !== 'id' && options.scopes.some((wanted) => !scope.split(' ').includes(wanted))) ||
    (options.unknownGroups === 'refuse' && unknown)
  )
}

/** Whether the groups allow it; undefined where that is about to change. */
export function isAllowed(spec: TokenSpec, fn: Fn, map: MapSpec, now: number): boolean | undefined {
  const memberOf = spec.use === 'machine' ? [] : spec.groups.map(indexOf).filter((at) => at < map.groups.length)
  const all = new Set<number>()
  const visit = (at: number): void => {
    all.add(at)
    map.groups[at]?.inherits.forEach(visit)
  }
  memberOf.forEach(visit)
  const groups = [...all].flatMap((at) => map.groups[at] ?? [])
  if (groups.some(({ deny }) => deny.some((name) => covers(name, fn)))) return false
  const age = now / 1000 - start - spec.authTime
  const holds: Readonly<Record<When, boolean>> = {
    gold: spec.tier === 'gold',
    fresh: age >= 0 && age <= freshFor,
    scope: spec.use !== 'id' && spec.scope.split(' ').includes('posts/read'),
  }
  if (near(age, 0) || near(age, freshFor)) return undefined
  const allowed = groups.some(({ allow }) =>
    allow.some(({ name, when }) => covers(name, fn) && (when === undefined || holds[when])),
  )
  return allowed && !(map.gate && fn === 'users.delete' && !holds.fresh)
}

/** Whether the two come from one sign-in. */
export function isPair(id: TokenSpec, access: TokenSpec, hash: 'right' | 'wrong' | undefined): boolean {
  return id.sub === access.sub && id.originJti === access.originJti && hash !== 'wrong'
}

/** Names of groups are `g0`, `g1` and so on. */
function indexOf(group: string): number {
  return Number(group.slice(1))
}

function keyVerdict(spec: TokenSpec, now: number, { held, askedAt, published, isUp }: KeyState): Verdict {
  const age = (time: number) => (now < time ? Infinity : (now - time) / 1000)
  const old = held === undefined ? Infinity : age(held.at)
  const mayAsk = age(askedAt) >= cooldown
  if (near(old, maxAge) || near(old, lifetime) || near(age(askedAt), cooldown)) return undefined
  const usable = held !== undefined && old < lifetime ? held.keys : undefined
  if (usable && old < maxAge && Object.hasOwn(usable, spec.kid)) {
    // Another key under a known name: found out at the next refresh.
    return match(usable, spec) === refused && match(published, spec) === pass ? undefined : match(usable, spec)
  }
  if (mayAsk && isUp) {
    // A clock that went back: whether the issuer is asked at once is not said, but nothing older than that counts.
    if (held !== undefined && now < held.at && match(published, spec) === pass) return undefined
    return match(published, spec) === pass ? pass : refusedOrUnavailable
  }
  if (usable && Object.hasOwn(usable, spec.kid)) return match(usable, spec)
  return refusedOrUnavailable
}

function match(keys: KeySet, { kid, key }: TokenSpec): Verdict {
  return Object.hasOwn(keys, kid) && keys[kid] === key ? pass : refused
}

function covers(rule: string, fn: string): boolean {
  return rule === '*' || rule === fn || (rule.endsWith('.*') && fn.startsWith(rule.slice(0, -1)))
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 1
}

/** The claims of a token, as Cognito writes them. */
export function claimsOf(spec: TokenSpec): Record<string, unknown> {
  const client = spec.client === 'own' ? clientId : '9another3456789abcdefghij'
  const common = {
    sub: `${spec.sub}-0000`,
    iss: spec.issuer === 'own' ? issuerName : 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Foreign00',
    iat: start + spec.iat,
    exp: start + spec.exp,
    nbf: spec.nbf === undefined ? undefined : start + spec.nbf,
    auth_time: start + spec.authTime,
    'custom:tier': spec.tier,
    origin_jti: spec.originJti,
    jti: 'jti',
  }
  if (spec.use === 'id') {
    const own = { aud: client, token_use: 'id', at_hash: spec.atHash, 'cognito:username': spec.sub }
    return { ...common, ...own, 'cognito:groups': spec.groups }
  }
  const access = { ...common, token_use: 'access', client_id: client, scope: spec.scope, aud: spec.aud }
  // The subject of a machine is its client.
  if (spec.use === 'machine') return { ...access, sub: client }
  return { ...access, username: spec.sub, 'cognito:groups': spec.groups }
}
