import { isAwsError } from '../../aws/index.ts'
import type { Iam, Role } from '../iam/index.ts'
import type { RoleChange, RoleCreation, RoleDeletion, RoleEdit } from '../plan/plan.ts'
import type { Patience } from './patience.ts'

/** Builds roles. */
export interface RoleBuilder {
  build(change: RoleCreation | RoleChange | RoleDeletion): Promise<void>
  /** The role of this name: the one that was just created, or the one that is there. */
  find(name: string): Promise<Role>
  /** Whether it created the role of this name: it is young then, whatever the clocks of AWS and of this machine say. */
  isNew(name: string): boolean
}

/** Does the changes of roles, one call at a time. */
export function createRoleBuilder({ roles }: Iam, patience: Patience): RoleBuilder {
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

  const create = async ({ name, trustPolicy, permissionsBoundary, tags, group, edits }: RoleCreation) => {
    const input = {
      name,
      trustPolicy,
      permissionsBoundary,
      tags,
      description: `Members of the Cognito group ${plain(group)}`,
    }
    const role = await roles.create(input, patience.limits).catch(async (error: unknown) => {
      if (!isAwsError(error) || error.code !== 'EntityAlreadyExists') throw error
      return takeUp(await get(name), input, error)
    })
    created.set(name, role)
    for (const step of edits) await patience.until(/^NoSuchEntity$/, () => edit(name, step))
  }

  /** A role that was created a moment before it was known, by a run that was cut off. */
  const takeUp = async (
    role: Role,
    wanted: Pick<RoleCreation, 'trustPolicy' | 'permissionsBoundary' | 'tags'>,
    error: unknown,
  ) => {
    if (Object.entries(wanted.tags).some(([key, value]) => role.tags[key] !== value)) throw error
    if (role.permissionsBoundary !== wanted.permissionsBoundary) {
      await edit(role.name, { edit: 'boundary', arn: wanted.permissionsBoundary })
    }
    await edit(role.name, { edit: 'trust', policy: wanted.trustPolicy })
    return role
  }

  return {
    find: async (name) => created.get(name) ?? get(name),
    isNew: (name) => created.has(name),
    async build(change) {
      if (change.action === 'create') return create(change)
      for (const step of change.edits) await edit(change.name, step)
      if (change.action === 'delete') await roles.delete(change.name, patience.limits)
    },
  }
}

/** A group's name in a role's description, which takes no other characters than these (CreateRole, Description). */
function plain(group: string): string {
  return group.replace(/[^\u0020-\u007e\u00a1-\u00ff]/g, '?').slice(0, 200)
}
