import { ConfigurationError } from '../../errors.ts'
import { roleNameIn } from './choose-role.ts'
import { needsRole, type Target } from './desired.ts'
import type { RolePlan } from './plan-roles.ts'
import type { World } from './world.ts'

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
