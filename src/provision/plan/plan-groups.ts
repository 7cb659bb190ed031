import { ConfigurationError } from '../../errors.ts'
import { type Definitions, readDefinitions } from '../definitions/index.ts'
import { derive } from './derive.ts'
import { desiredGroups, needsRole } from './desired.ts'
import { checkAllow, identify } from './findings.ts'
import { checkClients } from './observe.ts'
import type { GroupPlan } from './plan.ts'
import { checkPlanOptions, type PlanOptions } from './plan-options.ts'
import { readWorld, seenOf } from './world.ts'

/**
 * What would make groups and roles as they are defined. Nothing is written. The state comes from AWS alone: a role is ours
 * if it has this pool's tags, whatever the definitions say of having been created.
 *
 * Throws ConfigurationError for wrong definitions or options, RoleConflictError where a role that is not ours is in the way,
 * and AwsError.
 */
export async function planGroups<G extends string, P extends string, M extends string>(
  definitions: Definitions<G, P, M>,
  options: PlanOptions,
): Promise<GroupPlan> {
  checkPlanOptions(options)
  checkClients(options)
  const { prune = false, allow = [], adopt = [], rolePrefix = 'role_', secureIdentityPool = false } = options
  const { admin, identityPool, deadline = 300 } = options
  const { userPoolId } = admin
  const identityPoolId = identityPool?.identityPoolId
  const specs = readDefinitions(definitions)
  checkAllow(allow, new Set(specs.map(({ name }) => name)))
  const needy = specs.filter(needsRole).map(({ name }) => name)
  if (identityPool === undefined && (needy.length > 0 || secureIdentityPool)) {
    const why = needy.length > 0 ? `since groups have policies: ${needy.join(', ')}` : 'which `secureIdentityPool` sets'
    throw new ConfigurationError(`identityPool: expected what createIdentityPool returns, ${why}.`)
  }
  const groups = await desiredGroups(specs, userPoolId, rolePrefix)
  const subject = { userPoolId, identityPoolId, desired: { groups, rolePrefix, adopt, prune, secureIdentityPool } }
  const world = await readWorld(options, subject, deadline)
  const { changes, found, unmanaged } = derive(subject, world)
  const findings = await identify(found, allow)
  const { account } = world
  return { version: 2, account, ...subject, seen: seenOf(world), changes, findings, unmanaged, allow }
}
