import type { CallOptions, Operation } from '../aws/index.ts'
import { checkOptions } from '../internal/options.ts'
import { type AttributeNames, listOf } from './attributes.ts'
import { groupOf } from './groups.ts'
import { find, type Operator } from './operator.ts'
import { type User, userOf } from './user.ts'
import { wordFilter } from './user-filter.ts'
import type { TriggerOptions, UserInput, UserListOptions, Users } from './users.ts'
import { contains, toWire, type Wire } from './wire.ts'

/** The part of the administration that is about users. */
export function createUsers({ send, write, list }: Operator, names: AttributeNames): Users {
  const get = async (Username: string, options?: CallOptions) =>
    userOf(await send('AdminGetUser', { Username }, options), names)

  /**
   * A write on a user, who afterwards has to look like `looks` says; undefined is no such user. Without `looks` it leaves
   * no trace to look for.
   */
  const change = async (
    operation: Operation,
    Username: string,
    input: object,
    options: TriggerOptions | undefined,
    looks?: (user: User | undefined) => boolean,
  ) => {
    const wire = { Username, ...input, ClientMetadata: options?.clientMetadata }
    if (!looks) await send(operation, wire, options)
    else await write(operation, wire, options, async (limits) => looks(await find(get(Username, limits))) && {})
  }

  const on =
    (operation: Operation, looks?: (user: User | undefined) => boolean) =>
    (username: string, options?: TriggerOptions) =>
      change(operation, username, {}, options, looks)

  const groups: Users['groups'] = (Username, options) =>
    list('AdminListGroupsForUser', { Username }, 'Groups', groupOf, options)

  const setMember = (isMember: boolean) => async (Username: string, GroupName: string, options?: CallOptions) => {
    const operation = isMember ? 'AdminAddUserToGroup' : 'AdminRemoveUserFromGroup'
    await write(operation, { Username, GroupName }, options, async (limits) => {
      const found = await groups(Username, limits).toArray()
      return found.some(({ name }) => name === GroupName) === isMember && {}
    })
  }

  return {
    list(given = {}, options) {
      checkOptions<UserListOptions>('users.list', given, ['filter', 'where', 'attributes'])
      const { filter, where, attributes } = given
      const input = { Filter: filter && wordFilter(filter), AttributesToGet: attributes?.map(names.outward) }
      return list('ListUsers', input, 'Users', (wire) => userOf(wire, names), options, where)
    },
    get,
    async create(given, options) {
      checkOptions<UserInput>('users.create', given, [
        ...(['username', 'attributes', 'temporaryPassword', 'messageAction', 'desiredDeliveryMediums'] as const),
        ...(['forceAliasCreation', 'validationData'] as const),
      ])
      const { attributes, validationData, ...input } = given
      const { username, messageAction } = input
      const lists = { userAttributes: names.write(attributes), validationData: listOf(validationData) }
      const wire = toWire({ ...input, ...lists, clientMetadata: options?.clientMetadata })
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
    delete: on('AdminDeleteUser', (user) => !user),
    enable: on('AdminEnableUser', (user) => user?.enabled === true),
    disable: on('AdminDisableUser', (user) => user?.enabled === false),
    confirmSignUp: on('AdminConfirmSignUp', (user) => user?.status === 'CONFIRMED'),
    resetPassword: on('AdminResetUserPassword'),
    signOut: on('AdminUserGlobalSignOut'),
    setPassword: (username, Password, options) =>
      change('AdminSetUserPassword', username, { Password, Permanent: options?.permanent ?? false }, options),
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
    groups,
    addToGroup: setMember(true),
    removeFromGroup: setMember(false),
  }
}
