import type { ObservedRole } from './observe.ts'
import type { WantedRole } from './desired.ts'
import { type ForeignRole, foreignRole, isOfAnother, isOfPool, isOurs } from './ownership.ts'
import type { SeenGroup } from './world.ts'

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
