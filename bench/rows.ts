import { type AuditMeasure, type AuditPlan, groupsEach, latency } from './audit-plan.ts'
import { floor, loop, noop } from './cases/names.ts'
import { type GrowthMeasure, growthSizes } from './growth-plan.ts'
import type { Row } from './row.ts'
import { adminSubjects, control, hello } from './runtimes/isolates.ts'
import type { Samples } from './samples.ts'
import type { sizes } from './sizes.ts'
import { median, medianDifference, medianRatio } from './stats.ts'

const everywhere = ['jose', 'aws-jwt-verify', 'hono/jwk']

/** Verifying tokens, in one runtime; the budgets are workerd's. */
export function tokenRows(runtime: string, samples: Samples): Row[] {
  const edge = runtime === 'workerd'
  const time = (name: string) => median(samples[name] ?? []) / 1000
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[floor] ?? [])
  const seen = named(edge ? everywhere : [...everywhere, 'fast-jwt', 'fast-jwt, seen'], time)
  return [
    {
      what: `${runtime}: seen token, one user`,
      unit: 'µs',
      ours: time('cognigate, one user'),
      peers: seen,
      references: { [floor]: time(floor) },
      ...(edge && { budget: 1.5, goal: 0.9 }),
    },
    {
      what: `${runtime}: seen token, 64 users in turn`,
      unit: 'µs',
      ours: time('cognigate, 64 users'),
      peers: seen,
      references: { [floor]: time(floor) },
      ...(edge && { budget: 1.5, goal: 0.9 }),
    },
    {
      what: `${runtime}: first-seen token, × ${floor}`,
      unit: '×',
      ours: ratio('cognigate, first seen'),
      peers: named(edge ? everywhere : [...everywhere, 'fast-jwt'], ratio),
      ...(edge && { budget: 1.45, goal: 1.35 }),
    },
  ]
}

/** Whole requests through Hono in workerd. */
export function honoRows(samples: Samples): Row[] {
  const over = (name: string) => medianDifference(samples[name] ?? [], samples[noop] ?? []) / 1000
  const peers = Object.fromEntries(everywhere.map((name) => [name, over(`Hono, ${name}`)]))
  return [
    { what: 'Hono in workerd, over a no-op middleware: loginCheck', unit: 'µs', ours: over('Hono, loginCheck'), peers },
    {
      what: 'Hono in workerd, over a no-op middleware: loginCheck + permissionRequired',
      unit: 'µs',
      ours: over('Hono, loginCheck + permissionRequired'),
      peers,
      references: { 'a second no-op': over('Hono, two no-op middlewares') },
      budget: 2.5,
      goal: 1.5,
    },
  ]
}

/** `groups.can` on Node, less the loop around it. */
export function decisionRows(samples: Samples): Row[] {
  const time = (name: string) => medianDifference(samples[name] ?? [], samples[loop] ?? [])
  const peers = named(['Set per group', 'CASL', 'casbin', 'Cedar'], time)
  const turns = { 'Set per group': time('Set per group, 64 users'), CASL: time('CASL, 64 users') }
  return [
    {
      what: "decision, a principal's frozen groups",
      unit: 'ns',
      ours: time('cognigate, frozen'),
      peers,
      budget: 15,
      goal: 8,
    },
    { what: 'decision, fresh arrays', unit: 'ns', ours: time('cognigate, fresh'), peers, budget: 70, goal: 20 },
    { what: 'decision, 64 users in turn, frozen', unit: 'ns', ours: time('cognigate, 64 users'), peers: turns },
  ]
}

/** The first answer of a fresh isolate. */
export function isolateRows(samples: Samples): Row[] {
  const ratio = (name: string) => medianRatio(samples[name] ?? [], samples[hello] ?? [])
  const row = (what: string, budget: number, goal: number): Row => ({
    what: `fresh isolate, × ${hello}: ${what}`,
    unit: '×',
    ours: ratio(`cognigate, ${what}`),
    peers: { jose: ratio(`jose, ${what}`), 'aws-jwt-verify': ratio(`aws-jwt-verify, ${what}`) },
    references: { [control]: ratio(control) },
    budget,
    goal,
  })
  return [row('imported', 1.25, 1.15), row('first answer', 1.85, 1.6)]
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
    'AWS SDK, five commands': sdk,
    ...peers
  } = bytes
  return [
    {
      what: 'size of { createGuard, defineGroups }, min + gzip',
      unit: 'kB',
      ours: guard / 1000,
      peers: Object.fromEntries(Object.entries(peers).map(([name, size]) => [name, size / 1000])),
      budget: 7,
      goal: 5.9,
    },
    { what: 'size of cognigate/hono beside it', unit: 'kB', ours: adapter / 1000, peers: {} },
    {
      what: 'size of { createPoolAdmin }, min + gzip',
      unit: 'kB',
      ours: admin / 1000,
      peers: { 'AWS SDK, five commands': sdk / 1000 },
      budget: 8,
    },
  ]
}

function named(names: readonly string[], measure: (name: string) => number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, measure(name)]))
}
