import { conditionOf, readTests } from './condition.ts'
import type { AllowRule, GroupDefinition } from './definition.ts'
import { groupName, member, must, mustKnow, ruleName } from './names.ts'
import { waysFrom } from './rules.ts'
import type { Group, Rule } from './rules.ts'
import { entriesOf, isCount, listOf } from './shapes.ts'

/** Reads either form of definitions. Throws ConfigurationError with the place of the fault. */
export function readGroups(
  input: unknown,
  known: readonly string[] | undefined,
  usable: ReadonlySet<string>,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>()

  const readRule = (effect: Rule['effect'], path: string, item: unknown): Rule => {
    const entries =
      effect === 'allow' && typeof item === 'object' ? entriesOf(path, item, ['function', 'when']) : undefined
    const name = entries ? ruleName(`${path}.function`, entries.get('function'), known) : ruleName(path, item, known)
    return { effect, name, tests: entries?.has('when') ? readTests(`${path}.when`, entries.get('when'), usable) : [] }
  }

  const readGroup = (name: string, path: string, allowKey: string, entries: ReadonlyMap<string, unknown>): void => {
    const allow = listOf(`${path}.${allowKey}`, entries.get(allowKey), (at, item) => readRule('allow', at, item))
    const deny = listOf(`${path}.deny`, entries.get('deny'), (at, item) => readRule('deny', at, item))
    const precedence = entries.get('precedence')
    const description = entries.get('description')
    must(`${path}.precedence`, precedence === undefined || isCount(precedence), 'an integer from 0')
    must(`${path}.description`, description === undefined || typeof description === 'string', 'a string')
    const definition: GroupDefinition = {
      inherits: listOf(`${path}.inherits`, entries.get('inherits'), groupName),
      allow: Object.freeze(allow.map(writtenRule)),
      deny: Object.freeze(deny.map((rule) => rule.name)),
      ...(precedence !== undefined && { precedence }),
      ...(description !== undefined && { description }),
    }
    groups.set(name, { name, parents: [], rules: [...allow, ...deny], definition: Object.freeze(definition) })
  }

  if (Array.isArray(input)) {
    listOf('groups', input, (path, item) => {
      const entries = entriesOf(path, item, ['group_name', 'group_policy', 'created', 'allowed_functions'])
      const name = groupName(`${path}.group_name`, entries.get('group_name'))
      must(`${path}.group_name`, !groups.has(name), 'a name that no other group has')
      must(`${path}.allowed_functions`, entries.has('allowed_functions'), 'an array')
      const states: readonly unknown[] = [true, false, 'true', 'false']
      must(`${path}.created`, !entries.has('created') || states.includes(entries.get('created')), 'true or false')
      readGroup(name, path, 'allowed_functions', entries)
    })
  } else {
    for (const [name, value] of entriesOf('groups', input)) {
      const path = member('groups', name)
      readGroup(
        groupName(path, name),
        path,
        'allow',
        entriesOf(path, value, ['inherits', 'allow', 'deny', 'precedence', 'description']),
      )
    }
  }
  link(groups)
  return groups
}

function writtenRule({ name, tests }: Rule): AllowRule {
  return tests.length ? Object.freeze({ function: name, when: conditionOf(tests) }) : name
}

/** Joins groups to their parents. Throws for an unknown one, and for a group that inherits from itself. */
function link(groups: ReadonlyMap<string, Group>): void {
  for (const { name, definition, parents } of groups.values()) {
    for (const [index, parent] of (definition.inherits ?? []).entries()) {
      const found = groups.get(parent)
      if (found) parents.push(found)
      else mustKnow(`${member('groups', name)}.inherits[${index}]`, parent, [...groups.keys()], 'group')
    }
  }
  for (const group of groups.values()) {
    const circle = waysFrom(group.parents).get(group)
    if (circle)
      must(`${member('groups', group.name)}.inherits`, false, `no circle, found ${[group.name, ...circle].join(' → ')}`)
  }
}
