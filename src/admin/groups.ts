import type { CallOptions, List } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { createResource, find, type PoolResources, fromWire, toWire, type Wire } from './pool-resources.ts'
import type { User } from './users.ts'

/** A group of the pool. */
export interface Group {
  readonly name: string
  readonly description?: string | undefined
  /** The IAM role that identity pools choose for its members. */
  readonly roleArn?: string | undefined
  /** Chooses among the roles of a user's groups; the lowest number is the strongest. */
  readonly precedence?: number | undefined
  readonly createdAt?: Date | undefined
  readonly updatedAt?: Date | undefined
}

/**
 * Changes to a group. Undefined keeps a value, null removes it. A description is removed by sending an empty text. UpdateGroup
 * has no value for "no role" or "no precedence", so they are left out of the request. If the group still has them afterwards, as
 * on emulators, `update` throws ConfigurationError after changing the rest: delete the group and create it without them.
 */
export interface GroupChanges {
  readonly description?: string | null | undefined
  readonly roleArn?: string | null | undefined
  readonly precedence?: number | null | undefined
}

/** A group to create. */
export interface GroupInput {
  readonly description?: string | undefined
  readonly roleArn?: string | undefined
  readonly precedence?: number | undefined
  /** 1 to 128 code points: letters, marks, symbols, numbers, punctuation; no spaces. */
  readonly name: string
}

/** The groups of a pool. Every method throws AwsError. */
export interface PoolGroups {
  /** All groups (ListGroups). */
  list(options?: CallOptions): List<Group>
  /** Throws `ResourceNotFoundException` if there is no such group (GetGroup). */
  get(name: string, options?: CallOptions): Promise<Group>
  /** Throws `GroupExistsException` (CreateGroup). */
  create(input: GroupInput, options?: CallOptions): Promise<Group>
  /** Changes what you name and keeps the rest (GetGroup, UpdateGroup). */
  update(name: string, changes: GroupChanges, options?: CallOptions): Promise<Group>
  /** Deletes it with its memberships (DeleteGroup). */
  delete(name: string, options?: CallOptions): Promise<void>
  /** The users in the group (ListUsersInGroup). */
  members(name: string, options?: CallOptions): List<User>
}

/** The part of the administration that is about groups. */
export function createGroups(resources: PoolResources, toUser: (wire: Wire) => User): PoolGroups {
  const { read, get, save } = createResource<Group>(resources, 'GetGroup', 'GroupName', 'Group')
  const { list, write } = resources
  const names = ['description', 'roleArn', 'precedence'] as const
  return {
    list: (options) => list('ListGroups', {}, 'Groups', toGroup, options),
    get,
    async create(input, options) {
      checkOptions<GroupInput>('groups.create', input, ['name', ...names])
      return save('CreateGroup', toWire(input, { name: 'GroupName' }), options)
    },
    async update(name, changes, options) {
      checkOptions<GroupChanges>('groups.update', changes, names)
      const { Description, RoleArn, Precedence } = await read(name, options)
      const input = { GroupName: name, Description, RoleArn, Precedence, ...toWire(changes) }
      if (changes.description === null) input.Description = ''
      // Without null, for which AWS has no meaning.
      const group = await save(
        'UpdateGroup',
        JSON.parse(JSON.stringify(input, (_, value) => value ?? undefined)),
        options,
      )
      const kept = names.slice(1).find((member) => changes[member] === null && (group[member] ?? null) !== null)
      if (kept) throw new ConfigurationError(`${kept}: AWS has kept it. Delete the group and create it without.`)
      return group
    },
    async delete(name, options) {
      await write(
        'DeleteGroup',
        { GroupName: name },
        options,
        async (limits) => !(await find(read(name, limits))) && {},
      )
    },
    members: (name, options) => list('ListUsersInGroup', { GroupName: name }, 'Users', toUser, options),
  }
}

/** Converts a group from the wire. */
export function toGroup(wire: Wire): Group {
  return fromWire(wire) as unknown as Group
}
