import { arnRules, nameRules } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import type { GroupState } from '../state/index.ts'
import {
  checkList,
  checkMembers,
  checkObject,
  checkOptionalInteger,
  checkOptionalText,
  checkText,
  refuse,
} from './check.ts'

/** A group of a local pool. */
export interface LocalGroup {
  readonly name: string
  readonly description?: string | undefined
  /** The lowest number comes first. Default: none, which comes last. */
  readonly precedence?: number | undefined
  readonly roleArn?: string | undefined
}

/** An entry of a cognises array; only the name counts here. */
export interface CognisesGroup {
  readonly group_name: string
}

/** Groups by name, as `defineGroups` takes them; only `precedence`, `description` and `roleArn` count here. */
export type LocalGroupMap = { readonly [name: string]: object }

/** What `defineGroups` returns. */
export interface DefinedGroups {
  readonly names: readonly string[]
  readonly definitions?: object | undefined
}

/** The groups of a local pool: names or groups, a cognises array, or what `defineGroups` takes or returns. */
export type LocalGroups = readonly (string | LocalGroup | CognisesGroup)[] | DefinedGroups | LocalGroupMap

/** Groups by name. Throws ConfigurationError for a name outside Cognito's limits or a name given twice. */
export function createGroups(groups: LocalGroups | undefined, now: number): Record<string, GroupState> {
  const map = createMap<GroupState>()
  for (const [path, name, details] of listGroups(groups)) {
    const group: GroupState = {
      name: checkText(path, name, nameRules()),
      description: checkOptionalText(`${path}.description`, details['description'], { max: 2048 }),
      roleArn: checkOptionalText(`${path}.roleArn`, details['roleArn'], arnRules()),
      precedence: checkOptionalInteger(`${path}.precedence`, details['precedence'], 0),
      createdAt: now,
      updatedAt: now,
    }
    if (map[group.name] !== undefined) refuse(path, `the group ${group.name} is given twice.`)
    map[group.name] = group
  }
  return map
}

function listGroups(groups: LocalGroups | undefined): [string, unknown, JsonObject][] {
  if (groups === undefined || Array.isArray(groups)) {
    return checkList('groups', groups).map((group, index) => toEntry(`groups[${index}]`, group))
  }
  const map = checkObject('groups', groups)
  const names = map['names']
  if (!Array.isArray(names)) return Object.entries(map).map(([name, details]) => entry(name, details))
  const definitions = isObject(map['definitions']) ? map['definitions'] : {}
  return names.map((name) => entry(String(name), Object.hasOwn(definitions, name) ? definitions[name] : undefined))
}

function toEntry(path: string, group: unknown): [string, unknown, JsonObject] {
  if (typeof group === 'string') return [path, group, {}]
  const details = checkObject(path, group)
  if (details['group_name'] === undefined) checkMembers(path, details, ['name', 'description', 'precedence', 'roleArn'])
  return [path, details['name'] ?? details['group_name'], details]
}

function entry(name: string, details: unknown): [string, unknown, JsonObject] {
  return [`groups.${name}`, name, isObject(details) ? details : {}]
}
