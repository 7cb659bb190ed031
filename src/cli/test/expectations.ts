import { dirname, isAbsolute, join } from 'node:path'
import type { Groups } from '../../index.ts'
import { readText } from '../definitions-file.ts'
import { FileError, parseSource, type Place, type Problem, type SourceText } from '../source-text.ts'

/** What people expect of a map of groups, as a file says it. */
export interface Expectations {
  readonly file: string
  /** The definitions file that `map` names, as a path from here; undefined without. */
  readonly map: string | undefined
  readonly rows: readonly Expectation[]
}

/** One entry of the list: who, and what they may and may not. */
export interface Expectation {
  /** Names of groups. Empty for nobody. */
  readonly who: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  /** Permissions or wildcards, by what is expected. */
  readonly may: readonly string[]
  readonly not: readonly string[]
  /** With `may only`: everything else is not allowed. */
  readonly isComplete: boolean
  /** The place of a key, or of an item of its list. */
  locate(key: string, index?: number): Place | undefined
}

/** One question of an expectation, with its wanted answer. */
export interface Question {
  readonly who: readonly string[]
  readonly permission: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly isAllowed: boolean
  readonly place: Place | undefined
}

/** The time at which all questions are asked, in milliseconds since the epoch: ages are told relative to it. */
export const askedAt = 1_800_000_000_000

const keys = ['who', 'claims', 'signed in', 'may', 'may only', 'not']

/** Reads a file of expectations. Throws FileError with every mistake. */
export async function readExpectations(file: string): Promise<Expectations> {
  const source = parseSource(file, await readText(file))
  const whole = asObject(source.value)
  const problems: Problem[] = []
  const report = (path: readonly (string | number)[], message: string, at?: 'key') =>
    void problems.push({ message, place: source.locate(path, at) })
  for (const key of Object.keys(whole ?? {})) {
    if (key !== 'map' && key !== 'expect')
      report([key], `unknown key ${JSON.stringify(key)}; expected map, expect`, 'key')
  }
  const map = whole?.['map']
  if (map !== undefined && typeof map !== 'string') report(['map'], 'expected the path of a definitions file')
  const list = whole?.['expect']
  if (!Array.isArray(list)) report(['expect'], 'expected a list of expectations under `expect`')
  const rows = (Array.isArray(list) ? list : []).map((row, index) => readRow(row, ['expect', index], source, report))
  if (problems.length > 0) throw new FileError(file, problems)
  return { file, map: typeof map === 'string' ? (isAbsolute(map) ? map : join(dirname(file), map)) : undefined, rows }
}

type Report = (path: readonly (string | number)[], message: string, at?: 'key') => void

function readRow(given: unknown, path: readonly (string | number)[], source: SourceText, report: Report): Expectation {
  const row = asObject(given) ?? {}
  if (asObject(given) === undefined) report(path, `expected an object with ${keys.join(', ')}`)
  for (const key of Object.keys(row)) {
    if (!keys.includes(key)) {
      report([...path, key], `unknown key ${JSON.stringify(key)}; expected one of ${keys.join(', ')}`, 'key')
    }
  }
  const readNames = (key: string): string[] => {
    const value = row[key]
    if (value === undefined) return []
    const items: unknown[] = Array.isArray(value) ? value : [value]
    return items.flatMap((item, index) => {
      if (typeof item === 'string' && item !== '') return [item]
      report(Array.isArray(value) ? [...path, key, index] : [...path, key], 'expected a name, or a list of names')
      return []
    })
  }
  if (row['who'] === undefined && asObject(given)) report(path, 'expected `who`: a group, a list of groups, or nobody')
  const claims = row['claims'] === undefined ? {} : asObject(row['claims'])
  if (claims === undefined) report([...path, 'claims'], 'expected an object: claim → value')
  const signedIn = row['signed in']
  const age = signedIn === undefined ? undefined : readAge(signedIn)
  if (signedIn !== undefined && age === undefined) {
    report([...path, 'signed in'], 'expected how long ago, such as "10 min ago" (s, min, h or d)')
  }
  const only = row['may only'] !== undefined
  if (only && row['not'] !== undefined) report([...path, 'not'], 'beside `may only` it says nothing: leave it out')
  const asks = ['may', 'may only', 'not'].some((key) => row[key] !== undefined)
  if (!asks && asObject(given)) report(path, 'expected `may`, `may only` or `not`')
  return {
    who: row['who'] === 'nobody' ? [] : readNames('who'),
    claims: { ...claims, ...(age !== undefined && { auth_time: askedAt / 1000 - age }) },
    may: [...readNames('may'), ...readNames('may only')],
    not: readNames('not'),
    isComplete: only,
    locate: (key, index) =>
      source.locate(index !== undefined && Array.isArray(row[key]) ? [...path, key, index] : [...path, key]),
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** `2 h ago` in seconds. */
function readAge(text: unknown): number | undefined {
  const units: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 }
  const [, count, unit = ''] = (typeof text === 'string' && /^(\d{1,9}) ?(s|min|h|d) ago$/.exec(text)) || []
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1)
}

/** A wrong answer, or a name that the map does not have. */
export interface Failure extends Problem {
  /** Which rules decided, and who would allow it. */
  readonly reason?: string
}

/** Asks the map everything that is expected of it. */
export function checkExpectations(
  groups: Groups,
  rows: readonly Expectation[],
): { readonly questions: readonly Question[]; readonly failures: readonly Failure[] } {
  const questions: Question[] = []
  const failures: Failure[] = []
  for (const row of rows) {
    for (const [index, name] of row.who.entries()) {
      if (groups.names.includes(name)) continue
      const message = `there is no group ${JSON.stringify(name)}; the groups are ${groups.names.join(', ')}`
      failures.push({ message, place: row.locate('who', index) })
    }
    const expand = (names: readonly string[], key: string): Map<string, Place | undefined> => {
      const found = new Map<string, Place | undefined>()
      for (const [index, name] of names.entries()) {
        const place = row.locate(key, index)
        const matching = groups.permissions.filter((permission) => isCovered(name, permission))
        if (matching.length === 0)
          failures.push({
            message: `there is no permission ${JSON.stringify(name)}${suggest(name, groups.permissions)}`,
            place,
          })
        for (const permission of matching) if (!found.has(permission)) found.set(permission, place)
      }
      return found
    }
    const key = row.isComplete ? 'may only' : 'may'
    const may = expand(row.may, key)
    const not = row.isComplete
      ? new Map(groups.permissions.flatMap((name) => (may.has(name) ? [] : [[name, row.locate(key)] as const])))
      : expand(row.not, 'not')
    const ask = (permission: string, isAllowed: boolean, place: Place | undefined) => {
      const question: Question = { who: row.who, permission, claims: row.claims, isAllowed, place }
      questions.push(question)
      const failure = answer(groups, question)
      if (failure) failures.push(failure)
    }
    for (const [permission, place] of may) ask(permission, true, place)
    for (const [permission, place] of not) ask(permission, false, place)
  }
  return { questions, failures }
}

function answer(groups: Groups, { who, permission, claims, isAllowed, place }: Question): Failure | undefined {
  const decision = groups.explain(who, permission, { claims, now: askedAt })
  if (decision.allowed === isAllowed) return undefined
  const whose = who.length === 0 ? 'who is in no group' : `members of ${who.join(' and ')}`
  const rules = decision.matched.map(({ group, effect, rule, via }) => {
    const by = via.length > 1 ? ` (${via.join(' → ')})` : ''
    return `${group} ${effect === 'deny' ? 'denies' : 'allows'} ${rule}${by}`
  })
  const failed = decision.failed.map(
    ({ at, rule, claim }) =>
      `${at === 'when' ? 'the condition' : 'the gate'} of ${rule} does not hold${claim ? `: ${claim}` : ''}`,
  )
  const others = isAllowed && decision.wouldAllow.length > 0 ? [`${decision.wouldAllow.join(', ')} would allow it`] : []
  return {
    message: `${whose} ${isAllowed ? 'may not' : 'may'} ${permission}`,
    place,
    reason: [decision.code, ...rules, ...failed, ...others].join('; '),
  }
}

/** Whether a permission, or a wildcard, means this permission. */
export function isCovered(rule: string, permission: string): boolean {
  return rule === permission || rule === '*' || (rule.endsWith('.*') && permission.startsWith(rule.slice(0, -1)))
}

function suggest(name: string, known: readonly string[]): string {
  const near = known.find((other) => [...other].sort().join('') === [...name].sort().join('') || isClose(name, other))
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
}

/** Whether two names differ by one character, put in, left out or replaced. */
function isClose(one: string, other: string): boolean {
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  let end = 0
  while (end < Math.min(one.length, other.length) - start && one.at(-end - 1) === other.at(-end - 1)) end++
  return Math.max(one.length, other.length) - start - end <= 1
}
