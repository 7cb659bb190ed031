import { isJsonObject } from '../../encoding.ts'
import { defineGroups, type Groups } from '../../groups/index.ts'

/**
 * The groups of definitions of any form, and of whatever `defineGroups` takes or returns. Throws ConfigurationError with the
 * place of the fault; policies are not read.
 */
export function groupsOf(input: unknown): Groups {
  return compileGroups(isPolicyDefinitions(input) ? input.groups : input)
}

/** The groups of whatever `defineGroups` takes or returns. Throws ConfigurationError with the place of the fault. */
export function compileGroups(groups: unknown): Groups {
  // Whatever it is, it is checked there.
  if (!Array.isArray(groups)) return defineGroups(groups as Groups)
  // What is of the pool only; the groups may not know it.
  return defineGroups(groups.map((item) => (isJsonObject(item) ? withoutPoolMembers(item) : item)))
}

/** Whether groups and policies stand apart, and this is no map with a group named `groups`: a group has no groups in it. */
function isPolicyDefinitions(input: unknown): input is { readonly groups: unknown } {
  if (!isJsonObject(input) || !Object.hasOwn(input, 'groups') || typeof input.can === 'function') return false
  const { groups } = input
  if (!isJsonObject(groups)) return true
  if (typeof groups.can === 'function') return true
  return Object.entries(groups).every(([name, group]) => name === '$schema' || isJsonObject(group))
}

function withoutPoolMembers({ description: _, precedence: __, ...group }: Record<string, unknown>) {
  return group
}
