import type { ClaimTest, CognisesGroup, GroupDefinition, GroupsOptions } from '../../src/permissions/index.ts'

type Conditions = Extract<NonNullable<NonNullable<GroupsOptions['require']>[string]>, object>

/** What is left of a type in a JSON document: no permissions, and whatever is undefined is left out. */
export type Json<T> = T extends (...args: never[]) => unknown
  ? never
  : T extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<Exclude<T[K], undefined>> }
      : T

/** A condition without predicates. */
export type JsonCondition = Json<Conditions>

/** A test without predicates. */
export type JsonTest = Json<ClaimTest>

/** A file that `defineGroups` takes, in either form. */
export type GroupsFile =
  | { readonly [name: string]: Json<GroupDefinition> }
  | { readonly [name: string]: Json<GroupDefinition> | string; readonly $schema: string }
  | readonly Json<CognisesGroup>[]

/** What of a file no JSON Schema can tell. Only for files of the right shape. */
export type Fault =
  | 'an unknown parent'
  | 'a circle'
  | 'a name twice'
  | 'a claim that users can write'
  | 'a wildcard over nothing'

const tokenLevel = ['acr', 'amr', 'aud', 'auth_time', 'client_id', 'exp', 'iat', 'iss', 'scope', 'sub', 'token_use']

/** The first fault of a file beyond its shape, found in the plainest way. */
export function faultBeyondShape(file: GroupsFile, trusted: readonly string[]): Fault | undefined {
  if (isList(file)) {
    const names = file.map((group) => group.group_name)
    if (new Set(names).size < names.length) return 'a name twice'
    const allowed = file.flatMap(({ allowed_functions }) => allowed_functions)
    return hasIdleWildcard(allowed, allowed) ? 'a wildcard over nothing' : undefined
  }
  const groups = new Map(
    Object.entries(file).flatMap(([name, group]) => (isText(group) ? [] : [[name, group] as const])),
  )
  for (const { allow = [] } of groups.values()) {
    for (const rule of allow) {
      if (typeof rule === 'string' || !rule.when) continue
      const claims = Object.keys(rule.when)
      if (claims.some((claim) => ![...tokenLevel, ...trusted].includes(claim))) return 'a claim that users can write'
    }
  }
  for (const { inherits = [] } of groups.values()) {
    if (inherits.some((parent) => !groups.has(parent))) return 'an unknown parent'
  }
  const reaches = (from: string, to: string, seen: readonly string[]): boolean =>
    (groups.get(from)?.inherits ?? []).some(
      (parent) => parent === to || (!seen.includes(parent) && reaches(parent, to, [...seen, parent])),
    )
  if ([...groups.keys()].some((name) => reaches(name, name, []))) return 'a circle'
  const rules = [...groups.values()]
  const allowed = rules.flatMap(({ allow = [] }) =>
    allow.map((rule) => (typeof rule === 'string' ? rule : rule.permission)),
  )
  const denied = rules.flatMap(({ deny = [] }) => deny)
  return hasIdleWildcard(allowed, [...allowed, ...denied]) ? 'a wildcard over nothing' : undefined
}

function hasIdleWildcard(allowed: readonly string[], named: readonly string[]): boolean {
  const permissions = named.filter((name) => !name.endsWith('*'))
  return allowed.some((rule) => rule.endsWith('.*') && !permissions.some((fn) => fn.startsWith(rule.slice(0, -1))))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isList(file: GroupsFile): file is readonly Json<CognisesGroup>[] {
  return Array.isArray(file)
}
