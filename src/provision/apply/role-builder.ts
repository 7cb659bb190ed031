import { isAwsError } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Iam, Role } from '../iam/index.ts'
import { observeRole } from '../plan/observe.ts'
import { isOurs } from '../plan/ownership.ts'
import type { RoleChange, RoleCreation, RoleDeletion, RoleEdit } from '../plan/plan.ts'
import { changeRole } from '../plan/role-changes.ts'
import type { DeclaredRole } from '../plan/role-steps.ts'
import type { World } from '../plan/world.ts'
import { canonicalJson } from '../policy/index.ts'
import { PlanOutdatedError } from './apply-errors.ts'
import type { Patience } from './patience.ts'

/** Builds roles. */
export interface RoleBuilder {
  build(change: RoleCreation | RoleChange | RoleDeletion): Promise<void>
  /** The role of this name: the one that was just created, or the one that is there. */
  find(name: string): Promise<Role>
}

/** Does the changes of roles, one call at a time; `seen` are the roles as they were a moment ago, by name in lower case. */
export function createRoleBuilder(iam: Iam, patience: Patience, seen: World['roles']): RoleBuilder {
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

  const editYoung = async (name: string, edits: readonly RoleEdit[]) => {
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
      return takeUp(creation, error)
    }
    await editYoung(name, edits)
  }

  /** Right before it is written to, it must be the role that was seen, with the tags that say whose it is. */
  const checkOwner = async ({ name, arn }: RoleChange | RoleDeletion) => {
    const before = seen.get(name.toLowerCase())
    const { id, tags, ...role } = await roles.get(name, patience.limits)
    const isSame = before?.arn === arn && role.arn === arn && before.id === id
    if (!isSame || canonicalJson(tags) !== canonicalJson(before.tags)) throw new PlanOutdatedError([`role ${name}`])
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
  const takeUp = async (creation: RoleCreation, error: unknown) => {
    const role = await patience.until(/^NoSuchEntity$/, () => observeRole(iam, creation.name, patience.limits))
    if (!isOurs(role, creation.tags)) throw error
    created.set(creation.name, role)
    await editYoung(role.name, changeRole(role, declaredBy(creation))?.edits ?? [])
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
function declaredBy({ edits, ...creation }: RoleCreation): DeclaredRole {
  const policies = edits.flatMap((step) => (step.edit === 'put' ? [[step.name, step.policy] as const] : []))
  const managedPolicies = edits.flatMap((step) => (step.edit === 'attach' ? step.arn : []))
  return { ...creation, policies: Object.fromEntries(policies), managedPolicies }
}

/** A group's name in a role's description, which takes no other characters than these (CreateRole, Description). */
function plain(group: string): string {
  return group.replace(/[^\u0020-\u007e\u00a1-\u00ff]/g, '?').slice(0, 200)
}
