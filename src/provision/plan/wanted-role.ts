import type { GroupSpec } from '../definitions/index.ts'
import type { PolicyDocument } from '../iam/index.ts'
import { policyNameOf, roleNameOf } from '../names/index.ts'
import { trustPolicyOf } from '../policy/index.ts'
import { type RoleTags, roleTagsOf } from './ownership.ts'

/** The role that a group should have. */
export interface WantedRole {
  readonly group: string
  /** The name that it gets where it is created. */
  readonly name: string
  readonly tags: RoleTags
  readonly trustPolicy: PolicyDocument
  /** The inline policies by name: one, or none where the group has managed policies only. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  readonly managedPolicies: readonly string[]
  readonly permissionsBoundary?: string | undefined
}

/** Where roles are made. */
export interface RolePlace {
  readonly userPoolId: string
  readonly identityPoolId: string
  /** What stands before the group in a role's name. */
  readonly rolePrefix: string
}

/** The role of a defined group. Whether the group needs one is for `needsRole` to say. */
export async function wantedRoleOf(spec: GroupSpec, place: RolePlace): Promise<WantedRole> {
  const { name: group, policy, managedPolicies, permissionsBoundary } = spec
  return {
    group,
    name: await roleNameOf(group, place.rolePrefix),
    tags: await roleTagsOf(place.userPoolId, group),
    trustPolicy: trustPolicyOf(place.identityPoolId),
    policies: policy ? { [await policyNameOf(group)]: policy } : {},
    managedPolicies,
    permissionsBoundary,
  }
}

/** Whether a group may touch anything in AWS, so that it needs a role. */
export function needsRole({ policy, managedPolicies }: GroupSpec): boolean {
  return policy !== undefined || managedPolicies.length > 0
}
