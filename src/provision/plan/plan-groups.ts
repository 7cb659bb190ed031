import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { type Definitions, readDefinitions } from '../definitions/read-definitions.ts'
import { checkAcceptFindings, collectFindings, type DraftFinding, addIds } from './findings.ts'
import { planGroupChange, planDeletions, planIdentityPoolChange } from './group-changes.ts'
import { assignAdoptions, checkAdoptions, planRole, RoleConflictError } from './plan-role.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { toDesiredGroups, needsRole, type PlanScope, listTargets } from '../state/desired.ts'
import { checkClients, type ProvisionClients, type ReadOptions, readState } from '../state/read-state.ts'
import { takeSnapshot, findUndefinedGroups, type State } from '../state/state.ts'

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
  const { prune = false, acceptFindings = [], adopt = [], rolePrefix = 'role_', secureIdentityPool = false } = options
  const { admin, identityPool, timeout = 300 } = options
  const { userPoolId } = admin
  const identityPoolId = identityPool?.identityPoolId
  const specs = readDefinitions(definitions)
  checkAcceptFindings(acceptFindings, new Set(specs.map(({ name }) => name)))
  const groupsNeedingRole = specs.filter(needsRole).map(({ name }) => name)
  if (identityPool === undefined && (groupsNeedingRole.length > 0 || secureIdentityPool)) {
    const why =
      groupsNeedingRole.length > 0
        ? `since groups have policies: ${groupsNeedingRole.join(', ')}`
        : 'which `secureIdentityPool` sets'
    throw new ConfigurationError(`identityPool: expected what createIdentityPoolClient returns, ${why}.`)
  }
  const groups = await toDesiredGroups(specs, userPoolId, rolePrefix)
  const scope = { userPoolId, identityPoolId, desired: { groups, rolePrefix, adopt, prune, secureIdentityPool } }
  const state = await readState(options, scope, timeout)
  const { changes, found, unmanaged } = deriveChanges(scope, state)
  const findings = await addIds(found, acceptFindings)
  const { account } = state
  return { version: 2, account, ...scope, snapshot: takeSnapshot(state), changes, findings, unmanaged, acceptFindings }
}

/** How a plan is made. */
export interface PlanOptions extends ProvisionClients, ReadOptions {
  /** Whether groups that are not defined, and roles of ours that no defined group has, are deleted. Default false. */
  readonly prune?: boolean | undefined
  /**
   * Ids of findings that do not block the plan, such as `classic-flow`. An id that depends on what was found, such as
   * `self-access:admin@0123456789abcdef`, is to be copied from the plan: it does not cover a later policy. Default: none.
   */
  readonly acceptFindings?: readonly string[] | undefined
  /**
   * ARNs of roles without our tags that are taken over, each for one group: where several are linked to it, for the one that
   * it is named after, or else the first; the others get roles of their own. Default: none.
   */
  readonly adopt?: readonly string[] | undefined
  /**
   * Whether the plan switches off the identity pool's classic flow and has it choose roles by the token. Default false:
   * both are findings.
   */
  readonly secureIdentityPool?: boolean | undefined
  /** What stands before a group's name in the name of its role. Two pools of one account need two. Default `role_`. */
  readonly rolePrefix?: string | undefined
  /** Seconds that all reading together may take, throttles included. Default 300. */
  readonly timeout?: number | undefined
  /** Ends the reading; its reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

/** What follows from a desired state in a world. */
export interface DerivedChanges extends Pick<GroupPlan, 'changes' | 'unmanaged'> {
  readonly found: readonly DraftFinding[]
}

/**
 * What has to be done in a world to reach the desired state, and what is unsafe then. Throws RoleConflictError where a role
 * that is not ours is in the way, and ConfigurationError for `adopt`.
 */
export function deriveChanges(scope: PlanScope, state: State): DerivedChanges {
  const { desired, userPoolId } = scope
  const targets = listTargets(scope)
  const adopters = assignAdoptions(desired.adopt, targets, state.groups)
  const plans = targets.map((target) => planRole(target, state, adopters))
  const conflicts = plans.flatMap(({ conflict }) => conflict ?? [])
  if (conflicts.length > 0) throw new RoleConflictError(conflicts)
  checkAdoptions(desired.adopt, plans)

  const defined = new Set(targets.map(({ spec }) => spec.name))
  const { unmanagedGroups, providers } = findUndefinedGroups(state.groups.values(), defined, userPoolId)
  const left = [...(desired.prune ? [] : unmanagedGroups), ...providers.filter(({ roleArn }) => roleArn !== undefined)]
  const { identityPool } = state
  const secured = desired.secureIdentityPool && identityPool ? planIdentityPoolChange(identityPool) : undefined
  const changes: PlannedChange[] = [
    ...(secured ? [secured] : []),
    ...plans.flatMap(({ spec, change, link }) => {
      const groupChange = planGroupChange(spec, state.groups.get(spec.name), link)
      return [change, groupChange].filter((item) => item !== undefined)
    }),
    ...(desired.prune ? planDeletions(unmanagedGroups, plans, state, userPoolId) : []),
  ]
  return {
    changes,
    found: collectFindings(plans, left, state, secured !== undefined, scope),
    unmanaged: left.map(({ name, roleArn }) => ({ group: name, roleArn })),
  }
}

/** Throws ConfigurationError, naming the option. */
function checkPlanOptions(options: PlanOptions): void {
  checkOptions<PlanOptions>(
    'planGroups',
    options,
    [
      'admin',
      'iam',
      'identityPool',
      'accountDetails',
      'prune',
      'acceptFindings',
      'adopt',
      'secureIdentityPool',
      'rolePrefix',
      'timeout',
      'signal',
      'onProgress',
    ],
    {
      onChange: 'applyPlan takes it.',
      onFinding: 'the plan holds its findings.',
      groups: 'groups and policies are the first argument.',
      policies: 'groups and policies are the first argument.',
    },
  )
  for (const name of ['prune', 'secureIdentityPool', 'accountDetails'] as const) {
    checkOption(name, options[name], 'true or false', (value) => typeof value === 'boolean')
  }
  for (const name of ['acceptFindings', 'adopt'] as const) {
    checkOption(name, options[name], 'a list of texts', (value) => {
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    })
  }
}

function checkOption(name: string, value: unknown, expected: string, isRight: (value: unknown) => boolean): void {
  if (value !== undefined && !isRight(value)) throw new ConfigurationError(`planGroups: ${name}: expected ${expected}.`)
}
