import { type Definitions, readDefinitions } from '../definitions/index.ts'
import { checkCollisions } from '../names/index.ts'
import { adoptersOf, checkAdopted } from './adoption.ts'
import { roleNameIn } from './choose-role.ts'
import { checkAllow, findingsOf } from './findings.ts'
import { fingerprintOf } from './fingerprint.ts'
import { changeGroup } from './group-changes.ts'
import { secureIdentityPool } from './identity-pool-changes.ts'
import { checkClients, type Surroundings } from './observe.ts'
import { RoleConflictError, roleTagsOf } from './ownership.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import type { PlanOptions } from './plan-options.ts'
import { planRole, type Target } from './plan-roles.ts'
import { planDeletions, undefinedGroups } from './pruning.ts'
import { readWorld, type Scope } from './read-world.ts'
import { sharedLimits } from './shared-limits.ts'
import { wantedRoleOf } from './wanted-role.ts'

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
  checkClients(options)
  const { admin, identityPool, prune = false, allow = [], adopt = [], rolePrefix = 'role_', deadline = 300 } = options
  const { userPoolId } = admin
  const { identityPoolId } = identityPool
  const specs = readDefinitions(definitions)
  const defined = new Set(specs.map(({ name }) => name))
  checkAllow(allow, defined)
  await checkCollisions([...defined], rolePrefix)
  const place = { userPoolId, identityPoolId, rolePrefix }
  const targets = await Promise.all(specs.map(async (spec) => ({ spec, wanted: await wantedRoleOf(spec, place) })))

  const undefinedIn = ({ groups }: Surroundings) => undefinedGroups(groups.values(), defined, userPoolId)
  const world = await readWorld(
    options,
    (around) =>
      prune ? pruningScope(targets, around, rolePrefix, undefinedIn(around).strangers) : scopeOf(targets, around),
    sharedLimits(options.iam.seams, deadline, options.signal),
    options.onProgress,
  )
  const adopters = adoptersOf(adopt, targets, world.groups)
  const plans = targets.map((target) => planRole(target, world, adopters))
  const conflicts = plans.flatMap(({ conflict }) => conflict ?? [])
  if (conflicts.length > 0) throw new RoleConflictError(conflicts)
  checkAdopted(adopt, plans)

  const { strangers, providers } = undefinedIn(world)
  const unmanaged = [...(prune ? [] : strangers), ...providers.filter(({ roleArn }) => roleArn !== undefined)]
  const secured = options.secureIdentityPool ? secureIdentityPool(world.identityPool) : undefined
  const poolTag = (await roleTagsOf(userPoolId, '-'))['cognigate:user-pool']
  const changes: PlannedChange[] = [
    ...(secured ? [secured] : []),
    ...plans.flatMap(({ spec, change, link }) => {
      const groupChange = changeGroup(spec, world.groups.get(spec.name), link)
      return [change, groupChange].filter((item) => item !== undefined)
    }),
    ...(prune ? planDeletions(strangers, plans, world, poolTag) : []),
  ]
  const { account, partition } = world
  const access = { userPoolId, identityPoolId, account, partition }
  return {
    version: 1,
    account,
    userPoolId,
    identityPoolId,
    changes,
    findings: findingsOf(plans, world.identityPool, secured !== undefined, access, allow),
    unmanaged: unmanaged.map(({ name, roleArn }) => ({ group: name, roleArn })),
    allow,
    seen: await fingerprintOf(world.sight),
  }
}

/** The defined groups, with the roles that they have or should have. */
function scopeOf(targets: readonly Target[], { groups }: Surroundings): Scope {
  const names = targets.flatMap(({ spec, wanted }) => [wanted.name, linkedName(groups.get(spec.name)?.roleArn)])
  return {
    groups: targets.map(({ spec }) => spec.name),
    roles: names.filter((name) => name !== undefined),
    counted: [],
  }
}

/** Also the groups that would be deleted, and all roles that look like a group's. */
function pruningScope(
  targets: readonly Target[],
  around: Surroundings,
  rolePrefix: string,
  strangers: readonly { readonly name: string; readonly roleArn?: string | undefined }[],
): Scope {
  const { groups, roles } = scopeOf(targets, around)
  const similar = [...around.roleNames].flatMap(([key, name]) => (key.startsWith(rolePrefix.toLowerCase()) ? name : []))
  const linked = strangers.flatMap(({ roleArn }) => linkedName(roleArn) ?? [])
  const names = strangers.map(({ name }) => name)
  return { groups: [...groups, ...names], roles: [...roles, ...similar, ...linked], counted: names }
}

function linkedName(roleArn: string | undefined): string | undefined {
  return roleArn === undefined ? undefined : roleNameIn(roleArn)
}
