import { CognigateError } from '../../errors.ts'
import { tagValueOf } from '../names/index.ts'
import type { PolicyDocument } from '../iam/index.ts'
import type { ObservedRole } from './observe.ts'
import { printable } from '../../internal/printable.ts'

/** The tags by which a role is known as that of a group of a pool. */
export type RoleTags = { readonly [K in 'cognigate:user-pool' | 'cognigate:group']: string }

/** A role that stands where a group's own should, and is not known to be ours. */
export interface ForeignRole {
  readonly group: string
  readonly arn: string
  /** Why it is in the way, and whether `adopt` is a way out. */
  readonly reason: string
  readonly tags: Readonly<Record<string, string>>
  /** Undefined where the role cannot be read, being another account's. */
  readonly trustPolicy?: PolicyDocument | undefined
  readonly policies: Readonly<Record<string, PolicyDocument>>
  readonly managedPolicies: readonly string[]
}

/**
 * Roles that are not ours stand where roles of groups should. Nothing was written. Where a role may be taken over, name its
 * ARN in `adopt` after a look at its trust and policies.
 */
export class RoleConflictError extends CognigateError {
  override readonly name = 'RoleConflictError'
  readonly code = 'ROLE_CONFLICT'
  readonly roles: readonly ForeignRole[]

  constructor(roles: readonly ForeignRole[]) {
    super(roles.map(wordConflict).join('\n'))
    this.roles = roles
  }
}

/** The tags of a group's role. */
export async function roleTagsOf(userPoolId: string, group: string): Promise<RoleTags> {
  return { 'cognigate:user-pool': await tagValueOf(userPoolId), 'cognigate:group': await tagValueOf(group) }
}

/** Whether a role is that of this group of this pool, which only its tags can say. */
export function isOurs({ tags }: Pick<ObservedRole, 'tags'>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value)
}

/** Whether its tags say that a role is that of another group or of another pool: then it cannot be adopted. */
export function isOfAnother({ tags }: ObservedRole, wanted: RoleTags): boolean {
  return Object.entries(wanted).some(([key, value]) => tags[key] !== undefined && tags[key] !== value)
}

/** Whether its tags say that a role is that of some group of this pool. */
export function isOfPool({ tags }: Pick<ObservedRole, 'tags'>, userPoolId: string): boolean {
  // A pool's id is a tag's value as it is.
  return tags['cognigate:user-pool'] === userPoolId
}

/** A role in the way, with what one has to know before taking it over. */
export function foreignRole(
  { group, name: wantedName, tags: wantedTags }: ConflictingWish,
  role: ObservedRole,
): ForeignRole {
  const { name, arn, tags, trustPolicy, policies, managedPolicies } = role
  const isOtherCase = name !== wantedName && name.toLowerCase() === wantedName.toLowerCase()
  const reasons = [
    isOtherCase && `IAM takes its name for ${wantedName}, since it ignores case`,
    isOfAnother(role, wantedTags)
      ? `its tags say that it belongs to ${ownerIn(tags)}; give one of the pools another \`rolePrefix\`, or take the tags away`
      : 'it has not the tags of cognigate; name its ARN in `adopt` to take it over',
  ]
  const reason = reasons.filter(Boolean).join('; ')
  return { group, arn, reason, tags, trustPolicy, policies, managedPolicies }
}

/** The part of a wanted role that tells it from another. */
export interface ConflictingWish {
  readonly group: string
  readonly name: string
  readonly tags: RoleTags
}

function ownerIn(tags: ObservedRole['tags']): string {
  return `group ${tags['cognigate:group'] ?? '?'} of pool ${tags['cognigate:user-pool'] ?? '?'}`
}

function wordConflict({ group, arn, reason, trustPolicy, policies, managedPolicies }: ForeignRole): string {
  const held = [
    trustPolicy && `trust policy ${JSON.stringify(trustPolicy)}`,
    ...Object.entries(policies).map(([name, policy]) => `inline policy ${name} ${JSON.stringify(policy)}`),
    ...managedPolicies.map((policy) => `managed policy ${policy}`),
  ]
  const lines = [`${arn} is in the way of group ${group}: ${reason}.`, ...held.filter((line) => line !== undefined)]
  return lines.map(printable).join('\n  ')
}
