import { assertConfig } from '../errors.ts'
import { nearestFirst } from '../internal/options.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { type Group, levelsOf, type Rule } from './compile.ts'
import { conditionOf, readTests } from './conditions.ts'
import type { AllowRule, GroupDefinition } from './types.ts'

/** Definitions, read. */
export interface Definitions {
  readonly groups: ReadonlyMap<string, Group>
  /** The names that rules use, wildcards among them. */
  readonly written: ReadonlySet<string>
  /** The wildcards that rules allow, each with the place of one such rule. */
  readonly wildcards: Map<string, string>
}

/** Reads either form of definitions. Throws ConfigurationError with the place of the fault. */
export function readGroups(input: unknown, known: Names | undefined, usable: ReadonlySet<string>): Definitions {
  const groups = new Map<string, Group>()
  const written = new Set<string>()
  const wildcards = new Map<string, string>()
  const unconditional: Rule['tests'] = []

  const plainRule = (effect: Rule['effect'], path: string, item: unknown): Rule => {
    const name = ruleName(path, item, known)
    written.add(name)
    if (effect === 'allow' && isWildcard(name)) wildcards.set(name, path)
    return { effect, name, tests: unconditional }
  }

  const allowRule = (path: string, item: unknown): Rule => {
    if (typeof item !== 'object') return plainRule('allow', path, item)
    const entries = entriesOf(path, item, ['permission', 'when'])
    const rule = plainRule('allow', `${path}.permission`, entries.get('permission'))
    return entries.has('when') ? { ...rule, tests: readTests(`${path}.when`, entries.get('when'), usable) } : rule
  }

  const add = (name: string, path: string, entries: ReadonlyMap<string, unknown>, allow: readonly Rule[]): void => {
    const deny = listOf(`${path}.deny`, entries.get('deny'), (at, item) => plainRule('deny', at, item))
    const precedence = entries.get('precedence')
    const description = entries.get('description')
    assertConfig(`${path}.precedence`, precedence === undefined || isCount(precedence), 'an integer from 0')
    assertConfig(`${path}.description`, description === undefined || typeof description === 'string', 'a string')
    const definition: GroupDefinition = {
      inherits: listOf(`${path}.inherits`, entries.get('inherits'), groupName),
      allow: allow.map(writtenRule),
      deny: deny.map((rule) => rule.name),
      ...(precedence !== undefined && { precedence }),
      ...(description !== undefined && { description }),
    }
    const rules = [...allow, ...deny]
    groups.set(name, { name, parents: [], rules, levels: levelsOf(rules), definition })
  }

  if (Array.isArray(input)) {
    listOf('groups', input, (path, item) => {
      const keys = ['group_name', 'group_policy', 'created', 'allowed_functions', 'precedence', 'description']
      const entries = entriesOf(path, item, keys)
      const name = groupName(`${path}.group_name`, entries.get('group_name'))
      assertConfig(`${path}.group_name`, !groups.has(name), 'a name that no other group has')
      const created = entries.get('created')
      const states: readonly unknown[] = [undefined, true, false, 'true', 'false']
      assertConfig(`${path}.created`, states.includes(created), 'true or false')
      const permissions = entries.get('allowed_functions') ?? null
      const allow = listOf(`${path}.allowed_functions`, permissions, (at, fn) => plainRule('allow', at, fn))
      add(name, path, entries, allow)
    })
  } else {
    for (const [name, value] of entriesOf('groups', input)) {
      // What an editor reads. Cognito's group names may begin with `$`: an object of this name is a group.
      if (name === '$schema' && typeof value === 'string') continue
      const path = member('groups', name)
      const entries = entriesOf(path, value, ['inherits', 'allow', 'deny', 'precedence', 'description'])
      add(groupName(path, name), path, entries, listOf(`${path}.allow`, entries.get('allow'), allowRule))
    }
  }
  link(groups)
  return { groups, written, wildcards }
}

function writtenRule({ name, tests }: Rule): AllowRule {
  return tests.length ? { permission: name, when: conditionOf(tests) } : name
}

/** Joins groups to their parents. Throws for an unknown one, and for a group that inherits from itself. */
function link(groups: ReadonlyMap<string, Group>): void {
  for (const { name, definition, parents } of groups.values()) {
    for (const [index, parent] of (definition.inherits ?? []).entries()) {
      const found = groups.get(parent)
      if (found) parents.push(found)
      else mustKnow(`${member('groups', name)}.inherits[${index}]`, parent, groups, 'group')
    }
  }
  mustEnd(groups.values())
}

/** Throws for a group that inherits from itself. Without recursion, so that a long line cannot exhaust the stack. */
function mustEnd(groups: Iterable<Group>): void {
  const ended = new Set<Group>()
  /** The way from a group to the one that is looked at. */
  const way = new Set<Group>()
  const left = [...groups].reverse()
  for (let group = left.at(-1); group; group = left.at(-1)) {
    // Once it comes up again, all that it inherits from has ended.
    if (way.delete(group)) ended.add(group)
    if (ended.has(group)) {
      left.pop()
      continue
    }
    way.add(group)
    for (const parent of group.parents) {
      if (way.has(parent)) {
        const names = Array.from(way, ({ name }) => name)
        const circle = [...names.slice(names.indexOf(parent.name)), parent.name].join(' → ')
        assertConfig(`${member('groups', parent.name)}.inherits`, false, `no circle, found ${circle}`)
      }
      left.push(parent)
    }
  }
}

/** The own members of an object literal. Throws for anything else, and for a key beyond `keys`. */
export function entriesOf(path: string, value: unknown, keys?: readonly string[]): ReadonlyMap<string, unknown> {
  assertConfig(
    path,
    isJsonObject(value) &&
      // Tells the literals of any realm from arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const entries = Object.entries(value)
  for (const [key] of entries)
    if (keys) assertConfig(member(path, key), keys.includes(key), `no such key, but ${keys.join(', ')}`)
  return new Map(entries)
}

/** Reads every item of an array, holes included, into another; an absent array is an empty one. */
export function listOf<T>(path: string, value: unknown = [], read: (path: string, item: unknown) => T): readonly T[] {
  assertConfig(path, Array.isArray(value), 'an array')
  return Array.from<unknown, T>(value, (item, index) => read(`${path}[${index}]`, item))
}

/** Whether a value is an integer from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Known names. */
export type Names = Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>

/** The path of a member: `groups.editor`, or `groups["a,b"]` where the key is not plain. */
export function member(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** A group name within Cognito's limits (CreateGroup, GroupName). */
export function groupName(path: string, name: unknown): string {
  const isName = typeof name === 'string' && (/^[!-~]{1,128}$/.test(name) || isUnusualName(name))
  assertConfig(path, isName, '1-128 letters, marks, symbols, numbers or punctuation marks')
  return name
}

/** Built from text: engines check literals when they read the source, and property classes cost more than all else here. */
function isUnusualName(name: string): boolean {
  const form = '^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$'
  return RegExp(form, 'u').test(name)
}

/** A function name; or a rule's, which may end in a wildcard. Throws where it is not among the known ones, if given. */
export function ruleName(path: string, name: unknown, known?: Names): string {
  assertConfig(
    path,
    typeof name === 'string' && /^([^.*]+\.)*([^.*]+|\*)$/.test(name),
    'a name such as "a.b", "a.*" or "*"',
  )
  if (known && !isWildcard(name)) mustKnow(path, name, known, 'permission')
  return name
}

/** Whether a well-formed rule's name is one. */
export function isWildcard(rule: string): boolean {
  return rule.endsWith('*')
}

/** All names of rules that cover a permission: its own, and the wildcards over it. */
export function coversOf(fn: string): readonly string[] {
  const parts = fn.split('.')
  return [fn, ...parts.map((_, index) => [...parts.slice(0, index), '*'].join('.'))]
}

/** Throws where two names look the same, and are written differently: they are equal after NFC. */
export function mustDiffer(path: string, names: Iterable<string>): void {
  const spellings = new Map<string, string>()
  for (const name of names) {
    const plain = name.normalize()
    assertConfig(path, (spellings.get(plain) ?? name) === name, `one spelling of ${JSON.stringify(plain)}, such as NFC`)
    spellings.set(plain, name)
  }
}

/** Throws, naming the nearest, where a name is not among the known ones. */
export function mustKnow(path: string, name: string, known: Names, kind: string): void {
  if (known.has(name)) return
  const nearest = nearestFirst(name, known.keys())
  const list = nearest.length > 20 ? [...nearest.slice(0, 20), '…'] : nearest
  const hint = list.length
    ? `did you mean ${JSON.stringify(list[0])}? known ${kind}s are ${list.join(', ')}`
    : 'but none is known'
  assertConfig(path, false, `a ${kind} instead of ${JSON.stringify(name)}, ${hint}`)
}
