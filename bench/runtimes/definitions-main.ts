import process from 'node:process'
import { defineGroups } from '../../src/index.ts'
import { type DefinitionMeasure, definitionSizes } from '../growth-plan.ts'
import { median } from '../stats.ts'
import { ownClock } from './thread-clock.ts'

/** Times definitions that grow, each with a first decision, in a process of its own. */
const rounds = Number(process.argv[2])
const clock = ownClock()

const listPermissions = (count: number) => Array.from({ length: count }, (_, at) => `area${at % 50}.permission${at}`)

const definitions: Readonly<Record<string, (size: number) => () => boolean>> = {
  'permissions, listed by 25 groups': (size) => {
    const permissions = listPermissions(size)
    const groups = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`g${at}`, { allow: permissions }]))
    return () => defineGroups(groups, { permissions }).can(['g3', 'g7'], permissions[1] ?? '')
  },
  'permissions, under wildcards of 25 groups': (size) => {
    const permissions = listPermissions(size)
    const allow = Array.from({ length: 40 }, (_, at) => `area${at}.*`)
    const groups = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`g${at}`, { allow }]))
    return () => defineGroups(groups, { permissions }).can(['g3', 'g7'], permissions[1] ?? '')
  },
  'groups of 20 permissions': (size) => {
    const permissions = listPermissions(200)
    const rules = (at: number) => permissions.filter((_, index) => index % 10 === at % 10)
    const groups = Object.fromEntries(Array.from({ length: size }, (_, at) => [`g${at}`, { allow: rules(at) }]))
    return () => defineGroups(groups, { permissions }).can(['g3', `g${size - 1}`], permissions[3] ?? '')
  },
  'groups in a chain of inheritance': (size) => {
    const permissions = listPermissions(200)
    const inherited = (at: number) => (at === 0 ? { allow: permissions } : { inherits: [`g${at - 1}`] })
    const groups = Object.fromEntries(Array.from({ length: size }, (_, at) => [`g${at}`, inherited(at)]))
    return () => defineGroups(groups, { permissions }).can([`g${size - 1}`], permissions[1] ?? '')
  },
}

const measure: Record<string, number[]> = {}
for (const [what, of] of Object.entries(definitions)) measure[what] = definitionSizes.map((size) => timeOf(of(size)))
process.stdout.write(JSON.stringify(measure satisfies DefinitionMeasure))

/** Microseconds; of so many runs at once that the clock, which counts in ticks, can tell. */
function timeOf(define: () => boolean): number {
  const run = (times: number) => {
    const begun = clock()
    for (let done = 0; done < times; done++) if (!define()) throw new Error('The definition allows nothing.')
    return (clock() - begun) * 1000
  }
  let times = 1
  while (run(times) < 40_000) times *= 4
  return median(Array.from({ length: rounds }, () => run(times) / times))
}
