import type { PolicyDocument } from '../../aws/index.ts'
import { CognigateError, ConfigurationError } from '../../errors.ts'
import { escapeControlCharacters } from '../../internal/encoding.ts'
import { belongsToAnother, belongsToPool, belongsToGroup, parseRoleName, type RoleTags } from '../names.ts'
import type { RoleChange, RoleCreation } from './plan.ts'
import { planRoleChange, planRoleCreation } from './role-changes.ts'
import { needsRole, type Target, type DesiredRole } from '../state/desired.ts'
import type { RoleState, GroupState, State } from '../state/state.ts'

/** Plans the role of one group; `adopters` are the groups that take over roles, by their ARNs. */
export function planRole(target: Target, state: State, adopters: ReadonlyMap<string, string>): RolePlan {
  const { spec, desired } = target
  const { account, partition, groups, roles } = state
  if (!needsRole(spec)) return planWithoutPolicy(target, state)
  const choice = chooseRole(desired, groups.get(spec.name), { account, adopters, roles })
  if ('conflict' in choice) return { ...target, conflict: choice.conflict }
  if ('create' in choice) {
    const { name } = desired
    const link = { name, arn: `arn:${partition}:iam::${account}:role/${name}` }
    return { ...target, change: planRoleCreation(desired, choice.create), link }
  }
  const { role } = choice
  return { ...target, role, change: planRoleChange(role, desired), link: role }
}

/** What is planned for the role of one group. */
export interface RolePlan extends Target {
  /** The role that is the group's own already, or is adopted. */
  readonly role?: RoleState | undefined
  readonly change?: RoleCreation | RoleChange | undefined
  /** What the group is to be linked to; undefined where the group needs no role. */
  readonly link?: RoleLink | undefined
  /** The ARN of a role that is not the group's own, though the group is linked to it and needs none. */
  readonly unknownRoleArn?: string | undefined
  /** The role in the way. */
  readonly conflict?: ForeignRole | undefined
}

/** The role that a group is to be linked to: one that is there, or one that the plan creates. */
export interface RoleLink {
  readonly name: string
  readonly arn: string
}

/** A role of ours whose group may touch nothing in AWS any more keeps its name and loses what it holds. */
function planWithoutPolicy(target: Target, { account, groups, roles }: State): RolePlan {
  const group = groups.get(target.spec.name)
  const choice = chooseRole(target.desired, group, { account, adopters: new Map(), roles })
  const role = 'role' in choice ? choice.role : undefined
  const unknownRoleArn = group?.roleArn === role?.arn ? undefined : group?.roleArn
  return { ...target, role, change: role && planRoleChange(role, target.desired), unknownRoleArn }
}

/**
 * The role of a group: the one that its `RoleArn` names, if that is ours or adopted; else the one of the wanted name, on
 * the same condition; else a new one, unless the name or the group is taken by a role that is not ours.
 */
function chooseRole(desired: DesiredRole, group: GroupState | undefined, candidates: RoleCandidates): RoleChoice {
  const { account, adopters, roles } = candidates
  const isUsable = (role: RoleState) =>
    belongsToGroup(role, desired.tags) ||
    (adopters.get(role.arn) === desired.group && !belongsToAnother(role, desired.tags))
  const isOthers = (role: RoleState) =>
    (adopters.get(role.arn) ?? desired.group) !== desired.group ||
    (belongsToAnother(role, desired.tags) && belongsToPool(role, desired.tags['cognigate:user-pool']))
  const linkedArn = group?.roleArn
  const linked = linkedArn === undefined ? undefined : findByArn(roles, linkedArn)
  if (linked && isUsable(linked)) return { role: linked }
  const named = roles.get(desired.name.toLowerCase())
  if (named && isUsable(named)) return { role: named }
  const stranger = linked && !isOthers(linked) ? linked : named
  if (stranger) return { conflict: foreignRole(desired, stranger) }
  if (linkedArn === undefined) return { create: group ? 'the group has no role' : 'the group is new' }
  if (linked) return { create: `the group is linked to ${linkedArn}, the role of another group` }
  if (accountOf(linkedArn) === account) return { create: `role ${linkedArn} is gone` }
  return { conflict: otherAccountsRole(desired.group, linkedArn) }
}

/** Which role is a group's: one that is there, one that has to be created and why, or none because of one in the way. */
type RoleChoice = { readonly role: RoleState } | { readonly create: string } | { readonly conflict: ForeignRole }

/** What the choice is made among. */
interface RoleCandidates {
  readonly account: string
  /** ARNs of roles that are taken over → the group that each is for. */
  readonly adopters: ReadonlyMap<string, string>
  /** The roles that are there, by name in lower case. */
  readonly roles: ReadonlyMap<string, RoleState>
}

function findByArn(roles: ReadonlyMap<string, RoleState>, arn: string): RoleState | undefined {
  const role = roles.get(parseRoleName(arn)?.toLowerCase() ?? '')
  return role?.arn === arn ? role : undefined
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4]
}

function otherAccountsRole(group: string, arn: string): ForeignRole {
  const reason =
    "the group is linked to it, and it is another account's; unlink it, or link the group to a role of this account"
  return { group, arn, reason, tags: {}, policies: {}, managedPolicies: [] }
}

/**
 * ARN of a role to be taken over → the one group that may have it: among those that are linked to it the one that it is
 * named after, or else the first; where none is linked, the one that it is named after.
 */
export function assignAdoptions(
  adopt: readonly string[],
  targets: readonly Target[],
  groups: State['groups'],
): ReadonlyMap<string, string> {
  const groupsNeedingRole = targets.filter(({ spec }) => needsRole(spec))
  const entries = adopt.flatMap((arn): [string, string][] => {
    const name = parseRoleName(arn)?.toLowerCase()
    const linked = groupsNeedingRole.filter(({ spec }) => groups.get(spec.name)?.roleArn === arn)
    const isNamesake = ({ desired }: Target) => desired.name.toLowerCase() === name
    const adopter = linked.find(isNamesake) ?? linked[0] ?? groupsNeedingRole.find(isNamesake)
    return adopter ? [[arn, adopter.spec.name]] : []
  })
  return new Map(entries)
}

/** Throws ConfigurationError for a role to be taken over that no group takes. */
export function checkAdoptions(adopt: readonly string[], plans: readonly RolePlan[]): void {
  for (const arn of adopt) {
    if (plans.some(({ role }) => role?.arn === arn)) continue
    throw new ConfigurationError(
      `adopt: ${arn} becomes the role of no defined group: no group with a policy is linked to it, ` +
        'nor has its name without being linked to another role that is taken over.',
    )
  }
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
    super(roles.map(formatConflict).join('\n'))
    this.roles = roles
  }
}

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

/** A role in the way, with what one has to know before taking it over. */
function foreignRole({ group, name: desiredName, tags: desiredTags }: ConflictingWish, role: RoleState): ForeignRole {
  const { name, arn, tags, trustPolicy, policies, managedPolicies } = role
  const isOtherCase = name !== desiredName && name.toLowerCase() === desiredName.toLowerCase()
  const reasons = [
    isOtherCase && `IAM takes its name for ${desiredName}, since it ignores case`,
    belongsToAnother(role, desiredTags)
      ? `its tags say that it belongs to ${formatOwner(tags)}; give one of the pools another \`rolePrefix\`, or take the tags away`
      : 'it has not the tags of cognigate; name its ARN in `adopt` to take it over',
  ]
  const reason = reasons.filter(Boolean).join('; ')
  return { group, arn, reason, tags, trustPolicy, policies, managedPolicies }
}

/** The part of a wanted role that tells it from another. */
interface ConflictingWish {
  readonly group: string
  readonly name: string
  readonly tags: RoleTags
}

function formatOwner(tags: RoleState['tags']): string {
  return `group ${tags['cognigate:group'] ?? '?'} of pool ${tags['cognigate:user-pool'] ?? '?'}`
}

function formatConflict({ group, arn, reason, trustPolicy, policies, managedPolicies }: ForeignRole): string {
  const held = [
    trustPolicy && `trust policy ${JSON.stringify(trustPolicy)}`,
    ...Object.entries(policies).map(([name, policy]) => `inline policy ${name} ${JSON.stringify(policy)}`),
    ...managedPolicies.map((policy) => `managed policy ${policy}`),
  ]
  const lines = [`${arn} is in the way of group ${group}: ${reason}.`, ...held.filter((line) => line !== undefined)]
  return lines.map(escapeControlCharacters).join('\n  ')
}
