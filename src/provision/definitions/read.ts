import { isJsonObject } from '../../internal/encoding.ts'
import type { Groups } from '../../permissions/index.ts'
import { compileGroups, type Definitions, entriesOf, type GroupSpec, member, must } from './definitions.ts'
import { readPolicy } from './policy.ts'

const memberNames = ['groups', 'policies', 'managedPolicies', 'permissionsBoundary']

/**
 * Reads and checks definitions: what each group should be in Cognito and IAM, in the order of the definitions. Throws
 * ConfigurationError with the place of the fault.
 */
export function readDefinitions<G extends string, P extends string, M extends string>(
  definitions: Definitions<G, P, M>,
): GroupSpec[]
export function readDefinitions(definitions: unknown): GroupSpec[] {
  const isArray = Array.isArray(definitions)
  const parts = isArray ? new Map([['groups', definitions]]) : entriesOf('definitions', definitions, memberNames)
  must('definitions.groups', parts.has('groups'), 'the groups, as an object, an array or what defineGroups returned')
  must('definitions.policies', isArray || parts.has('policies'), 'an object, group → policy')
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
    must(member('policies', name), apart === undefined || own === undefined, `none beside ${path}.group_policy`)
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

/** The entries of a map by group, none of which may be about a group that is not defined. */
function entriesByGroup(path: string, value: unknown = {}, { names }: Groups): ReadonlyMap<string, unknown> {
  const entries = entriesOf(path, value)
  for (const name of entries.keys()) {
    must(member(path, name), names.includes(name), `a group that is defined: ${names.join(', ')}`)
  }
  return entries
}

function readPoolMembers(path: string, description: unknown, precedence: unknown): Partial<GroupSpec> {
  must(
    `${path}.description`,
    description === undefined || (typeof description === 'string' && [...description].length <= 2048),
    'a string of at most 2,048 characters',
  )
  must(
    `${path}.precedence`,
    precedence === undefined ||
      (typeof precedence === 'number' && precedence >= 0 && precedence <= 2 ** 31 - 1 && Number.isInteger(precedence)),
    'an integer from 0',
  )
  return { ...(description !== undefined && { description }), ...(precedence !== undefined && { precedence }) }
}

function readArns(path: string, value: unknown = []): readonly string[] {
  must(path, Array.isArray(value), 'a list of ARNs')
  const arns = value.map((item, index) => policyArn(`${path}[${index}]`, item))
  must(path, new Set(arns).size === arns.length, 'each ARN once')
  return arns
}

function policyArn(path: string, value: unknown): string {
  must(
    path,
    typeof value === 'string' && /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/([!-~]+\/)?[\w+=,.@-]{1,128}$/.test(value),
    'the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess',
  )
  return value
}
