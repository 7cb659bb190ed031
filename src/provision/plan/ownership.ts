import type { PolicyDocument } from '../../aws/index.ts'
import { CognigateError, ConfigurationError } from '../../errors.ts'
import { printable } from '../../internal/printable.ts'
import { tagValueOf } from '../names.ts'
import type { ObservedRole, SeenGroup, World } from '../state/read-state.ts'
import { needsRole, type RolePlan, type Target, type WantedRole } from './desired.ts'

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

/**
 * ARN of a role to be taken over → the one group that may have it: among those that are linked to it the one that it is
 * named after, or else the first; where none is linked, the one that it is named after.
 */
export function adoptersOf(
  adopt: readonly string[],
  targets: readonly Target[],
  groups: World['groups'],
): ReadonlyMap<string, string> {
  const needy = targets.filter(({ spec }) => needsRole(spec))
  const entries = adopt.flatMap((arn): [string, string][] => {
    const name = roleNameIn(arn)?.toLowerCase()
    const linked = needy.filter(({ spec }) => groups.get(spec.name)?.roleArn === arn)
    const isNamesake = ({ wanted }: Target) => wanted.name.toLowerCase() === name
    const adopter = linked.find(isNamesake) ?? linked[0] ?? needy.find(isNamesake)
    return adopter ? [[arn, adopter.spec.name]] : []
  })
  return new Map(entries)
}

/** Throws ConfigurationError for a role to be taken over that no group takes. */
export function checkAdopted(adopt: readonly string[], plans: readonly RolePlan[]): void {
  for (const arn of adopt) {
    if (plans.some(({ role }) => role?.arn === arn)) continue
    throw new ConfigurationError(
      `adopt: ${arn} becomes the role of no defined group: no group with a policy is linked to it, ` +
        'nor has its name without being linked to another role that is taken over.',
    )
  }
}

/** Which role is a group's: one that is there, one that has to be created and why, or none because of one in the way. */
export type RoleChoice =
  | { readonly role: ObservedRole }
  | { readonly create: string }
  | { readonly conflict: ForeignRole }

/** What the choice is made among. */
export interface RoleCandidates {
  readonly account: string
  /** ARNs of roles that are taken over → the group that each is for. */
  readonly adopters: ReadonlyMap<string, string>
  /** The roles that are there, by name in lower case. */
  readonly roles: ReadonlyMap<string, ObservedRole>
}

/**
 * The role of a group: the one that its `RoleArn` names, if that is ours or adopted; else the one of the wanted name, on
 * the same condition; else a new one, unless the name or the group is taken by a role that is not ours.
 */
export function chooseRole(wanted: WantedRole, group: SeenGroup | undefined, candidates: RoleCandidates): RoleChoice {
  const { account, adopters, roles } = candidates
  const isUsable = (role: ObservedRole) =>
    isOurs(role, wanted.tags) || (adopters.get(role.arn) === wanted.group && !isOfAnother(role, wanted.tags))
  const isOthers = (role: ObservedRole) =>
    (adopters.get(role.arn) ?? wanted.group) !== wanted.group ||
    (isOfAnother(role, wanted.tags) && isOfPool(role, wanted.tags['cognigate:user-pool']))
  const linkedArn = group?.roleArn
  const linked = linkedArn === undefined ? undefined : findByArn(roles, linkedArn)
  if (linked && isUsable(linked)) return { role: linked }
  const named = roles.get(wanted.name.toLowerCase())
  if (named && isUsable(named)) return { role: named }
  const stranger = linked && !isOthers(linked) ? linked : named
  if (stranger) return { conflict: foreignRole(wanted, stranger) }
  if (linkedArn === undefined) return { create: group ? 'the group has no role' : 'the group is new' }
  if (linked) return { create: `the group is linked to ${linkedArn}, the role of another group` }
  if (accountOf(linkedArn) === account) return { create: `role ${linkedArn} is gone` }
  return { conflict: strangersRole(wanted.group, linkedArn) }
}

/** The name of the role that an ARN names, whatever its path; undefined where it names none. */
export function roleNameIn(arn: string): string | undefined {
  return /^arn:[^:]+:iam::\d*:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1]
}

function findByArn(roles: ReadonlyMap<string, ObservedRole>, arn: string): ObservedRole | undefined {
  const role = roles.get(roleNameIn(arn)?.toLowerCase() ?? '')
  return role?.arn === arn ? role : undefined
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4]
}

function strangersRole(group: string, arn: string): ForeignRole {
  const reason =
    "the group is linked to it, and it is another account's; unlink it, or link the group to a role of this account"
  return { group, arn, reason, tags: {}, policies: {}, managedPolicies: [] }
}
