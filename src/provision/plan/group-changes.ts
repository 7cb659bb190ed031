import type { GroupSpec } from '../definitions/index.ts'
import type { GroupChange, GroupSettings } from './plan.ts'
import type { SeenGroup } from './world.ts'

/** The role that a group is to be linked to: one that is there, or one that the plan creates. */
export interface RoleLink {
  readonly name: string
  readonly arn: string
}

/** What makes a group of the pool the defined one; undefined where it is already. What is not defined stays as it is. */
export function changeGroup(
  { name, description, precedence }: GroupSpec,
  group: SeenGroup | undefined,
  link: RoleLink | undefined,
): GroupChange | undefined {
  if (group === undefined) {
    const set = { description, precedence, role: link?.name }
    return { kind: 'group', action: 'create', group: name, reasons: ['the pool has no such group'], set }
  }
  const set: { -readonly [K in keyof GroupSettings]: GroupSettings[K] } = {}
  const reasons: string[] = []
  // An empty one may come back as none.
  if (description !== undefined && description !== (group.description ?? '')) {
    set.description = description
    reasons.push('the description differs')
  }
  if (precedence !== undefined && precedence !== group.precedence) {
    set.precedence = precedence
    reasons.push(`precedence: ${group.precedence ?? 'not set'} → ${precedence}`)
  }
  if (link !== undefined && link.arn !== group.roleArn) {
    set.role = link.name
    reasons.push(`the group is linked to ${group.roleArn ?? 'no role'}, not to ${link.arn}`)
  }
  return reasons.length > 0 ? { kind: 'group', action: 'change', group: name, reasons, set } : undefined
}
