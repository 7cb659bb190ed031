import { isSameJson } from '../../../internal/json.ts'
import { checkOptions } from '../../../internal/options.ts'
import type { CallOptions } from '../../client/call.ts'
import { malformed } from '../../client/error.ts'
import type { List } from '../../client/page.ts'
import type { Write } from '../../client/write.ts'
import {
  createMarkerList,
  createRolePolicies,
  parseDocument,
  findOrUndefined,
  type PolicyDocument,
  type RolePolicies,
} from './role-policies.ts'
import type { IamCall, IamInputs, Tag, WireRole } from './wire-types.ts'

/**
 * The roles of an account. Every write can be run again. If the response to a write is lost, we check whether it took effect
 * before retrying. While another call is changing the role, the write waits. Throws AwsError.
 */
export interface Roles extends RolePolicies {
  /** All, or those below a path (ListRoles). */
  list(options?: RoleListOptions): List<Role>
  /** Code `NoSuchEntity` where there is none (GetRole). */
  get(name: string, options?: CallOptions): Promise<Role>
  /** Undefined where there is none (GetRole). */
  find(name: string, options?: CallOptions): Promise<Role | undefined>
  /** Code `EntityAlreadyExists` where there is one of that name, unless this call made it (CreateRole). */
  create(input: RoleInput, options?: CallOptions): Promise<Role>
  /** Nothing where there is none; code `DeleteConflict` while it has policies (DeleteRole). */
  delete(name: string, options?: CallOptions): Promise<void>
  /** Changes settings and keeps the others (GetRole, UpdateRole). */
  update(name: string, settings: RoleSettings, options?: CallOptions): Promise<void>
  /** Replaces it (UpdateAssumeRolePolicy). */
  setTrustPolicy(name: string, policy: PolicyDocument, options?: CallOptions): Promise<void>
  /** Undefined takes it away (PutRolePermissionsBoundary, DeleteRolePermissionsBoundary). */
  setPermissionsBoundary(name: string, arn: string | undefined, options?: CallOptions): Promise<void>
  /** Adds tags, in place of those of the same keys (TagRole). */
  tag(name: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>
  /** Takes tags away (UntagRole). */
  untag(name: string, keys: readonly string[], options?: CallOptions): Promise<void>
}

/** The part of IAM that is about roles. */
export function createRoles(call: IamCall, write: Write): Roles {
  const get: Roles['get'] = async (name, options) => {
    const role = parseRole((await call('GetRole', { RoleName: name }, options)).Role)
    if (role === undefined) throw malformed('GetRole')
    return role
  }
  const find: Roles['find'] = (name, options) => findOrUndefined(get(name, options))
  /** Changes a role; took effect where it is so then. */
  const change = async (
    name: string,
    options: CallOptions | undefined,
    send: (limits: CallOptions) => Promise<object>,
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
            const role = parseRole(wire)
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
          const role = parseRole((await call('CreateRole', toCreateRole(input), limits)).Role)
          if (role === undefined) throw malformed('CreateRole', 'unknown')
          return role
        },
        async (limits) => {
          const role = await find(input.name, limits)
          return role && isAsCreated(role, input) ? role : undefined
        },
      )
    },
    async delete(name, options) {
      await write(
        options,
        async (limits) => (await findOrUndefined(call('DeleteRole', { RoleName: name }, limits))) ?? {},
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
        async (limits) =>
          arn === undefined
            ? ((await findOrUndefined(call('DeleteRolePermissionsBoundary', { RoleName: name }, limits))) ?? {})
            : call('PutRolePermissionsBoundary', { RoleName: name, PermissionsBoundary: arn }, limits),
        ({ permissionsBoundary }) => permissionsBoundary === arn,
      )
    },
    async tag(name, tags, options) {
      const wire = { RoleName: name, Tags: toTags(tags) }
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
function isAsCreated(role: Role, input: RoleInput): boolean {
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

/** A role of IAM. */
export interface Role {
  readonly name: string
  readonly arn: string
  /** Default `/`. */
  readonly path: string
  /** IAM's own id, such as AROA…; a role that is deleted and created again has another one. */
  readonly id: string
  readonly description?: string | undefined
  /** Who may take the role. */
  readonly trustPolicy: PolicyDocument
  /** How long its credentials last at most, in seconds. */
  readonly maxSessionDuration?: number | undefined
  /** The ARN of the policy that nothing granted to the role goes beyond. */
  readonly permissionsBoundary?: string | undefined
  /** None where a list gave the role: ListRoles leaves them out. */
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt?: Date | undefined
}

/** A role to create. */
export interface RoleInput extends Partial<Pick<Role, 'path' | 'tags'>>, RoleSettings {
  /** 1 to 64 of `[\w+=,.@-]`; IAM ignores the case when it compares names. */
  readonly name: string
  readonly trustPolicy: PolicyDocument
  readonly permissionsBoundary?: string | undefined
}

/** What UpdateRole changes. What is not named stays. */
export interface RoleSettings {
  readonly description?: string | undefined
  /** In seconds, 3,600 to 43,200. */
  readonly maxSessionDuration?: number | undefined
}

/** Which roles are listed. */
export interface RoleListOptions extends CallOptions {
  /** Those whose path begins so. Default: all. */
  readonly pathPrefix?: string | undefined
}

/** A role of the wire in our terms; undefined where it is none. */
export function parseRole(wire: WireRole | undefined): Role | undefined {
  const trustPolicy = parseDocument(wire?.AssumeRolePolicyDocument)
  if (!wire?.RoleName || !wire.Arn || trustPolicy === undefined) return undefined
  const { CreateDate: created } = wire
  return {
    name: wire.RoleName,
    arn: wire.Arn,
    path: wire.Path || '/',
    id: wire.RoleId,
    description: wire.Description || undefined,
    trustPolicy,
    maxSessionDuration: wire.MaxSessionDuration,
    permissionsBoundary: wire.PermissionsBoundary?.PermissionsBoundaryArn || undefined,
    tags: Object.fromEntries((wire.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    createdAt: created === undefined ? undefined : new Date(created * 1000),
  }
}

/** What creates a role. */
export function toCreateRole(input: RoleInput): IamInputs['CreateRole'] {
  const { name, trustPolicy, path, description, maxSessionDuration, permissionsBoundary, tags = {} } = input
  const pairs = toTags(tags)
  return {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
    Path: path,
    Description: description,
    MaxSessionDuration: maxSessionDuration,
    PermissionsBoundary: permissionsBoundary,
    Tags: pairs.length > 0 ? pairs : undefined,
  }
}

export function toTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
