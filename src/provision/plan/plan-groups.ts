import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { type Definitions, readDefinitions } from '../definitions/read-definitions.ts'
import { deriveChanges } from './derive-changes.ts'
import { addIds, checkAcceptFindings } from './findings.ts'
import type { GroupPlan } from './plan.ts'
import { needsRole, toDesiredGroups } from '../state/desired.ts'
import { checkClients, type ProvisionClients, type ReadOptions, readState } from '../state/read-state.ts'
import { takeSnapshot } from '../state/state.ts'

/**
 * Plans the changes that make the groups of the user pool and their IAM roles match the definitions. Nothing is written.
 * The state comes from AWS alone: a role belongs to a group if its tags name this pool and this group. What the definitions
 * say under `created` is ignored.
 *
 * @example
 * ```ts
 * const clients = {
 *   admin: createPoolAdmin({ userPoolId, credentials }),
 *   iam: createIamClient({ credentials }),
 *   identityPool: createIdentityPoolClient({ identityPoolId, credentials }),
 * }
 * const plan = await planGroups(definitions, { ...clients, secureIdentityPool: true })
 * console.log(describePlan(plan))
 * await applyPlan(plan, clients)
 * ```
 *
 * @throws ConfigurationError for wrong definitions or options
 * @throws RoleConflictError if a role that does not belong to the group has its name or is linked to it
 * @throws AwsError if AWS refuses a call, or time runs out
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
        ? `since these groups have policies: ${groupsNeedingRole.join(', ')}`
        : 'since `secureIdentityPool` changes it'
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

/** Options of `planGroups`. */
export interface PlanOptions extends ProvisionClients, ReadOptions {
  /** Whether to delete groups that are not defined, and this pool's roles that no defined group has. Default false. */
  readonly prune?: boolean | undefined
  /**
   * Ids of findings that may stay, such as `classic-flow`. Copy an id with a digest, such as
   * `self-access:admin@0123456789abcdef`, from the plan: it covers this policy, and no later one. Default: none.
   */
  readonly acceptFindings?: readonly string[] | undefined
  /**
   * ARNs of roles without cognigate's tags to take over. Each becomes the role of one group. If several groups are linked to
   * it, that is the group it is named after, or else the first; the others get roles of their own. Default: none.
   */
  readonly adopt?: readonly string[] | undefined
  /**
   * Whether to switch off the identity pool's classic flow and have it choose roles by the token. If false, each of the two
   * is a finding. Default false.
   */
  readonly secureIdentityPool?: boolean | undefined
  /**
   * The beginning of the roles' names; the group's name follows. Two pools in one account need different ones. At most 24
   * characters. Default `role_`.
   */
  readonly rolePrefix?: string | undefined
  /** How many seconds all reading together may take, including waits for throttles. Default 300. */
  readonly timeout?: number | undefined
  /** Stops the reading. The signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

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
      onChange: 'it is an option of applyPlan.',
      allow: 'it is called "acceptFindings".',
      deadline: 'it is called "timeout".',
      onFinding: 'the plan has its findings in `findings`.',
      groups: 'groups and policies are the first argument.',
      policies: 'groups and policies are the first argument.',
    },
  )
  for (const name of ['prune', 'secureIdentityPool', 'accountDetails'] as const) {
    checkOption(name, options[name], 'true or false', (value) => typeof value === 'boolean')
  }
  for (const name of ['acceptFindings', 'adopt'] as const) {
    checkOption(name, options[name], 'a list of strings', (value) => {
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    })
  }
}

function checkOption(name: string, value: unknown, expected: string, isRight: (value: unknown) => boolean): void {
  if (value !== undefined && !isRight(value)) throw new ConfigurationError(`planGroups: ${name}: expected ${expected}.`)
}
