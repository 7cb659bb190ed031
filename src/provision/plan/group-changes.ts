import type { GroupSpec } from '../definitions/index.ts'
import type { ObservedIdentityPool, SeenGroup } from '../state/read-state.ts'
import type { GroupChange, GroupSettings, IdentityPoolChange } from './plan.ts'

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

/** The change that makes a group's role the group's alone, as far as a change can; undefined where there is none to make. */
export function secureIdentityPool(identityPool: ObservedIdentityPool): IdentityPoolChange | undefined {
  const { classicFlow } = identityPool
  const mapByToken = openProviders(identityPool)
  if (!classicFlow && mapByToken.length === 0) return undefined
  const reasons = [
    ...(classicFlow ? ['the classic flow is allowed'] : []),
    ...mapByToken.map((provider) => `the role is not chosen by the token for ${provider}`),
  ]
  return { kind: 'identity-pool', action: 'change', reasons, disableClassicFlow: classicFlow, mapByToken }
}

/** The user pool's providers whose tokens do not choose the role. */
export function openProviders({ providers, mappedByToken }: ObservedIdentityPool): string[] {
  return providers.filter((provider) => !mappedByToken.includes(provider))
}
