import type { CallOptions } from '../../aws/index.ts'
import { checkOptions } from '../../internal/options.ts'
import type { Iam, Role, RoleInput, RoleSettings, Roles } from './iam.ts'
import { createMarkerList } from './marker-list.ts'
import { creationOf, isSameJson, roleOf, tagsOf } from './role.ts'
import { createRolePolicies } from './role-policies.ts'
import { malformed, orNothing, type Write } from './writer.ts'

/** The part of IAM that is about roles. */
export function createRoles(call: Iam['call'], write: Write): Roles {
  const get: Roles['get'] = async (name, options) => {
    const role = roleOf((await call('GetRole', { RoleName: name }, options)).Role)
    if (role === undefined) throw malformed('GetRole')
    return role
  }
  const find: Roles['find'] = (name, options) => orNothing(get(name, options))
  /** Changes a role; took effect where it is so then. */
  const change = async (
    name: string,
    options: CallOptions | undefined,
    send: (limits: CallOptions) => Promise<object | undefined>,
    isSo: (role: Role) => boolean,
  ): Promise<void> => {
    await write(options, send, async (limits) => {
      const role = await find(name, limits)
      return role !== undefined && isSo(role) ? {} : undefined
    })
  }
  return {
    ...createRolePolicies(call, write),
    list: ({ pathPrefix, ...options } = {}) =>
      createMarkerList(
        'ListRoles',
        (position) => call('ListRoles', { PathPrefix: pathPrefix, ...position }, options),
        ({ Roles }) =>
          Roles?.map((wire) => {
            const role = roleOf(wire)
            if (role === undefined) throw malformed('ListRoles')
            return role
          }),
      ),
    get,
    find,
    async create(input, options) {
      checkOptions<RoleInput>('roles.create', input, [
        'name',
        'trustPolicy',
        'path',
        'tags',
        'permissionsBoundary',
        'description',
        'maxSessionDuration',
      ])
      return write(
        options,
        async (limits) => {
          const role = roleOf((await call('CreateRole', creationOf(input), limits)).Role)
          if (role === undefined) throw malformed('CreateRole', 'unknown')
          return role
        },
        async (limits) => {
          const role = await find(input.name, limits)
          return role && isMade(role, input) ? role : undefined
        },
      )
    },
    async delete(name, options) {
      await write(
        options,
        async (limits) => (await orNothing(call('DeleteRole', { RoleName: name }, limits))) ?? {},
        async (limits) => ((await find(name, limits)) ? undefined : {}),
      )
    },
    async update(name, settings, options) {
      checkOptions<RoleSettings>('roles.update', settings, ['description', 'maxSessionDuration'])
      const role = await get(name, options)
      const { description = role.description, maxSessionDuration = role.maxSessionDuration } = settings
      // AWS's documentation has UpdateRole reset what is left out.
      const wire = { RoleName: name, Description: description, MaxSessionDuration: maxSessionDuration }
      await change(
        name,
        options,
        (limits) => call('UpdateRole', wire, limits),
        (found) => found.description === (description || undefined) && found.maxSessionDuration === maxSessionDuration,
      )
    },
    async setTrustPolicy(name, policy, options) {
      const wire = { RoleName: name, PolicyDocument: JSON.stringify(policy) }
      await change(
        name,
        options,
        (limits) => call('UpdateAssumeRolePolicy', wire, limits),
        ({ trustPolicy }) => isSameJson(trustPolicy, policy),
      )
    },
    async setPermissionsBoundary(name, arn, options) {
      await change(
        name,
        options,
        (limits) => {
          return arn === undefined
            ? orNothing(call('DeleteRolePermissionsBoundary', { RoleName: name }, limits))
            : call('PutRolePermissionsBoundary', { RoleName: name, PermissionsBoundary: arn }, limits)
        },
        ({ permissionsBoundary }) => permissionsBoundary === arn,
      )
    },
    async tag(name, tags, options) {
      const wire = { RoleName: name, Tags: tagsOf(tags) }
      if (wire.Tags.length === 0) return
      await change(
        name,
        options,
        (limits) => call('TagRole', wire, limits),
        (role) => wire.Tags.every(({ Key, Value }) => Object.hasOwn(role.tags, Key) && role.tags[Key] === Value),
      )
    },
    async untag(name, keys, options) {
      if (keys.length === 0) return
      await change(
        name,
        options,
        (limits) => call('UntagRole', { RoleName: name, TagKeys: keys }, limits),
        (role) => !keys.some((key) => Object.hasOwn(role.tags, key)),
      )
    },
  }
}

/** Whether a role is just as an input would create it. */
function isMade(role: Role, input: RoleInput): boolean {
  const { path = '/', description, tags = {}, maxSessionDuration = role.maxSessionDuration } = input
  return (
    role.name === input.name &&
    role.path === path &&
    role.description === (description || undefined) &&
    role.permissionsBoundary === input.permissionsBoundary &&
    role.maxSessionDuration === maxSessionDuration &&
    isSameJson(role.tags, tags) &&
    isSameJson(role.trustPolicy, input.trustPolicy)
  )
}
