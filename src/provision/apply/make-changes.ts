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

/** Makes changes, one after the other, without checking them. `roles`: what was read, by name in lower case. */
export async function makeChanges(
  changes: readonly PlannedChange[],
  roles: State['roles'],
  options: ApplyOptions,
): Promise<readonly PlannedChange[]> {
  const { signal, onChange } = options
  const makeChange = createChanger(options, roles)
  const total = changes.length
  const done: PlannedChange[] = []
  for (const change of changes) {
    onChange?.({ change, state: 'started', done: done.length, total })
    try {
      signal?.throwIfAborted()
      await makeChange(change)
    } catch (cause) {
      throw new PlanFailedError(done, change, { cause })
    }
    done.push(change)
    onChange?.({ change, state: 'done', done: done.length, total })
  }
  return done
}

/** Options of `applyPlan`. */
export interface ApplyOptions extends ProvisionClients, ReadOptions {
  /** Called before and after each change. If it throws, the work ends with that error. */
  readonly onChange?: ((progress: ChangeProgress) => void) | undefined
  /** How many seconds the check of the plan may take, and after it the work, including all waits. Default 900. */
  readonly timeout?: number | undefined
  /** Stops the work before its next call. PlanFailedError then says what was done. */
  readonly signal?: AbortSignal | undefined
}

/** A change that has started or is done. */
export interface ChangeProgress {
  readonly change: PlannedChange
  readonly state: 'started' | 'done'
  /** How many changes are done. */
  readonly done: number
  /** How many changes the plan has. */
  readonly total: number
}

/** Makes one change. Each can be made again, whatever became of it before. */
type Changer = (change: PlannedChange) => Promise<void>

function createChanger(options: ApplyOptions, knownRoles: State['roles']): Changer {
  const { admin, iam, identityPool, timeout = 900, signal, onProgress } = options
  const { size } = knownRoles
  const limits = createWorkLimits(getClock(iam), timeout, signal, (waiting) => {
    onProgress?.({ read: size, total: size, waiting })
  })
  const { call } = limits
  const roles = createRoleChanger(iam, limits, knownRoles)

  /** Cognito refuses a role that it does not know yet. No clock shows how new a role is. */
  const saveGroup = async ({ action, group, set }: GroupChange) => {
    const { role: roleName, ...settings } = set
    const role = roleName === undefined ? undefined : await roles.find(roleName)
    const input = { name: group, ...settings, ...(role && { roleArn: role.arn }) }
    const save = () => (action === 'create' ? createOrUpdate(input) : update(input))
    await (role ? limits.waitForConsistency(/^Invalid/, save) : save())
  }
  const update = ({ name, ...changes }: GroupInput) => admin.groups.update(name, changes, call)
  const createOrUpdate = (input: GroupInput) =>
    admin.groups.create(input, call).catch((error: unknown) => {
      if (isAwsError(error) && error.code === 'GroupExistsException') return update(input)
      throw error
    })

  const deleteGroup = ({ group }: GroupDeletion) =>
    admin.groups.delete(group, call).catch((error: unknown) => {
      if (!isAwsError(error) || error.code !== 'ResourceNotFoundException') throw error
    })

  const secure = async ({ disableClassicFlow, mapByToken }: IdentityPoolChange) => {
    if (!identityPool) throw new ConfigurationError('identityPool: expected what createIdentityPoolClient returns.')
    for (const provider of mapByToken) {
      await identityPool.setRoleMapping(provider, { type: 'Token', ambiguousRoleResolution: 'Deny' }, call)
    }
    if (disableClassicFlow) await identityPool.update({ allowClassicFlow: false }, call)
  }

  return (change) => {
    if (change.kind === 'identity-pool') return secure(change)
    if (change.kind === 'role') return roles.make(change)
    return change.action === 'delete' ? deleteGroup(change) : saveGroup(change)
  }
}

/** Creates, changes and deletes roles. */
interface RoleChanger {
  make(change: RoleCreation | RoleChange | RoleDeletion): Promise<void>
  /** The role of this name: one that was just created, or one that exists. */
  find(name: string): Promise<Role>
}

/** `knownRoles`: the roles as they were read a moment ago, by name in lower case. */
function createRoleChanger(iam: IamClient, limits: WorkLimits, knownRoles: State['roles']): RoleChanger {
  const { roles } = iam
  const created = new Map<string, Role>()
  const get = (name: string) => limits.waitForConsistency(/^NoSuchEntity$/, () => roles.get(name, limits.call))

  const edit = (name: string, step: RoleEdit) => {
    switch (step.edit) {
      case 'tag':
        return roles.tag(name, step.tags, limits.call)
      case 'boundary':
        return roles.setPermissionsBoundary(name, step.arn, limits.call)
      case 'trust':
        return roles.setTrustPolicy(name, step.policy, limits.call)
      case 'put':
        return roles.putPolicy(name, step.name, step.policy, limits.call)
      case 'attach':
        return roles.attach(name, step.arn, limits.call)
      case 'detach':
        return roles.detach(name, step.arn, limits.call)
      case 'remove':
        return roles.deletePolicy(name, step.name, limits.call)
    }
  }

  const editWhenVisible = async (name: string, edits: readonly RoleEdit[]) => {
    for (const step of edits) await limits.waitForConsistency(/^NoSuchEntity$/, () => edit(name, step))
  }

  const create = async (creation: RoleCreation) => {
    const { name, trustPolicy, permissionsBoundary, tags, group, edits } = creation
    const description = `Members of the Cognito group ${toDescriptionText(group)}`
    try {
      created.set(name, await roles.create({ name, trustPolicy, permissionsBoundary, tags, description }, limits.call))
    } catch (error) {
      if (!isAwsError(error) || error.code !== 'EntityAlreadyExists') throw error
      return resumeCreation(creation, error)
    }
    await editWhenVisible(name, edits)
  }

  /** Right before the first write, it must still be the role that was read, with the same tags. */
  const checkOwner = async ({ name, arn }: RoleChange | RoleDeletion) => {
    const before = knownRoles.get(name.toLowerCase())
    const { id, tags, ...role } = await roles.get(name, limits.call)
    const isSame = before?.arn === arn && role.arn === arn && before.id === id
    if (!isSame || canonicalJson(tags) !== canonicalJson(before.tags)) throw new StalePlanError([`role ${name}`])
  }

  const remove = (name: string) =>
    roles.delete(name, limits.call).catch((cause: unknown) => {
      if (!isAwsError(cause) || cause.code !== 'DeleteConflict') throw cause
      throw new ConfigurationError(
        `role ${name} is still in use, most likely by an instance profile. Find it with \`aws iam ` +
          `list-instance-profiles-for-role --role-name ${name}\`, remove the role from it with \`aws iam ` +
          `remove-role-from-instance-profile\`, and plan again. AWS says: ${cause.message}`,
        { cause },
      )
    })

  /** Goes on with a role that an interrupted run created, perhaps for another plan. */
  const resumeCreation = async (creation: RoleCreation, error: unknown) => {
    const role = await limits.waitForConsistency(/^NoSuchEntity$/, () => readRole(iam, creation.name, limits.call))
    if (!belongsToGroup(role, creation.tags)) throw error
    created.set(creation.name, role)
    await editWhenVisible(role.name, planRoleChange(role, toDeclaredRole(creation))?.edits ?? [])
  }

  return {
    find: async (name) => created.get(name) ?? get(name),
    async make(change) {
      if (change.action === 'create') return create(change)
      await checkOwner(change)
      for (const step of change.edits) await edit(change.name, step)
      if (change.action === 'delete') await remove(change.name)
    },
  }
}

/** The role that the creation describes. */
function toDeclaredRole({ edits, ...creation }: RoleCreation): DeclaredRole {
  const policies = edits.flatMap((step) => (step.edit === 'put' ? [[step.name, step.policy] as const] : []))
  const managedPolicies = edits.flatMap((step) => (step.edit === 'attach' ? step.arn : []))
  return { ...creation, policies: Object.fromEntries(policies), managedPolicies }
}

/** A group's name as part of a role's description, which allows only these characters (CreateRole, Description). */
function toDescriptionText(group: string): string {
  return group.replace(/[^\u0020-\u007e\u00a1-\u00ff]/g, '?').slice(0, 200)
}
