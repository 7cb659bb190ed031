import type { CallOptions, Operation } from '../aws/index.ts'
import { type AttributeNames, listOf } from './attributes.ts'
import { groupOf } from './groups.ts'
import { doneIf, find, type Operator } from './operator.ts'
import { type User, userOf } from './user.ts'
import { isOwn, meets, passes, wordFilter } from './user-filter.ts'
import type { TriggerOptions, Users } from './users.ts'
import { contains, toWire, type Wire } from './wire.ts'

/** The part of the administration that is about users. */
export function createUsers({ send, write, list }: Operator, names: AttributeNames): Users {
  const get = async (Username: string, options?: CallOptions) =>
    userOf(await send('AdminGetUser', { Username }, options), names)

  /** A write on a user, who afterwards has to look like `looks` says; undefined is no such user. */
  const change = async (
    operation: Operation,
    Username: string,
    input: object,
    options: TriggerOptions | undefined,
    looks: (user: User | undefined) => boolean,
  ) => {
    await write(operation, { Username, ...input, ClientMetadata: options?.clientMetadata }, options, async (limits) =>
      doneIf(looks(await find(get(Username, limits)))),
    )
  }

  /** A write on a user that leaves no trace to look for. */
  const act = async (operation: Operation, Username: string, input: object, options: TriggerOptions | undefined) => {
    await send(operation, { Username, ...input, ClientMetadata: options?.clientMetadata }, options)
  }

  const groups: Users['groups'] = (Username, options) =>
    list('AdminListGroupsForUser', { Username }, 'Groups', groupOf, options)

  const setMember = async (isMember: boolean, Username: string, GroupName: string, options?: CallOptions) => {
    const operation = isMember ? 'AdminAddUserToGroup' : 'AdminRemoveUserFromGroup'
    await write(operation, { Username, GroupName }, options, async (limits) => {
      const found = await groups(Username, limits).toArray()
      return doneIf(found.some(({ name }) => name === GroupName) === isMember)
    })
  }

  return {
    list({ filter, where = {}, attributes } = {}, options) {
      const Filter = filter && wordFilter(filter)
      const wanted = attributes && [...attributes, ...Object.keys(where.attributes ?? {})].map(names.outward)
      const needed = Object.keys(filter ?? {}).filter((name) => !isOwn(name))
      const AttributesToGet = wanted && [...new Set([...wanted, ...needed])]
      const pick = (wire: Wire) => {
        const user = userOf(wire, names)
        return passes(user, filter ?? {}, names.inward) && meets(user, where) ? user : undefined
      }
      return list('ListUsers', { Filter, AttributesToGet }, 'Users', pick, options)
    },
    get,
    async create({ attributes, validationData, ...input }, options) {
      const { username, messageAction } = input
      const { clientMetadata } = options ?? {}
      const lists = { userAttributes: names.write(attributes), validationData: listOf(validationData) }
      const wire = toWire({ ...input, ...lists, clientMetadata })
      const answer = await write('AdminCreateUser', wire, options, async (limits) => {
        const User = await find(send('AdminGetUser', { Username: username }, limits))
        const { status, attributes: found } = userOf(User ?? {}, names)
        // Somebody else's user of this name, or a further invitation, which leaves no trace: nobody can tell.
        const isOurs = status === 'FORCE_CHANGE_PASSWORD' && contains(found, attributes) && messageAction !== 'RESEND'
        if (User && !isOurs) throw undefined
        return User && { User }
      })
      return userOf(answer['User'] as Wire, names)
    },
    delete: (username, options) => change('AdminDeleteUser', username, {}, options, (user) => !user),
    enable: (username, options) => change('AdminEnableUser', username, {}, options, (user) => user?.enabled === true),
    disable: (username, options) =>
      change('AdminDisableUser', username, {}, options, (user) => user?.enabled === false),
    confirmSignUp: (username, options) =>
      change('AdminConfirmSignUp', username, {}, options, (user) => user?.status === 'CONFIRMED'),
    setPassword: (username, Password, options) =>
      act('AdminSetUserPassword', username, { Password, Permanent: options?.permanent ?? false }, options),
    resetPassword: (username, options) => act('AdminResetUserPassword', username, {}, options),
    updateAttributes: (username, attributes, options) =>
      change('AdminUpdateUserAttributes', username, { UserAttributes: names.write(attributes) }, options, (user) =>
        contains(user?.attributes, attributes),
      ),
    deleteAttributes(username, attributes, options) {
      const UserAttributeNames = attributes.map(names.outward)
      return change('AdminDeleteUserAttributes', username, { UserAttributeNames }, options, (user) =>
        attributes.every((name) => user && !Object.hasOwn(user.attributes, name)),
      )
    },
    signOut: (username, options) => act('AdminUserGlobalSignOut', username, {}, options),
    groups,
    addToGroup: (username, group, options) => setMember(true, username, group, options),
    removeFromGroup: (username, group, options) => setMember(false, username, group, options),
  }
}
