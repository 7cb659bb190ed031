import { assertConfig } from '../errors.ts'
import { deepFreeze, isJsonObject } from '../internal/encoding.ts'
import { assertKnown } from '../internal/options.ts'
import type { Group, Tests } from './compile.ts'
import type { Test } from './conditions.ts'
import type { AllowRule, Condition, Predicate, Scalar } from './types.ts'

/** Definitions, parsed. */
export interface ParsedGroups {
  readonly groups: ReadonlyMap<string, Group>
  /** The tests of the allow rules that have a condition. */
  readonly tests: Tests
  /** The names that rules use, wildcards among them. */
  readonly written: ReadonlySet<string>
  /** The wildcards that rules allow, each with the place of one such rule. */
  readonly wildcards: Map<string, string>
}

/** Names of permissions or groups. */
type Names = Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>

/** The own members of an object literal, without a prototype. */
type Members = Readonly<Record<string, unknown>>

/** Parses either form of definitions. Throws ConfigurationError with the place of the fault. */
export function parseGroups(input: unknown, known: Names | undefined, usable: ReadonlySet<string>): ParsedGroups {
  const groups = new Map<string, Group>()
  const written = new Set<string>()
  const wildcards = new Map<string, string>()
  const tests = new Map<AllowRule, readonly Test[]>()

  // Most names stand in many groups. Each is checked once.
  const isChecked = (item: unknown): item is string =>
    typeof item === 'string' && written.has(item) && !isWildcard(item)

  const parseDeny = (path: string, item: unknown): string => {
    const name = parseRuleName(path, item, known)
    written.add(name)
    return name
  }

  const parseName = (path: string, item: unknown): string => {
    const name = parseDeny(path, item)
    if (isWildcard(name)) wildcards.set(name, path)
    return name
  }

  const parseAllow = (path: string, item: unknown): AllowRule => {
    if (typeof item !== 'object') return parseName(path, item)
    const rule = parseObject(path, item, ['permission', 'when'])
    const permission = parseName(`${path}.permission`, rule['permission'])
    if (!('when' in rule)) return permission
    const parsed = parseCondition(`${path}.when`, rule['when'], usable)
    const full = Object.freeze({ permission, when: toCondition(parsed) })
    tests.set(full, parsed)
    return full
  }

  const add = (name: string, path: string, members: Members, allow: readonly AllowRule[]): void => {
    const { precedence, description } = members
    assertConfig(`${path}.precedence`, precedence === undefined || isCount(precedence), 'an integer from 0')
    assertConfig(`${path}.description`, description === undefined || typeof description === 'string', 'a string')
    const definition: Group['definition'] = Object.freeze({
      inherits: parseList(`${path}.inherits`, members['inherits'], parseGroupName),
      allow,
      deny: parseList(`${path}.deny`, members['deny'], parseDeny, isChecked),
      ...(precedence !== undefined && { precedence }),
      ...(description !== undefined && { description }),
    })
    groups.set(name, { name, parents: [], definition })
  }

  if (Array.isArray(input)) {
    const keys = ['group_name', 'group_policy', 'created', 'allowed_functions', 'precedence', 'description']
    parseList('groups', input, (path, item) => {
      const members = parseObject(path, item, keys)
      const name = parseGroupName(`${path}.group_name`, members['group_name'])
      assertConfig(`${path}.group_name`, !groups.has(name), 'a name that no other group has')
      const states: readonly unknown[] = [undefined, true, false, 'true', 'false']
      assertConfig(`${path}.created`, states.includes(members['created']), 'true or false')
      // Not optional, unlike `allow`: null is no list.
      const list = members['allowed_functions'] ?? null
      add(name, path, members, parseList(`${path}.allowed_functions`, list, parseName, isChecked))
    })
  } else {
    const keys = ['inherits', 'allow', 'deny', 'precedence', 'description']
    for (const [name, value] of Object.entries(parseObject('groups', input))) {
      // What an editor reads. Cognito's group names may begin with `$`: an object of this name is a group.
      if (name === '$schema' && typeof value === 'string') continue
      const path = toPath('groups', name)
      parseGroupName(path, name)
      const members = parseObject(path, value, keys)
      add(name, path, members, parseList(`${path}.allow`, members['allow'], parseAllow, isChecked))
    }
  }
  linkParents(groups)
  return { groups, tests, written, wildcards }
}

/** Joins groups to their parents. Throws for an unknown one, and for a group that inherits from itself. */
function linkParents(groups: ReadonlyMap<string, Group>): void {
  for (const { name, definition, parents } of groups.values()) {
    for (const [index, parent] of definition.inherits.entries()) {
      const found = groups.get(parent)
      if (found) parents.push(found)
      else assertKnown(`${toPath('groups', name)}.inherits[${index}]`, 'group', parent, groups)
    }
  }
  // Depth first, and without recursion, so that a long chain cannot exhaust the stack.
  const finished = new Set<Group>()
  /** The chain from a group to the one that is looked at. */
  const chain = new Set<Group>()
  const left = [...groups.values()].reverse()
  for (let group = left.at(-1); group; group = left.at(-1)) {
    // When it comes up again, all that it inherits from is finished.
    if (chain.delete(group)) finished.add(group)
    if (finished.has(group)) {
      left.pop()
      continue
    }
    chain.add(group)
    for (const parent of group.parents) {
      if (chain.has(parent)) {
        const names = Array.from(chain, ({ name }) => name)
        const cycle = [...names.slice(names.indexOf(parent.name)), parent.name].join(' → ')
        assertConfig(`${toPath('groups', parent.name)}.inherits`, false, `no cycle, found ${cycle}`)
      }
      left.push(parent)
    }
  }
}

/** Parses a condition. Throws ConfigurationError with the place of the fault. */
export function parseCondition(path: string, input: unknown, usable: ReadonlySet<string>): readonly Test[] {
  if (isPredicate(input)) return [{ kind: 'predicate', expected: input }]
  const tests = Object.entries(parseObject(path, input)).map(([claim, expected]): Test => {
    const at = toPath(path, claim)
    assertConfig(at, usable.has(claim), 'a claim that users cannot write, or one of `trustedClaims`')
    return parseTest(at, claim, expected)
  })
  assertConfig(path, tests.length, 'a claim')
  return tests
}

function parseTest(path: string, claim: string, input: unknown): Test {
  if (isPredicate(input)) return { claim, kind: 'predicate', expected: input }
  if (typeof input === 'object' && !Array.isArray(input)) {
    const { maxAge } = parseObject(path, input, ['maxAge'])
    assertConfig(path, claim === 'auth_time' && isCount(maxAge) && maxAge, 'auth_time with a maxAge in seconds')
    return { claim, kind: 'maxAge', expected: { maxAge } }
  }
  const expected = parseList(path, Array.isArray(input) ? input : [input], parseScalar)
  assertConfig(path, expected.length, 'a value')
  return { claim, kind: 'equals', expected }
}

function parseScalar(path: string, value: unknown): Scalar {
  assertConfig(
    path,
    typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value),
    'a string, number or boolean, an array of them, or a function',
  )
  return value as Scalar
}

function isPredicate(value: unknown): value is Predicate<unknown> {
  return typeof value === 'function'
}

/** The condition that the tests were parsed from, frozen. */
export function toCondition(tests: readonly Test[]): Condition {
  const all = tests.find((test) => test.kind === 'predicate' && test.claim === undefined)
  return all?.kind === 'predicate'
    ? all.expected
    : deepFreeze(Object.fromEntries(tests.map(({ claim = '', expected }) => [claim, expected])))
}

/** The own members of an object literal. Throws for anything else, and for a key beyond `keys`. */
export function parseObject(path: string, value: unknown, keys?: readonly string[]): Members {
  assertConfig(
    path,
    isJsonObject(value) &&
      // Object literals of any realm pass, but not arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const members: Record<string, unknown> = Object.assign(Object.create(null), value)
  if (keys)
    for (const key in members) if (!keys.includes(key)) assertKnown(toPath(path, key), 'key', key, new Set(keys))
  return members
}

/** Parses every item of an array, holes included; an absent array is an empty one. `isParsed` says which items are kept as they are. */
export function parseList<T>(
  path: string,
  value: unknown,
  parse: (path: string, item: unknown) => T,
  isParsed?: (item: unknown) => item is T,
): readonly T[] {
  if (value === undefined) return Object.freeze([])
  assertConfig(path, Array.isArray(value), 'an array')
  const items: unknown[] = [...value]
  return Object.freeze(items.map((item, index) => (isParsed?.(item) ? item : parse(`${path}[${index}]`, item))))
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The path of a member: `groups.editor`, or `groups["a,b"]` if the key is not plain. */
export function toPath(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** A group name within Cognito's limits (CreateGroup, GroupName). */
function parseGroupName(path: string, name: unknown): string {
  const isName = typeof name === 'string' && (/^[!-~]{1,128}$/.test(name) || isUnusualName(name))
  assertConfig(path, isName, '1-128 letters, marks, symbols, numbers or punctuation marks')
  return name
}

/** Built from text: engines check literals when they read the source, and property classes cost more than all else here. */
function isUnusualName(name: string): boolean {
  const form = '^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$'
  return RegExp(form, 'u').test(name)
}

/** The name of a rule: a permission, or a wildcard. Throws if there is a list of permissions, and it is not in it. */
export function parseRuleName(path: string, name: unknown, known?: Names): string {
  const isName = typeof name === 'string' && /^([^.*]+\.)*([^.*]+|\*)$/.test(name)
  assertConfig(path, isName, 'a name such as "a.b", "a.*" or "*"')
  if (known && !isWildcard(name)) assertKnown(path, 'permission', name, known)
  return name
}

/** Whether a well-formed rule's name is one. */
export function isWildcard(rule: string): boolean {
  return rule.endsWith('*')
}
