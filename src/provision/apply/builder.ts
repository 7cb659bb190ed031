import type { GroupInput } from '../../admin/index.ts'
import { isAwsError } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { GroupChange, GroupDeletion, IdentityPoolChange, PlannedChange } from '../plan/plan.ts'
import type { World } from '../plan/world.ts'
import type { ApplyOptions } from './apply-options.ts'
import { createPatience } from './patience.ts'
import { createRoleBuilder } from './role-builder.ts'

/** What does one change. Each can be run again, whatever became of it before. */
export type Builder = (change: PlannedChange) => Promise<void>

/** The builder of one plan; `roles` are those that the plan saw. */
export function createBuilder(options: ApplyOptions, seen: World['roles']): Builder {
  const { admin, iam, identityPool, deadline = 900, signal, onProgress } = options
  const { size } = seen
  const patience = createPatience(iam.seams, deadline, signal, (waiting) =>
    onProgress?.({ read: size, total: size, waiting }),
  )
  const roles = createRoleBuilder(iam, patience, seen)
  const { limits } = patience

  /** Cognito refuses a group with a role that it does not know yet. By no clock can one tell how young a role is. */
  const buildGroup = async ({ action, group, set }: GroupChange) => {
    const { role: roleName, ...settings } = set
    const role = roleName === undefined ? undefined : await roles.find(roleName)
    const input = { name: group, ...settings, ...(role && { roleArn: role.arn }) }
    const save = () => (action === 'create' ? createOrUpdate(input) : update(input))
    await (role ? patience.until(/^Invalid/, save) : save())
  }
  const update = ({ name, ...changes }: GroupInput) => admin.groups.update(name, changes, limits)
  const createOrUpdate = (input: GroupInput) =>
    admin.groups.create(input, limits).catch((error: unknown) => {
      if (isAwsError(error) && error.code === 'GroupExistsException') return update(input)
      throw error
    })

  const deleteGroup = ({ group }: GroupDeletion) =>
    admin.groups.delete(group, limits).catch((error: unknown) => {
      if (!isAwsError(error) || error.code !== 'ResourceNotFoundException') throw error
    })

  const secure = async ({ disableClassicFlow, mapByToken }: IdentityPoolChange) => {
    if (!identityPool) throw new ConfigurationError('identityPool: expected what createIdentityPool returns.')
    for (const provider of mapByToken) {
      await identityPool.setRoleMapping(provider, { type: 'Token', ambiguousRoleResolution: 'Deny' }, limits)
    }
    if (disableClassicFlow) await identityPool.update({ allowClassicFlow: false }, limits)
  }

  return (change) => {
    if (change.kind === 'identity-pool') return secure(change)
    if (change.kind === 'role') return roles.build(change)
    return change.action === 'delete' ? deleteGroup(change) : buildGroup(change)
  }
}
