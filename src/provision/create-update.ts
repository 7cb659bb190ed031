import { checkOptions } from '../internal/options.ts'
import { type ApplyOptions, makeChanges } from './apply/make-changes.ts'
import type { CognisesDefinition } from './definitions/read-definitions.ts'
import { planGroups, type PlanOptions } from './plan/plan-groups.ts'
import type { PlanFinding } from './plan/plan.ts'
import { stateFrom } from './state/state.ts'

/**
 * Creates or updates the groups of a cognises `group_detail` file: for each a role `role_<group>` that signed-in users of the
 * identity pool can take, with the inline policy `<group>_policy`, and a group of the user pool that is linked to it. What is
 * there already is changed where it differs, whatever `created` says; nothing is deleted. Resolves to the same definitions
 * with `created` set. Can be run again at any time, also after a failure.
 *
 * Throws as `planGroups` and `applyPlan` do; findings do not block.
 */
export async function createUpdate<const T extends CognisesDefinition>(
  groupDetail: readonly T[],
  options: CreateUpdateOptions,
): Promise<CreatedGroup<T>[]> {
  checkOptions<CreateUpdateOptions>(
    'createUpdate',
    options,
    [
      'admin',
      'iam',
      'identityPool',
      'accountDetails',
      'adopt',
      'rolePrefix',
      'timeout',
      'signal',
      'onChange',
      'onFinding',
      'onProgress',
    ],
    {
      prune: 'createUpdate deletes nothing: use planGroups and applyPlan.',
      secureIdentityPool: 'createUpdate leaves the identity pool as it is: use planGroups and applyPlan.',
      acceptFindings: 'no finding blocks createUpdate: `onFinding` is told of them.',
    },
  )
  const { onChange: _, onFinding, ...planning } = options
  const plan = await planGroups(groupDetail, planning)
  for (const finding of plan.findings) onFinding?.(finding)
  await makeChanges(plan.changes, stateFrom(plan).roles, options)
  return groupDetail.map((group) => ({ ...group, created: typeof group.created === 'boolean' ? true : 'true' }))
}

/** How groups are created and updated. */
export interface CreateUpdateOptions extends ApplyOptions, Pick<PlanOptions, 'adopt' | 'rolePrefix'> {
  /** Called with each finding before anything is written. Nothing is blocked. */
  readonly onFinding?: ((finding: PlanFinding) => void) | undefined
}

/** A group of a `group_detail` file after its creation: `created` is true, as text where it was text. */
export type CreatedGroup<T extends CognisesDefinition> = Omit<T, 'created'> & { readonly created: true | 'true' }
