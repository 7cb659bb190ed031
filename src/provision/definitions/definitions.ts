import type { PolicyDocument } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { type CognisesGroup, defineGroups, type GroupDefinition, type Groups } from '../../permissions/index.ts'

/** A group of a cognises `group_detail` file, with what Cognito keeps of a group besides. */
export interface CognisesDefinition<G extends string = string> extends CognisesGroup<string, G> {
  /** The policy of the group's role. Default: none. */
  readonly group_policy?: PolicyDocument | undefined
  /** At most 2,048 characters. */
  readonly description?: string | undefined
  /** The group's rank in the pool, an integer from 0, the lowest is the highest. */
  readonly precedence?: number | undefined
}

/** What the groups may do, in any of the forms that `defineGroups` takes or returns. */
export type GroupsInput<G extends string = string> =
  | Groups<string, G>
  | readonly CognisesDefinition<G>[]
  | { readonly [K in G]: GroupDefinition }

/**
 * What the groups may do in the application, and apart from it what they may do in AWS, so that policies never reach a
 * Worker that imports the groups. `P` are the groups with a policy, `M` those with managed policies.
 */
export interface PolicyDefinitions<G extends string = string, P extends string = string, M extends string = string> {
  readonly groups: GroupsInput<G>
  /** Group → the policy of its role. */
  readonly policies: { readonly [K in P]: K extends G ? PolicyDocument | undefined : never }
  /** Group → ARNs of the managed policies of its role. Default: none. */
  readonly managedPolicies?: { readonly [K in M]: K extends G ? readonly string[] | undefined : never } | undefined
  /** ARN of the policy that bounds what the roles may do, of all of them or by group. Default: none. */
  readonly permissionsBoundary?: string | { readonly [K in G]?: string | undefined } | undefined
}

/** Groups and what they may do in AWS: a cognises array, unchanged, or groups and policies apart. */
export type Definitions<G extends string = string, P extends string = string, M extends string = string> =
  | readonly CognisesDefinition<G>[]
  | PolicyDefinitions<G, P, M>

/** What a group should be in Cognito and IAM, read and checked. */
export interface GroupSpec {
  readonly name: string
  readonly description?: string | undefined
  readonly precedence?: number | undefined
  /** The inline policy of the group's role: a copy, as JSON. */
  readonly policy?: PolicyDocument | undefined
  /** ARNs; empty where there are none. */
  readonly managedPolicies: readonly string[]
  /** ARN. */
  readonly permissionsBoundary?: string | undefined
}

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

/** Throws ConfigurationError, with the place of the fault, unless the definition has there what it should. */
export function must(path: string, holds: boolean, expected: string): asserts holds {
  if (!holds) throw new ConfigurationError(`${path}: expected ${expected}`)
}

/** The path of a member: `policies.editor`, or `policies["a,b"]` where the key is not plain. */
export function member(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/**
 * The own members of an object literal, those that are undefined left out. Throws for anything else, and for a key beyond
 * `keys`.
 */
export function entriesOf(path: string, value: unknown, keys?: readonly string[]): ReadonlyMap<string, unknown> {
  must(
    path,
    typeof value === 'object' &&
      value !== null &&
      // Tells the literals of any realm from arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const entries = Object.entries(value)
  for (const [key] of entries) {
    if (keys) must(member(path, key), keys.includes(key), `no such member, but ${keys.join(', ')}`)
  }
  return new Map(entries.filter(([, item]) => item !== undefined))
}
