import { type AuditMeasure, type AuditPlan, groupsEach, latency } from './audit-plan.ts'
import { floor, loop, noop } from './cases/names.ts'
import { type DefinitionMeasure, definitionSizes, type GrowthMeasure, growthSizes } from './growth-plan.ts'
import type { Row } from './row.ts'
import { adminSubjects, control, hello, loginSubjects } from './runtimes/isolates.ts'
import type { Samples } from './samples.ts'
import type { loginSizes, sizes } from './sizes.ts'
import { median, medianDifference, medianRatio, medianShare } from './stats.ts'

const everywhere = ['jose', 'aws-jwt-verify', 'hono/jwk']

/** Verifying tokens, in one runtime; the budgets are workerd's. */
export function tokenRows(runtime: string, samples: Samples): Row[] {
  const edge = runtime === 'workerd'
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[floor] ?? [])
  const references = { [`${floor}, µs`]: median(samples[floor] ?? []) / 1000 }
  const first = named(edge ? everywhere : [...everywhere, 'fast-jwt'], ratio)
  const seen = edge ? first : { ...first, ...named(['fast-jwt, seen'], ratio) }
  const row = (what: string, name: string, peers: Row['peers']): Row => {
    return { what: `${runtime}: ${what} ÷ ${floor}`, unit: '×', ours: ratio(`cognigate, ${name}`), peers, references }
  }
  const budgeted = (one: Row, budget: number, goal: number): Row => (edge ? { ...one, budget, goal } : one)
  return [
    budgeted(row('seen token, one user', 'one user', seen), 0.05, 0.035),
    row('seen token, 64 users in turn', '64 users', seen),
    row('seen token, 900 users in turn', '900 users', seen),
    row('seen token, one of 500 pools', '500 pools, one user', seen),
    budgeted(row('first-seen token', 'first seen', first), 1.45, 1.35),
  ]
}

/** Whole requests through Hono in workerd. */
export function honoRows(samples: Samples): Row[] {
  const over = (name: string) => medianShare(samples[name] ?? [], samples[noop] ?? [], samples[floor] ?? [])
  const peers = Object.fromEntries(everywhere.map((name) => [name, over(`Hono, ${name}`)]))
  const row = (what: string): Row => {
    const references = { 'a second no-op': over('Hono, two no-op middlewares') }
    return {
      what: `Hono in workerd, over a no-op: ${what} ÷ ${floor}`,
      unit: '×',
      ours: over(`Hono, ${what}`),
      peers,
      references,
    }
  }
  return [row('loginCheck'), { ...row('loginCheck + permissionRequired'), budget: 0.13, goal: 0.1 }]
}

/** `groups.can` on Node, less the loop around it, beside CASL. */
export function decisionRows(samples: Samples): Row[] {
  const ratio = (name: string, beside: string) => {
    const [loops = [], bases = []] = [samples[loop], samples[beside]]
    const base = bases.map((value, round) => value - (loops[round] ?? Number.NaN))
    return medianShare(samples[name] ?? [], loops, base)
  }
  const references = { 'CASL, ns': medianDifference(samples['CASL'] ?? [], samples[loop] ?? []) }
  const peers = named(['CASL', 'Set per group', 'casbin', 'Cedar'], (name) => ratio(name, 'CASL'))
  const beside = 'CASL, 64 users'
  const turns = { CASL: 1, 'Set per group': ratio('Set per group, 64 users', beside) }
  const row = (what: string, name: string): Row => {
    return {
      what: `decision, ${what}, ÷ CASL`,
      unit: '×',
      ours: ratio(`cognigate, ${name}`, 'CASL'),
      peers,
      references,
    }
  }
  return [
    { ...row("a principal's frozen groups", 'frozen'), budget: 0.45, goal: 0.35 },
    // Both copy the caller's groups and go by them, as for each request.
    {
      ...row('fresh arrays', 'fresh'),
      ours: ratio('cognigate, fresh', 'CASL, fresh'),
      peers: { CASL: 1 },
      budget: 1,
      goal: 0.8,
    },
    // What the copy costs counts for one side only here.
    row('fresh arrays, the ability at hand', 'fresh'),
    { ...row('64 users in turn, frozen', '64 users'), ours: ratio('cognigate, 64 users', beside), peers: turns },
  ]
}

/** What larger definitions cost on Node, by what grows. */
export function definitionRows(microseconds: DefinitionMeasure): Row[] {
  return Object.entries(microseconds).flatMap(([what, times]) =>
    times.slice(1).map((time, at) => {
      const [from = 0, to = 0] = [definitionSizes[at], definitionSizes[at + 1]]
      const before = times[at] ?? Number.NaN
      return {
        what: `defineGroups: ${to.toLocaleString('en')} ${what} ÷ ${from.toLocaleString('en')}`,
        unit: '×' as const,
        ours: time / before,
        peers: {},
        references: { 'the larger, ms': time / 1000 },
        budget: 12,
      }
    }),
  )
}

/** The first answer of a fresh isolate. */
export function isolateRows(samples: Samples): Row[] {
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[hello] ?? [])
  const row = (what: string): Row => ({
    what: `fresh isolate, × ${hello}: ${what}`,
    unit: '×',
    ours: ratio(`cognigate, ${what}`),
    peers: { jose: ratio(`jose, ${what}`), 'aws-jwt-verify': ratio(`aws-jwt-verify, ${what}`) },
    references: { [control]: ratio(control) },
  })
  const compiled: Row = {
    ...row('first answer'),
    what: `fresh isolate, × ${hello}: first answer by a compiled map`,
    ours: ratio('cognigate-compiled, first answer'),
    references: { [control]: ratio(control), 'its import': ratio('cognigate-compiled, imported') },
    goal: 1.75,
  }
  return [row('imported'), { ...row('first answer'), budget: 1.95 }, compiled]
}

/** A fresh isolate that administers: the client is created, or has made one call, whose answer is there at once. */
export function adminIsolateRows(samples: Samples): Row[] {
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[hello] ?? [])
  return adminSubjects.modes.map((mode) => ({
    what: `fresh isolate, × ${hello}: administration, ${mode}`,
    unit: '×',
    ours: ratio(`cognigate-admin, ${mode}`),
    peers: { 'AWS SDK': ratio(`aws-sdk, ${mode}`) },
    references: { [control]: ratio(control) },
  }))
}

/** A fresh isolate of a Hono application behind a login, which is loaded, or has sent its first visitor to Cognito. */
export function loginIsolateRows(samples: Samples): Row[] {
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[hello] ?? [])
  return loginSubjects.modes.map((mode) => ({
    what: `fresh isolate, × ${hello}: login, ${mode}`,
    unit: '×',
    ours: ratio(`cognigate-login, ${mode}`),
    peers: { '@hono/oidc-auth': ratio(`hono-oidc-auth, ${mode}`) },
    references: { [control]: ratio(control) },
  }))
}

/** Milliseconds until a function was loaded and had answered once, process by process in turn. */
export type StartMeasure = Record<
  'cognigate-edge' | 'cognito-at-edge',
  readonly { readonly loaded: number; readonly answered: number }[]
>

/** Functions for Lambda@Edge, on Node: cognito-at-edge runs nowhere else. */
export function startRows(measure: StartMeasure): Row[] {
  const row = (what: string, key: 'loaded' | 'answered'): Row => {
    const [ours, theirs] = (['cognigate-edge', 'cognito-at-edge'] as const).map((name) =>
      measure[name].map((times) => times[key]),
    )
    return {
      what: `Node: start of a viewer-request function, ${what}, ÷ that of cognito-at-edge`,
      unit: '×',
      ours: medianRatio(ours ?? [], theirs ?? []),
      peers: { 'cognito-at-edge': 1 },
      references: { 'ours, ms': median(ours ?? []), 'cognito-at-edge, ms': median(theirs ?? []) },
    }
  }
  return [row('loaded', 'loaded'), row('first redirect to Cognito', 'answered')]
}

/** Whole applications behind a login. */
export function loginSizeRows({ worker, edge }: Awaited<ReturnType<typeof loginSizes>>): Row[] {
  const row = (what: string, { ours, ...peers }: Record<string, number> & { ours: number }): Row => ({
    what: `size of ${what}, min + gzip`,
    unit: 'kB',
    ours: ours / 1000,
    peers: Object.fromEntries(Object.entries(peers).map(([name, size]) => [name, size / 1000])),
  })
  return [
    row('a Worker behind a login, Hono included', worker),
    row('a function for Lambda@Edge behind a login, Hono included', edge),
  ]
}

/** Who is in which group, from a local pool on Node that answers late. */
export function auditRows({ users, groups, sample }: AuditPlan, { paced, unpaced, byUser }: AuditMeasure): Row[] {
  const what = `audit of ${users.toLocaleString('en')} users in ${groups} groups, ${groupsEach} each`
  const peer = `one call per user and group, scaled from ${sample} users`
  const scale = users / sample
  return [
    { what: `${what}: calls`, unit: 'calls', ours: paced.calls, peers: { [peer]: byUser.calls * scale } },
    {
      what: `${what}, ${latency} ms a call, paced for AWS's quotas`,
      unit: 's',
      ours: paced.seconds,
      peers: { [peer]: byUser.seconds * scale },
      references: { unpaced: unpaced.seconds },
    },
  ]
}

/** What an operation of the local AWS costs in a large pool, beside a small one. */
export function growthRows({ microseconds, megabytes }: GrowthMeasure): Row[] {
  const [small = 0, large = 0] = [growthSizes[0], growthSizes.at(-1)].map((size) => size ?? 0)
  const ratios = Object.entries(microseconds).map(
    ([name, times]) => [name, (times.at(-1) ?? 0) / (times[0] ?? 0)] as const,
  )
  const worst = ratios.toSorted(([, a], [, b]) => b - a)
  const sizes = `${large.toLocaleString('en')} users`
  return [
    {
      what: `local AWS: the operation that grows most, at ${sizes} ÷ at ${small.toLocaleString('en')}`,
      unit: '×',
      ours: worst[0]?.[1] ?? Number.NaN,
      peers: {},
      references: Object.fromEntries(worst.slice(0, 3)),
      budget: 2,
      goal: 1.2,
    },
    { what: `local AWS: heap of ${sizes}`, unit: 'MB', ours: megabytes, peers: {}, budget: 100 },
  ]
}

/** Sizes for the edge, minified and gzipped. */
export function sizeRows(bytes: Awaited<ReturnType<typeof sizes>>): Row[] {
  const {
    'cognigate guard': guard,
    'cognigate/hono': adapter,
    'cognigate/admin': admin,
    'cognigate/login': login,
    'cognigate/sign-in': signIn,
    'amazon-cognito-identity-js': identityJs,
    Amplify: amplify,
    'AWS SDK, five commands': sdk,
    ...peers
  } = bytes
  return [
    {
      what: 'size of { createGuard, defineGroups }, min + gzip',
      unit: 'kB',
      ours: guard / 1000,
      peers: Object.fromEntries(Object.entries(peers).map(([name, size]) => [name, size / 1000])),
      budget: 12.5,
      goal: 11.5,
    },
    { what: 'size of cognigate/hono beside it', unit: 'kB', ours: adapter / 1000, peers: {} },
    {
      what: 'size of { createPoolAdmin }, min + gzip',
      unit: 'kB',
      ours: admin / 1000,
      peers: { 'AWS SDK, five commands': sdk / 1000 },
      budget: 8.5,
      goal: 8,
    },
    { what: 'size of { createLogin }, min + gzip', unit: 'kB', ours: login / 1000, peers: {}, budget: 15 },
    {
      what: 'size of { createSignIn }, min + gzip',
      unit: 'kB',
      ours: signIn / 1000,
      peers: { 'amazon-cognito-identity-js': identityJs / 1000, Amplify: amplify / 1000 },
      budget: 10,
      goal: 8,
    },
  ]
}

/** Milliseconds of the whole client's SRP, in one process in turn. */
export interface SrpMeasure {
  readonly ours: number[]
  readonly identityJs: number[]
  readonly amplify: number[]
}

/** SRP beside the peers': at least 15 times faster than that of amazon-cognito-identity-js. */
export function srpRows({ ours, identityJs, amplify }: SrpMeasure): Row[] {
  return [
    {
      what: 'Node: SRP of a sign-in ÷ that of amazon-cognito-identity-js',
      unit: '×',
      ours: medianRatio(ours, identityJs),
      peers: { 'amazon-cognito-identity-js': 1, Amplify: medianRatio(amplify, identityJs) },
      references: {
        'ours, ms': median(ours),
        'amazon-cognito-identity-js, ms': median(identityJs),
        'Amplify, ms': median(amplify),
      },
      budget: 0.067,
      goal: 0.04,
    },
  ]
}

function named(names: readonly string[], measure: (name: string) => number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, measure(name)]))
}
