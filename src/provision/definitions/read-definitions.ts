import type { PolicyDocument } from '../../aws/index.ts'
import { assertConfig } from '../../errors.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { type CognisesGroup, defineGroups, type GroupDefinition, type Groups } from '../../permissions/index.ts'
import { readEntries, member, readPolicy } from './read-policy.ts'

const memberNames = ['groups', 'policies', 'managedPolicies', 'permissionsBoundary']

/**
 * Reads and checks definitions: what each group should be in Cognito and IAM, in the order of the definitions. Throws
 * ConfigurationError that says where the mistake is.
 */
export function readDefinitions<G extends string, P extends string, M extends string>(
  definitions: Definitions<G, P, M>,
): GroupSpec[]
export function readDefinitions(definitions: unknown): GroupSpec[] {
  const isArray = Array.isArray(definitions)
  const parts = isArray ? new Map([['groups', definitions]]) : readEntries('definitions', definitions, memberNames)
  assertConfig(
    'definitions.groups',
    parts.has('groups'),
    'the groups, as an object, an array or what defineGroups returned',
  )
  assertConfig('definitions.policies', isArray || parts.has('policies'), 'an object, group → policy')
  const input = parts.get('groups')
  const groups = compileGroups(input)
  const policies = entriesByGroup('policies', parts.get('policies'), groups)
  const managed = entriesByGroup('managedPolicies', parts.get('managedPolicies'), groups)
  const boundary = parts.get('permissionsBoundary')
  const common = typeof boundary === 'string' ? policyArn('permissionsBoundary', boundary) : undefined
  const boundaries = entriesByGroup('permissionsBoundary', common === undefined ? boundary : {}, groups)
  return groups.names.map((name, index): GroupSpec => {
    const isListed = Array.isArray(input)
    const written: unknown = isListed ? input[index] : groups.definitions[name]
    const { description, precedence, group_policy: own } = isJsonObject(written) ? written : {}
    const path = isListed ? `groups[${index}]` : member('groups', name)
    const apart = policies.get(name)
    assertConfig(member('policies', name), apart === undefined || own === undefined, `none beside ${path}.group_policy`)
    const bound = boundaries.get(name)
    return {
      name,
      ...readPoolMembers(path, description, precedence),
      ...(own !== undefined && { policy: readPolicy(`${path}.group_policy`, own) }),
      ...(apart !== undefined && { policy: readPolicy(member('policies', name), apart) }),
      managedPolicies: readArns(member('managedPolicies', name), managed.get(name)),
      ...(common !== undefined && { permissionsBoundary: common }),
      ...(bound !== undefined && { permissionsBoundary: policyArn(member('permissionsBoundary', name), bound) }),
    }
  })
}

/**
 * Checks definitions with their policies, without AWS, and returns their groups, compiled.
 *
 * @example
 * ```ts
 * import { checkDefinitions } from 'cognigate/provision'
 *
 * const groups = checkDefinitions({ groups: { viewer: { allow: ['posts.read'] } }, policies: {} })
 * groups.names // ['viewer']
 * ```
 *
 * @throws ConfigurationError that says where the first mistake is
 */
export function checkDefinitions(definitions: Definitions | GroupsInput): Groups {
  if (Array.isArray(definitions) || isPolicyDefinitions(definitions)) readDefinitions(definitions as Definitions)
  return readGroups(definitions)
}

/**
 * The compiled groups of definitions of any form, or of whatever `defineGroups` takes or returns. Policies are not read. Throws
 * ConfigurationError that says where the mistake is.
 */
export function readGroups(input: unknown): Groups {
  return compileGroups(isPolicyDefinitions(input) ? input.groups : input)
}

/** Definitions of groups: a cognises array, unchanged, or groups and their policies apart. */
export type Definitions<G extends string = string, P extends string = string, M extends string = string> =
  | readonly CognisesDefinition<G>[]
  | PolicyDefinitions<G, P, M>

/**
 * Groups, and apart from them their policies for AWS, so that a Worker that imports the groups never contains the policies.
 * `P` are the groups with a policy, `M` those with managed policies.
 */
export interface PolicyDefinitions<G extends string = string, P extends string = string, M extends string = string> {
  readonly groups: GroupsInput<G>
  /** Group → the policy of its role. */
  readonly policies: { readonly [K in P]: K extends G ? PolicyDocument | undefined : never }
  /** Group → ARNs of the managed policies of its role. Default: none. */
  readonly managedPolicies?: { readonly [K in M]: K extends G ? readonly string[] | undefined : never } | undefined
  /** ARN of the permissions boundary, for all roles or by group. Default: none. */
  readonly permissionsBoundary?: string | { readonly [K in G]?: string | undefined } | undefined
}

/** Groups in any form that `defineGroups` takes or returns. */
export type GroupsInput<G extends string = string> =
  | Groups<string, G>
  | readonly CognisesDefinition<G>[]
  | { readonly [K in G]: GroupDefinition }

/** A group of a cognises `group_detail` file. Description and precedence may be added. */
export interface CognisesDefinition<G extends string = string> extends CognisesGroup<string, G> {
  /** The policy of the group's role. Default: none. */
  readonly group_policy?: PolicyDocument | undefined
  /** At most 2,048 characters. */
  readonly description?: string | undefined
  /** An integer from 0. The group with the lowest number ranks highest. */
  readonly precedence?: number | undefined
}

/** What a group should be in Cognito and IAM, checked. */
export interface GroupSpec {
  readonly name: string
  readonly description?: string | undefined
  readonly precedence?: number | undefined
  /** The inline policy of the group's role. A copy. */
  readonly policy?: PolicyDocument | undefined
  /** ARNs. Empty if there are none. */
  readonly managedPolicies: readonly string[]
  /** ARN. */
  readonly permissionsBoundary?: string | undefined
}

/** Compiles whatever `defineGroups` takes or returns. */
function compileGroups(groups: unknown): Groups {
  // `defineGroups` checks what it is.
  if (!Array.isArray(groups)) return defineGroups(groups as Groups)
  // `defineGroups` does not know the members that only Cognito needs.
  return defineGroups(groups.map((item) => (isJsonObject(item) ? withoutPoolMembers(item) : item)))
}

/** Whether this is `{ groups, policies }`, and not a map with a group named `groups`. */
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

/** The entries of a map by group. Throws ConfigurationError for a group that is not defined. */
function entriesByGroup(path: string, value: unknown = {}, { names }: Groups): ReadonlyMap<string, unknown> {
  const entries = readEntries(path, value)
  for (const name of entries.keys()) {
    assertConfig(member(path, name), names.includes(name), `a group that is defined: ${names.join(', ')}`)
  }
  return entries
}

function readPoolMembers(path: string, description: unknown, precedence: unknown): Partial<GroupSpec> {
  assertConfig(
    `${path}.description`,
    description === undefined || (typeof description === 'string' && [...description].length <= 2048),
    'a string of at most 2,048 characters',
  )
  assertConfig(
    `${path}.precedence`,
    precedence === undefined ||
      (typeof precedence === 'number' && precedence >= 0 && precedence <= 2 ** 31 - 1 && Number.isInteger(precedence)),
    'an integer from 0',
  )
  return { ...(description !== undefined && { description }), ...(precedence !== undefined && { precedence }) }
}

function readArns(path: string, value: unknown = []): readonly string[] {
  assertConfig(path, Array.isArray(value), 'a list of ARNs')
  const arns = value.map((item, index) => policyArn(`${path}[${index}]`, item))
  assertConfig(path, new Set(arns).size === arns.length, 'each ARN once')
  return arns
}

function policyArn(path: string, value: unknown): string {
  assertConfig(
    path,
    typeof value === 'string' && /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/([!-~]+\/)?[\w+=,.@-]{1,128}$/.test(value),
    'the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess',
  )
  return value
}
