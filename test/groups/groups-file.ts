import type { ClaimTest, CognisesGroup, GroupDefinition, GroupsOptions } from '../../src/groups/index.ts'

type Conditions = Extract<NonNullable<NonNullable<GroupsOptions['require']>[string]>, object>

/** What is left of a type in a JSON document: no functions, and whatever is undefined is left out. */
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
export type Fault = 'an unknown parent' | 'a circle' | 'a name twice' | 'a claim that users can write'

const tokenLevel = ['acr', 'amr', 'aud', 'auth_time', 'client_id', 'exp', 'iat', 'iss', 'scope', 'sub', 'token_use']

/** The first fault of a file beyond its shape, found in the plainest way. */
export function faultBeyondShape(file: GroupsFile, trusted: readonly string[]): Fault | undefined {
  if (isList(file)) {
    const names = file.map((group) => group.group_name)
    return new Set(names).size < names.length ? 'a name twice' : undefined
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
  return [...groups.keys()].some((name) => reaches(name, name, [])) ? 'a circle' : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isList(file: GroupsFile): file is readonly Json<CognisesGroup>[] {
  return Array.isArray(file)
}
