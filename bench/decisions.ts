/**
 * What one `groups.can` costs, in nanoseconds: 50 groups × 200 functions, the caller in 5 of them.
 * Run with `node bench/decisions.ts` (Node 24 strips the types). Cases are interleaved, medians are printed.
 */
import { defineGroups } from '../src/groups/index.ts'

const functions = Array.from({ length: 200 }, (_, index) => `area${index % 20}.function${index}`)
const names = Array.from({ length: 50 }, (_, index) => `group-${index}`)
const groups = defineGroups(
  Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        inherits: index > 0 && index % 5 === 0 ? [`group-${index - 1}`] : [],
        allow: [
          ...functions.filter((_, at) => at % 50 === index),
          `area${index % 20}.*`,
          ...(index === 9 ? [{ function: 'area19.function199', when: { acr: ['gold'] } }] : []),
        ],
        deny: functions.filter((_, at) => at % 97 === index),
      },
    ]),
  ),
  { functions, require: { 'area13.function53': { auth_time: { maxAge: 900 } } } },
)

const membersOf = (user: number): string[] => [0, 9, 18, 27, 36].map((offset) => names[(user + offset) % 50] ?? '')
const users = Array.from({ length: 64 }, (_, user) => Object.freeze(membersOf(user)))
const one = users[3] ?? []
const template = membersOf(3)
const templates = users.map((user) => [...user])
const asked = functions.slice(0, 64)
const now = 1_700_000_000_000
const context = { claims: { auth_time: 1_699_999_900 }, now }

const cases: Record<string, (round: number) => boolean> = {
  'loop alone': (round) => asked[round & 63] !== '',
  'frozen, one principal': (round) => groups.can(one, asked[round & 63] ?? ''),
  'frozen, 64 users in turn': (round) => groups.can(users[round & 63] ?? one, asked[(round >> 6) & 63] ?? ''),
  'fresh array, copy alone': (round) => template.slice().length > (round & 3),
  'fresh array, one user': (round) => groups.can(template.slice(), asked[round & 63] ?? ''),
  'fresh array, 64 users in turn': (round) => groups.can((templates[round & 63] ?? template).slice(), asked[(round >> 6) & 63] ?? ''),
  'the same unfrozen array': (round) => groups.can(template, asked[round & 63] ?? ''),
  'unknown function': (round) => groups.can(one, round & 1 ? 'area1.nothing' : 'nothing'),
  'decide, frozen': (round) => groups.decide(one, asked[round & 63] ?? '').allowed,
  'gated function, holds': () => groups.can(one, 'area13.function53', context),
}

const rounds = 200_000
const results = new Map(Object.keys(cases).map((name) => [name, [] as number[]]))
let kept = 0
for (let repeat = 0; repeat < 25; repeat++) {
  for (const [name, run] of Object.entries(cases)) {
    const start = performance.now()
    for (let round = 0; round < rounds; round++) if (run(round)) kept++
    results.get(name)?.push(((performance.now() - start) * 1e6) / rounds)
  }
}
for (const [name, times] of results) {
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? 0
  console.log(`${name.padEnd(32)} ${median.toFixed(1).padStart(8)} ns`)
}
const started = performance.now()
for (let i = 0; i < 20; i++) defineGroups(groups.definitions, groups.options)
console.log(`${'definition'.padEnd(32)} ${(((performance.now() - started) * 1e3) / 20).toFixed(0).padStart(8)} µs`)
if (kept < 1) throw new Error('nothing was allowed')
