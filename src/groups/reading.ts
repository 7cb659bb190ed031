import { must } from '../errors.ts'
import { conditionOf, readTests } from './condition.ts'
import type { AllowRule, GroupDefinition } from './definition.ts'
import { levelsOf } from './merge.ts'
import { groupName, isWildcard, member, mustKnow, type Names, ruleName } from './names.ts'
import type { Group, Rule } from './rules.ts'
import { entriesOf, isCount, listOf } from './shapes.ts'

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
    const entries = entriesOf(path, item, ['function', 'when'])
    const rule = plainRule('allow', `${path}.function`, entries.get('function'))
    return entries.has('when') ? { ...rule, tests: readTests(`${path}.when`, entries.get('when'), usable) } : rule
  }

  const add = (name: string, path: string, entries: ReadonlyMap<string, unknown>, allow: readonly Rule[]): void => {
    const deny = listOf(`${path}.deny`, entries.get('deny'), (at, item) => plainRule('deny', at, item))
    const precedence = entries.get('precedence')
    const description = entries.get('description')
    must(`${path}.precedence`, precedence === undefined || isCount(precedence), 'an integer from 0')
    must(`${path}.description`, description === undefined || typeof description === 'string', 'a string')
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
      must(`${path}.group_name`, !groups.has(name), 'a name that no other group has')
      const created = entries.get('created')
      const states: readonly unknown[] = [undefined, true, false, 'true', 'false']
      must(`${path}.created`, states.includes(created), 'true or false')
      const functions = entries.get('allowed_functions') ?? null
      const allow = listOf(`${path}.allowed_functions`, functions, (at, fn) => plainRule('allow', at, fn))
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
  return tests.length ? { function: name, when: conditionOf(tests) } : name
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
        must(`${member('groups', parent.name)}.inherits`, false, `no circle, found ${circle}`)
      }
      left.push(parent)
    }
  }
}
