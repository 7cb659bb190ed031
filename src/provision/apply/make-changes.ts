import type { GroupInput } from '../../admin/index.ts'
import { getClock, type IamClient, isAwsError, type Role } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { PlanFailedError, StalePlanError } from './errors.ts'
import { createWorkLimits, type WorkLimits } from '../limits.ts'
import { belongsToGroup } from '../names.ts'
import type {
  GroupChange,
  GroupDeletion,
  IdentityPoolChange,
  PlannedChange,
  RoleChange,
  RoleCreation,
  RoleDeletion,
  RoleEdit,
} from '../plan/plan.ts'
import { planRoleChange, type DeclaredRole } from '../plan/role-changes.ts'
import { canonicalJson } from '../../internal/json.ts'
import { readRole, type ProvisionClients, type ReadOptions } from '../state/read-state.ts'
import type { State } from '../state/state.ts'

/** Does changes without asking whether they may be done. `roles` are those that were seen, by name in lower case. */
export async function makeChanges(
  changes: readonly PlannedChange[],
  roles: State['roles'],
  options: ApplyOptions,
): Promise<readonly PlannedChange[]> {
  const { signal, onChange } = options
  const build = createChanger(options, roles)
  const total = changes.length
  const done: PlannedChange[] = []
  for (const change of changes) {
    onChange?.({ change, state: 'started', done: done.length, total })
    try {
      signal?.throwIfAborted()
      await build(change)
    } catch (cause) {
      throw new PlanFailedError(done, change, { cause })
    }
    done.push(change)
    onChange?.({ change, state: 'done', done: done.length, total })
  }
  return done
}

/** How a plan is applied. */
export interface ApplyOptions extends ProvisionClients, ReadOptions {
  /** Called before and after each change. What it throws ends the work, and is thrown as it is. */
  readonly onChange?: ((progress: ChangeProgress) => void) | undefined
  /** Seconds that looking whether the plan is up to date may take, and then the work, with all waiting. Default 900. */
  readonly timeout?: number | undefined
  /** Ends the work before its next call: PlanFailedError then says what is done. */
  readonly signal?: AbortSignal | undefined
}

/** A change that was begun or is done. */
export interface ChangeProgress {
  readonly change: PlannedChange
  readonly state: 'started' | 'done'
  /** How many changes are done, of all that the plan has. */
  readonly done: number
  readonly total: number
}

/** What does one change. Each can be run again, whatever became of it before. */
type Changer = (change: PlannedChange) => Promise<void>

/** The builder of one plan; `roles` are those that the plan saw. */
function createChanger(options: ApplyOptions, seen: State['roles']): Changer {
  const { admin, iam, identityPool, timeout = 900, signal, onProgress } = options
  const { size } = seen
  const patience = createWorkLimits(getClock(iam), timeout, signal, (waiting) =>
    onProgress?.({ read: size, total: size, waiting }),
  )
  const roles = createRoleChanger(iam, patience, seen)
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
    if (!identityPool) throw new ConfigurationError('identityPool: expected what createIdentityPoolClient returns.')
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

/** Builds roles. */
interface RoleChanger {
  build(change: RoleCreation | RoleChange | RoleDeletion): Promise<void>
  /** The role of this name: the one that was just created, or the one that is there. */
  find(name: string): Promise<Role>
}

/** Does the changes of roles, one call at a time; `seen` are the roles as they were a moment ago, by name in lower case. */
function createRoleChanger(iam: IamClient, patience: WorkLimits, seen: State['roles']): RoleChanger {
  const { roles } = iam
  const created = new Map<string, Role>()
  const get = (name: string) => patience.until(/^NoSuchEntity$/, () => roles.get(name, patience.limits))

  const edit = (name: string, step: RoleEdit) => {
    const { limits } = patience
    switch (step.edit) {
      case 'tag':
        return roles.tag(name, step.tags, limits)
      case 'boundary':
        return roles.setPermissionsBoundary(name, step.arn, limits)
      case 'trust':
        return roles.setTrustPolicy(name, step.policy, limits)
      case 'put':
        return roles.putPolicy(name, step.name, step.policy, limits)
      case 'attach':
        return roles.attach(name, step.arn, limits)
      case 'detach':
        return roles.detach(name, step.arn, limits)
      case 'remove':
        return roles.deletePolicy(name, step.name, limits)
    }
  }

  const editWhenVisible = async (name: string, edits: readonly RoleEdit[]) => {
    for (const step of edits) await patience.until(/^NoSuchEntity$/, () => edit(name, step))
  }

  const create = async (creation: RoleCreation) => {
    const { name, trustPolicy, permissionsBoundary, tags, group, edits } = creation
    const description = `Members of the Cognito group ${plain(group)}`
    try {
      created.set(
        name,
        await roles.create({ name, trustPolicy, permissionsBoundary, tags, description }, patience.limits),
      )
    } catch (error) {
      if (!isAwsError(error) || error.code !== 'EntityAlreadyExists') throw error
      return resumeCreation(creation, error)
    }
    await editWhenVisible(name, edits)
  }

  /** Right before it is written to, it must be the role that was seen, with the tags that say whose it is. */
  const checkOwner = async ({ name, arn }: RoleChange | RoleDeletion) => {
    const before = seen.get(name.toLowerCase())
    const { id, tags, ...role } = await roles.get(name, patience.limits)
    const isSame = before?.arn === arn && role.arn === arn && before.id === id
    if (!isSame || canonicalJson(tags) !== canonicalJson(before.tags)) throw new StalePlanError([`role ${name}`])
  }

  const remove = (name: string) =>
    roles.delete(name, patience.limits).catch((cause: unknown) => {
      if (!isAwsError(cause) || cause.code !== 'DeleteConflict') throw cause
      throw new ConfigurationError(
        `role ${name} is still in use, most likely in an instance profile: find that with \`aws iam ` +
          `list-instance-profiles-for-role --role-name ${name}\`, take the role out with \`aws iam ` +
          `remove-role-from-instance-profile\`, and plan again. AWS says: ${cause.message}`,
        { cause },
      )
    })

  /** A role that was created a moment before it was known, by a run that was cut off, maybe for another plan. */
  const resumeCreation = async (creation: RoleCreation, error: unknown) => {
    const role = await patience.until(/^NoSuchEntity$/, () => readRole(iam, creation.name, patience.limits))
    if (!belongsToGroup(role, creation.tags)) throw error
    created.set(creation.name, role)
    await editWhenVisible(role.name, planRoleChange(role, toDeclaredRole(creation))?.edits ?? [])
  }

  return {
    find: async (name) => created.get(name) ?? get(name),
    async build(change) {
      if (change.action === 'create') return create(change)
      await checkOwner(change)
      for (const step of change.edits) await edit(change.name, step)
      if (change.action === 'delete') await remove(change.name)
    },
  }
}

/** The role as its creation would leave it. */
function toDeclaredRole({ edits, ...creation }: RoleCreation): DeclaredRole {
  const policies = edits.flatMap((step) => (step.edit === 'put' ? [[step.name, step.policy] as const] : []))
  const managedPolicies = edits.flatMap((step) => (step.edit === 'attach' ? step.arn : []))
  return { ...creation, policies: Object.fromEntries(policies), managedPolicies }
}

/** A group's name in a role's description, which takes no other characters than these (CreateRole, Description). */
function plain(group: string): string {
  return group.replace(/[^\u0020-\u007e\u00a1-\u00ff]/g, '?').slice(0, 200)
}
