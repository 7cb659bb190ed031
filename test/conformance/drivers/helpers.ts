import type { Attributes, Group, Operation, PoolAdmin, User, UserFilter } from '../../../src/admin/index.ts'

/** The input of a command, as far as the scenario's commands have it. */
interface Input {
  readonly GroupName?: string
  readonly Description?: string
  readonly Precedence?: number
  readonly Username?: string
  readonly UserAttributes?: readonly { readonly Name: string; readonly Value: string }[]
  readonly UserAttributeNames?: readonly string[]
  readonly MessageAction?: 'SUPPRESS'
  readonly Password?: string
  readonly Permanent?: boolean
  readonly Filter?: string
  readonly Limit?: number
  readonly ClientId?: string
  readonly ProviderName?: string
}

/** Gives what the command answers, translated back; undefined where the helper does not do what is asked. */
type Helper = (admin: PoolAdmin, input: Input) => Promise<object> | undefined

/** The updates of groups, app clients and identity providers are not among them: ours keep what they do not name. */
export const helpers: Partial<Record<Operation, Helper>> = {
  ListGroups: async ({ groups }) => ({ Groups: (await groups.list().toArray()).map(wireGroup) }),
  GetGroup: async ({ groups }, { GroupName = '' }) => ({ Group: wireGroup(await groups.get(GroupName)) }),
  CreateGroup: async ({ groups }, { GroupName: name = '', Description: description, Precedence: precedence }) => ({
    Group: wireGroup(await groups.create({ name, description, precedence })),
  }),
  DeleteGroup: ({ groups }, { GroupName = '' }) => done(groups.delete(GroupName)),
  ListUsersInGroup: async ({ groups }, { GroupName = '' }) => ({
    Users: (await groups.members(GroupName).toArray()).map(wireUser),
  }),
  ListUsers({ users }, { Filter, Limit }) {
    const filter = Filter === undefined ? undefined : filterOf(Filter)
    if (Limit !== undefined || (Filter && !filter)) return undefined
    return users
      .list({ filter })
      .toArray()
      .then((found) => ({ Users: found.map(wireUser) }))
  },
  AdminGetUser: async ({ users }, { Username = '' }) => wireUser(await users.get(Username)),
  AdminCreateUser: async ({ users }, { Username: username = '', MessageAction: messageAction, UserAttributes }) => ({
    User: wireUser(await users.create({ username, messageAction, attributes: recordOf(UserAttributes) })),
  }),
  AdminDeleteUser: ({ users }, { Username = '' }) => done(users.delete(Username)),
  AdminEnableUser: ({ users }, { Username = '' }) => done(users.enable(Username)),
  AdminDisableUser: ({ users }, { Username = '' }) => done(users.disable(Username)),
  AdminConfirmSignUp: ({ users }, { Username = '' }) => done(users.confirmSignUp(Username)),
  AdminSetUserPassword: ({ users }, { Username = '', Password = '', Permanent: permanent }) =>
    done(users.setPassword(Username, Password, { permanent })),
  AdminResetUserPassword: ({ users }, { Username = '' }) => done(users.resetPassword(Username)),
  AdminUserGlobalSignOut: ({ users }, { Username = '' }) => done(users.signOut(Username)),
  AdminUpdateUserAttributes: ({ users }, { Username = '', UserAttributes }) =>
    done(users.updateAttributes(Username, recordOf(UserAttributes))),
  AdminDeleteUserAttributes: ({ users }, { Username = '', UserAttributeNames = [] }) =>
    done(users.deleteAttributes(Username, UserAttributeNames)),
  AdminListGroupsForUser: async ({ users }, { Username = '' }) => ({
    Groups: (await users.groups(Username).toArray()).map(wireGroup),
  }),
  AdminAddUserToGroup: ({ users }, { Username = '', GroupName = '' }) => done(users.addToGroup(Username, GroupName)),
  AdminRemoveUserFromGroup: ({ users }, { Username = '', GroupName = '' }) =>
    done(users.removeFromGroup(Username, GroupName)),
  async DescribeUserPoolClient({ clients }, { ClientId = '' }) {
    const client = await clients.describe(ClientId)
    return { UserPoolClient: capitalized(client) }
  },
  async DescribeIdentityProvider({ identityProviders }, { ProviderName = '' }) {
    const { name, type, details, attributeMapping } = await identityProviders.describe(ProviderName)
    return {
      IdentityProvider: {
        ProviderName: name,
        ProviderType: type,
        ProviderDetails: details,
        AttributeMapping: attributeMapping,
      },
    }
  },
}

const done = async (helper: Promise<void>) => {
  await helper
  return {}
}

function wireGroup({ name, description, precedence }: Group): object {
  return { GroupName: name, Description: description, Precedence: precedence }
}

function wireUser({ username, enabled, status, attributes }: User): object {
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
  return { Username: username, Enabled: enabled, UserStatus: status, UserAttributes }
}

function capitalized(ours: object): object {
  return Object.fromEntries(Object.entries(ours).map(([name, value]) => [name.replace(/^./, upper), value]))
}

const upper = (letter: string) => letter.toUpperCase()

function recordOf(list: Input['UserAttributes'] = []): Attributes {
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]))
}

/** What a filter says, in our terms; undefined where it is none that ours could be. */
function filterOf(text: string): UserFilter | undefined {
  const [, name = '', sign, quoted = ''] = /^([a-z_]+) (=|\^=) ("(?:[^"\\]|\\.)*")$/.exec(text) ?? []
  if (sign === undefined) return undefined
  const value: string = JSON.parse(quoted)
  if (name === 'status') return { enabled: value === 'Enabled' }
  // The scenario's own names are ones that can be searched.
  const filter: object = { [name]: sign === '=' ? value : { startsWith: value } }
  return filter as UserFilter
}
