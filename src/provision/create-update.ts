import { checkOptions } from '../internal/options.ts'
import { type ApplyOptions, makeChanges } from './apply/make-changes.ts'
import type { CognisesDefinition } from './definitions/read-definitions.ts'
import { planGroups, type PlanOptions } from './plan/plan-groups.ts'
import type { PlanFinding } from './plan/plan.ts'
import { stateFrom } from './state/state.ts'

/**
 * Creates or updates the groups of a cognises `group_detail` file. Each group with a policy gets a role `role_<group>` that
 * signed-in users of the identity pool can assume, with the inline policy `<group>_policy`, and is linked to it. What exists
 * is updated if it differs, whatever `created` says. Nothing is deleted. Resolves to the same definitions with `created`
 * set. It can be run again at any time, also after a failure.
 *
 * @example
 * ```ts
 * const updated = await createUpdate(groupDetail, { ...clients, onFinding: ({ message }) => console.warn(message) })
 * ```
 *
 * @throws what `planGroups` and `applyPlan` throw, except that findings do not block
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
      prune: 'createUpdate deletes nothing; use planGroups and applyPlan.',
      secureIdentityPool: 'createUpdate does not change the identity pool; use planGroups and applyPlan.',
      acceptFindings: 'findings do not block createUpdate; `onFinding` is called with them.',
      allow: 'findings do not block createUpdate; `onFinding` is called with them.',
      deadline: 'it is called "timeout".',
    },
  )
  const { onChange: _, onFinding, ...planning } = options
  const plan = await planGroups(groupDetail, planning)
  for (const finding of plan.findings) onFinding?.(finding)
  await makeChanges(plan.changes, stateFrom(plan).roles, options)
  return groupDetail.map((group) => ({ ...group, created: typeof group.created === 'boolean' ? true : 'true' }))
}

/** Options of `createUpdate`. */
export interface CreateUpdateOptions extends ApplyOptions, Pick<PlanOptions, 'adopt' | 'rolePrefix'> {
  /** Called with each finding before anything is written. Findings do not block. */
  readonly onFinding?: ((finding: PlanFinding) => void) | undefined
}

/** A group of a `group_detail` file, created: `created` is true, or `'true'` if it was a string before. */
export type CreatedGroup<T extends CognisesDefinition> = Omit<T, 'created'> & { readonly created: true | 'true' }
