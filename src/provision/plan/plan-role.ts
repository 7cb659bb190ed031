import type { PolicyDocument } from '../../aws/index.ts'
import { CognigateError, ConfigurationError } from '../../errors.ts'
import { escapeControlCharacters } from '../../internal/encoding.ts'
import { belongsToAnother, belongsToPool, belongsToGroup, parseRoleName, type RoleTags } from '../names.ts'
import type { RoleChange, RoleCreation } from './plan.ts'
import { planRoleChange, planRoleCreation } from './role-changes.ts'
import { needsRole, type Target, type DesiredRole } from '../state/desired.ts'
import type { RoleState, GroupState, State } from '../state/state.ts'

/** Plans the role of one group. `adopters`: ARN of an adopted role → its group. */
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

/** The plan for the role of one group. */
export interface RolePlan extends Target {
  /** The group's role, if it exists or is adopted. */
  readonly role?: RoleState | undefined
  readonly change?: RoleCreation | RoleChange | undefined
  /** The role to link the group to. Undefined if the group needs none. */
  readonly link?: RoleLink | undefined
  /** The role that a group without a policy is linked to, if it is not its own. */
  readonly unknownRoleArn?: string | undefined
  /** The role that is in the way. */
  readonly conflict?: ForeignRole | undefined
}

/** The role to link a group to: one that exists, or one that the plan creates. */
export interface RoleLink {
  readonly name: string
  readonly arn: string
}

/** If a group has no policy any more, its role stays and loses its policies. */
function planWithoutPolicy(target: Target, { account, groups, roles }: State): RolePlan {
  const group = groups.get(target.spec.name)
  const choice = chooseRole(target.desired, group, { account, adopters: new Map(), roles })
  const role = 'role' in choice ? choice.role : undefined
  const unknownRoleArn = group?.roleArn === role?.arn ? undefined : group?.roleArn
  return { ...target, role, change: role && planRoleChange(role, target.desired), unknownRoleArn }
}

/**
 * Chooses the role of a group: first the role it is linked to, then the role of the desired name, if that belongs to the group
 * or is adopted. Otherwise a new one, unless a role that belongs to nobody known is in the way.
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
  const foreign = linked && !isOthers(linked) ? linked : named
  if (foreign) return { conflict: toForeignRole(desired, foreign) }
  if (linkedArn === undefined) return { create: group ? 'the group has no role' : 'the group is new' }
  if (linked) return { create: `the group is linked to ${linkedArn}, which is the role of another group` }
  if (accountOf(linkedArn) === account) return { create: `role ${linkedArn} does not exist any more` }
  return { conflict: otherAccountsRole(desired.group, linkedArn) }
}

/** A role that exists, the reason to create one, or the role in the way. */
type RoleChoice = { readonly role: RoleState } | { readonly create: string } | { readonly conflict: ForeignRole }

interface RoleCandidates {
  readonly account: string
  /** ARN of an adopted role → its group. */
  readonly adopters: ReadonlyMap<string, string>
  /** The existing roles, by name in lower case. */
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
    'the group is linked to it, and it is in another account; unlink it, or link the group to a role of this account'
  return { group, arn, reason, tags: {}, policies: {}, managedPolicies: [] }
}

/**
 * ARN of a role to adopt → its group: of the groups that are linked to it the one that it is named after, or else the first.
 * If none is linked, the group that it is named after.
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

/** Throws ConfigurationError for a role in `adopt` that becomes the role of no group. */
export function checkAdoptions(adopt: readonly string[], plans: readonly RolePlan[]): void {
  for (const arn of adopt) {
    if (plans.some(({ role }) => role?.arn === arn)) continue
    throw new ConfigurationError(
      `adopt: ${arn} becomes the role of no defined group: no group with a policy is linked to it, ` +
        'and no group of its name is free to take it.',
    )
  }
}

/**
 * Roles that do not belong to their group have its name or are linked to it. Nothing was written. To take a role over, look at its
 * trust policy and policies first, and then add its ARN to `adopt`.
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

/** A role in the place of a group's own. */
export interface ForeignRole {
  readonly group: string
  readonly arn: string
  /** Why it is in the way, and what to do. */
  readonly reason: string
  readonly tags: Readonly<Record<string, string>>
  /** Undefined if the role is in another account and cannot be read. */
  readonly trustPolicy?: PolicyDocument | undefined
  readonly policies: Readonly<Record<string, PolicyDocument>>
  readonly managedPolicies: readonly string[]
}

function toForeignRole({ group, name: desiredName, tags: desiredTags }: ConflictingWish, role: RoleState): ForeignRole {
  const { name, arn, tags, trustPolicy, policies, managedPolicies } = role
  const isOtherCase = name !== desiredName && name.toLowerCase() === desiredName.toLowerCase()
  const reasons = [
    isOtherCase && `IAM ignores case, so its name equals ${desiredName}`,
    belongsToAnother(role, desiredTags)
      ? `its tags say that it belongs to ${formatOwner(tags)}; give one of the pools another \`rolePrefix\`, or remove the tags`
      : "it does not have cognigate's tags; add its ARN to `adopt` to take it over",
  ]
  const reason = reasons.filter(Boolean).join('; ')
  return { group, arn, reason, tags, trustPolicy, policies, managedPolicies }
}

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
