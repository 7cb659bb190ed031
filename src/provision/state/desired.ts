import type { PolicyDocument } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { type GroupSpec, readDefinitions } from '../definitions/read-definitions.ts'
import { checkRoleNames, toPolicyName, toRoleName, type RoleTags, toRoleTags } from '../names.ts'
import { createTrustPolicy } from '../policy/documents.ts'
import { canonicalJson } from '../../internal/json.ts'

/** What a plan is for: the pools and the desired state. */
export interface PlanScope {
  readonly userPoolId: string
  /** Undefined if the plan needs no identity pool. */
  readonly identityPoolId?: string | undefined
  readonly desired: DesiredState
}

/** The state to reach: the definitions and the options of `planGroups`. */
export interface DesiredState {
  readonly groups: readonly DesiredGroup[]
  readonly rolePrefix: string
  /** ARNs of roles to take over. */
  readonly adopt: readonly string[]
  readonly prune: boolean
  readonly secureIdentityPool: boolean
}

/** A defined group, with the name and tags of its role. */
export interface DesiredGroup extends GroupSpec {
  readonly role: {
    readonly name: string
    /** The name of the inline policy. */
    readonly policyName: string
    readonly tags: RoleTags
  }
}

/** Adds the names and tags of the roles. Throws ConfigurationError if two roles would have the same name. */
export async function toDesiredGroups(
  specs: readonly GroupSpec[],
  userPoolId: string,
  rolePrefix: string,
): Promise<DesiredGroup[]> {
  await checkRoleNames(
    specs.map(({ name }) => name),
    rolePrefix,
  )
  return Promise.all(
    specs.map(async (spec) => ({
      ...spec,
      role: {
        name: await toRoleName(spec.name, rolePrefix),
        policyName: await toPolicyName(spec.name),
        tags: await toRoleTags(userPoolId, spec.name),
      },
    })),
  )
}

/** The role that a group should have. */
export interface DesiredRole {
  readonly group: string
  /** The name that it gets when it is created. */
  readonly name: string
  readonly tags: RoleTags
  /** Undefined without an identity pool, and then no group needs a role. */
  readonly trustPolicy: PolicyDocument | undefined
  /** The inline policies by name: one, or none if the group has only managed policies. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  readonly managedPolicies: readonly string[]
  readonly permissionsBoundary?: string | undefined
}

/** A defined group with the role that it should have. */
export interface Target {
  readonly spec: GroupSpec
  readonly desired: DesiredRole
}

/** The groups of a plan, each with the role that it should have. */
export function listTargets({ identityPoolId, desired }: PlanScope): Target[] {
  const trustPolicy = identityPoolId === undefined ? undefined : createTrustPolicy(identityPoolId)
  return desired.groups.map(({ role, ...spec }) => {
    const { name: group, policy, managedPolicies, permissionsBoundary } = spec
    const policies = policy ? { [role.policyName]: policy } : {}
    return {
      spec,
      desired: { group, name: role.name, tags: role.tags, trustPolicy, policies, managedPolicies, permissionsBoundary },
    }
  })
}

/** Whether a group needs a role: it has a policy of its own or managed ones. */
export function needsRole({ policy, managedPolicies }: GroupSpec): boolean {
  return policy !== undefined || managedPolicies.length > 0
}

/**
 * Throws ConfigurationError unless `planGroups` could have made this desired state: groups are checked as definitions are, and
 * names and tags of roles must follow from them.
 */
export async function checkDesired({ userPoolId, identityPoolId, desired }: PlanScope): Promise<void> {
  const { groups, rolePrefix, adopt, prune, secureIdentityPool } = desired
  const isWhole =
    typeof rolePrefix === 'string' &&
    [prune, secureIdentityPool].every((flag) => typeof flag === 'boolean') &&
    Array.isArray(adopt) &&
    adopt.every((arn) => typeof arn === 'string')
  const byName = <T>(read: (group: DesiredGroup) => T): Record<string, T> =>
    Object.fromEntries(groups.map((group) => [group.name, read(group)]))
  const specs = readDefinitions({
    groups: byName(({ description, precedence }) => ({ description, precedence })),
    policies: byName(({ policy }) => policy),
    managedPolicies: byName(({ managedPolicies }) => managedPolicies),
    permissionsBoundary: byName(({ permissionsBoundary }) => permissionsBoundary),
  })
  const made = await toDesiredGroups(specs, userPoolId, rolePrefix)
  const sorted = (list: readonly DesiredGroup[]) => list.map((group) => canonicalJson(group)).sort()
  const again: DesiredState = { ...desired, groups: made }
  const isSame = canonicalJson(sorted(again.groups)) === canonicalJson(sorted(groups))
  if (isWhole && isSame && !(identityPoolId === undefined && specs.some(needsRole))) return
  throw new ConfigurationError(
    'planGroups does not make such a desired state, for instance because a role has not the name that follows from its group',
  )
}
