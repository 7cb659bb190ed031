import type {
  AttributeType,
  CallOptions,
  DeliveryMediumType,
  List,
  MessageActionType,
  Operation,
  UserStatusType,
} from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { isTexts } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import type { UserSession } from '../sign-in/index.ts'
import { type Group, toGroup } from './groups.ts'
import { find, type PoolResources, contains, fromWire, toWire, type Wire } from './pool-resources.ts'

/** A user of the pool. */
export interface User {
  /** The name that the pool itself uses, which need not be the alias that the user was asked by. */
  readonly username: string
  /** With `sub`. In lists that ask for some attributes, those only. */
  readonly attributes: Attributes
  readonly enabled: boolean
  readonly status: UserStatusType | undefined
  /** The second factors that are set up. Undefined in lists, where Cognito leaves them out. */
  readonly mfa: Mfa | undefined
  readonly createdAt: Date | undefined
  readonly updatedAt: Date | undefined
}

/** A user's second factors, in Cognito's names: `SOFTWARE_TOKEN_MFA`, `SMS_MFA`, `EMAIL_OTP`. */
export interface Mfa {
  readonly methods: readonly string[]
  readonly preferred: string | undefined
}

/** Converts a user from AdminGetUser or a list. */
export function toUser(wire: Wire, names: AttributeNames): User {
  const { attributes, mFAOptions, mFASettingList = [], preferredMfaSetting: preferred, ...user } = fromWire(wire)
  const mfa = 'UserAttributes' in wire ? { methods: mFASettingList, preferred } : undefined
  // The other members are those of a User as AWS's types have them.
  return { ...user, attributes: names.read(attributes as AttributeType[] | undefined), mfa } as unknown as User
}

/** Which users to list, and which of their attributes. */
export interface UserListOptions {
  /** Applied by Cognito: one condition. Values are quoted, so that none can widen it. */
  readonly filter?: UserFilter | undefined
  /**
   * Applied here, to all users that `filter` lets through: what Cognito cannot search, such as several attributes or
   * custom ones.
   */
  readonly where?: ((user: User) => boolean) | undefined
  /** The attributes to read, by our names; `where` sees no others. Default: all. */
  readonly attributes?: readonly string[] | undefined
}

/** Texts for the pool's Lambda triggers. */
export interface TriggerOptions extends CallOptions {
  readonly clientMetadata?: { readonly [name: string]: string } | undefined
}

/** A user to create. */
export interface UserInput {
  readonly username: string
  readonly attributes?: Attributes | undefined
  /** Default: Cognito generates one. */
  readonly temporaryPassword?: string | undefined
  /** `SUPPRESS`: no invitation is sent; `RESEND`: a further one, to a user that exists already. */
  readonly messageAction?: MessageActionType | undefined
  /** How the invitation is sent. Cognito's default: SMS. */
  readonly desiredDeliveryMediums?: readonly DeliveryMediumType[] | undefined
  /** Takes a verified e-mail address or phone number from the user who has it as an alias. Default false. */
  readonly forceAliasCreation?: boolean | undefined
  /** For the pre-sign-up trigger. */
  readonly validationData?: Attributes | undefined
}

/** How a password is set. */
export interface PasswordOptions extends CallOptions {
  /** Default false: the user has to choose another one at the next sign-in. */
  readonly permanent?: boolean | undefined
}

/**
 * The users of a pool. `username` may be an alias everywhere. Every method throws AwsError. If the response to a write is lost, we
 * check whether it took effect before retrying; a write whose effect cannot be seen throws with outcome `unknown`.
 */
export interface Users {
  /** Throws ConfigurationError for a filter that Cognito does not have (ListUsers). */
  list(list?: UserListOptions, options?: CallOptions): List<User>
  /** Throws `UserNotFoundException` (AdminGetUser). */
  get(username: string, options?: CallOptions): Promise<User>
  /** Throws `UsernameExistsException` (AdminCreateUser). */
  create(input: UserInput, options?: TriggerOptions): Promise<User>
  /** AdminDeleteUser. */
  delete(username: string, options?: CallOptions): Promise<void>
  /** AdminEnableUser. */
  enable(username: string, options?: CallOptions): Promise<void>
  /** Ends sign-ins, not tokens that were issued: see `signOut` (AdminDisableUser). */
  disable(username: string, options?: CallOptions): Promise<void>
  /** Confirms a user who signed up, without a code (AdminConfirmSignUp). */
  confirmSignUp(username: string, options?: TriggerOptions): Promise<void>
  /** If the response is lost, nothing shows whether it took effect (AdminSetUserPassword). */
  setPassword(username: string, password: string, options?: PasswordOptions): Promise<void>
  /** Sends the user a code for a new password. If the response is lost, nothing shows whether it took effect (AdminResetUserPassword). */
  resetPassword(username: string, options?: TriggerOptions): Promise<void>
  /** Sets these attributes and keeps the others (AdminUpdateUserAttributes). */
  updateAttributes(username: string, attributes: Attributes, options?: TriggerOptions): Promise<void>
  /** AdminDeleteUserAttributes. */
  deleteAttributes(username: string, names: readonly string[], options?: CallOptions): Promise<void>
  /** Revokes all tokens of the user. If the response is lost, nothing shows whether it took effect (AdminUserGlobalSignOut). */
  signOut(username: string, options?: CallOptions): Promise<void>
  /** The user's sessions, of pools that track them. */
  readonly sessions: AdminUserSessions
  /** The groups that the user is in (AdminListGroupsForUser). */
  groups(username: string, options?: CallOptions): List<Group>
  /** Adding someone who is a member already is not an error (AdminAddUserToGroup). */
  addToGroup(username: string, group: string, options?: CallOptions): Promise<void>
  /** Removing someone who is not a member is not an error (AdminRemoveUserFromGroup). */
  removeFromGroup(username: string, group: string, options?: CallOptions): Promise<void>
}

/** The sessions of a user. Pools that do not track them answer `OperationNotEnabledException`. */
export interface AdminUserSessions {
  /** Those that are alive; `isCurrent` is always false (AdminListUserSessions). */
  list(username: string, options?: CallOptions): List<UserSession>
  /** Ends a session and its tokens. Tokens that verify offline do so until they expire (AdminRevokeUserSession). */
  revoke(username: string, sessionId: string, options?: RevokeUserSessionOptions): Promise<void>
}

export interface RevokeUserSessionOptions extends CallOptions {
  /** Whether the sessions that belong to it end too. Default false. */
  readonly linked?: boolean | undefined
}

/** The part of the administration that is about users. */
export function createUsers({ send, write, list }: PoolResources, names: AttributeNames): Users {
  const get = async (Username: string, options?: CallOptions) =>
    toUser(await send('AdminGetUser', { Username }, options), names)

  /**
   * A write on a user. `tookEffect` says whether the write took effect, given the user as read afterwards (undefined if there
   * is none). Leave it out for writes that cannot be read back.
   */
  const change = async (
    operation: Operation,
    Username: string,
    input: object,
    options: TriggerOptions | undefined,
    tookEffect?: (user: User | undefined) => boolean,
  ) => {
    const wire = { Username, ...input, ClientMetadata: options?.clientMetadata }
    if (!tookEffect) await send(operation, wire, options)
    else await write(operation, wire, options, async (limits) => tookEffect(await find(get(Username, limits))) && {})
  }

  const on =
    (operation: Operation, tookEffect?: (user: User | undefined) => boolean) =>
    (username: string, options?: TriggerOptions) =>
      change(operation, username, {}, options, tookEffect)

  const groups: Users['groups'] = (Username, options) =>
    list('AdminListGroupsForUser', { Username }, 'Groups', toGroup, options)

  const sessions: AdminUserSessions = {
    list: (Username, options) => list('AdminListUserSessions', { Username }, 'Sessions', toSession, options),
    async revoke(Username, SessionId, given) {
      const { linked, ...options } = given ?? {}
      const input = { Username, SessionId, RevokeAssociatedSessions: linked ? 'LINKED' : 'NONE' }
      await write('AdminRevokeUserSession', input, options, async (limits) => {
        const found = await sessions.list(Username, limits).toArray()
        return !found.some(({ id }) => id === SessionId) && {}
      })
    },
  }

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
      const input = { Filter: filter && formatFilter(filter), AttributesToGet: attributes?.map(names.outward) }
      return list('ListUsers', input, 'Users', (wire) => toUser(wire, names), options, where)
    },
    get,
    async create(given, options) {
      checkOptions<UserInput>('users.create', given, [
        'username',
        'attributes',
        'temporaryPassword',
        'messageAction',
        'desiredDeliveryMediums',
        'forceAliasCreation',
        'validationData',
      ])
      const { attributes, validationData, ...input } = given
      const { username, messageAction } = input
      const lists = { userAttributes: names.write(attributes), validationData: toWireAttributes(validationData) }
      const wire = toWire({ ...input, ...lists, clientMetadata: options?.clientMetadata })
      const answer = await write('AdminCreateUser', wire, options, async (limits) => {
        const User = await find(send('AdminGetUser', { Username: username }, limits))
        const { status, attributes: found } = toUser(User ?? {}, names)
        // It may be somebody else's user of this name. A further invitation cannot be read back either.
        const isOurs = status === 'FORCE_CHANGE_PASSWORD' && contains(found, attributes) && messageAction !== 'RESEND'
        if (User && !isOurs) throw undefined
        return User && { User }
      })
      return toUser(answer['User'] as Wire, names)
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
    async deleteAttributes(username, attributes, options) {
      assertConfig('users.deleteAttributes', isTexts(attributes), 'the names of attributes.')
      const UserAttributeNames = attributes.map(names.outward)
      return change('AdminDeleteUserAttributes', username, { UserAttributeNames }, options, (user) =>
        attributes.every((name) => user && !Object.hasOwn(user.attributes, name)),
      )
    },
    sessions,
    groups,
    addToGroup: setMember(true),
    removeFromGroup: setMember(false),
  }
}

function toSession(wire: Wire): UserSession {
  const { sessionId, sessionType, clientId, createdAt, updatedAt, deviceType, lastIPAddress } = fromWire(wire)
  const when = { createdAt, lastActiveAt: updatedAt }
  const session = { id: sessionId, type: sessionType, clientId, ...when, deviceType, lastIpAddress: lastIPAddress }
  // Answers are not checked against their types.
  return { ...session, isCurrent: false } as UserSession
}

/** A user's attributes by name. Values are text, as in the directory: `'true'` stays a text. */
export type Attributes = { readonly [name: string]: string }

/** Our names of attributes to Cognito's, such as `{ tier: 'custom:tier' }`. Attributes not named keep their names. */
export type AttributeMap = { readonly [name: string]: string }

/** Translates attributes in both directions. */
export interface AttributeNames {
  /** Cognito's name. */
  outward(name: string): string
  write(attributes: Attributes | undefined): AttributeType[] | undefined
  read(attributes: readonly AttributeType[] | undefined): Attributes
}

/** Throws ConfigurationError where two names mean one attribute. */
export function createAttributeNames(map: AttributeMap = {}): AttributeNames {
  const out = new Map(Object.entries(map))
  const back = new Map([...out].map(([name, wire]) => [wire, name]))
  assertConfig('attributeMap', back.size === out.size, 'each attribute of Cognito once.')
  const outward = (name: string) => out.get(name) ?? name
  return {
    outward,
    write: (attributes) => toWireAttributes(attributes, outward),
    read: (attributes = []) => {
      const entries = attributes.map(({ Name, Value = '' }) => [back.get(Name) ?? Name, Value, back.has(Name)] as const)
      // Where an attribute of Cognito's has a name that the map gives to another one, the map wins.
      return Object.fromEntries(entries.sort(([, , a], [, , b]) => +a - +b))
    },
  }
}

/** Attributes as the wire has them. */
export function toWireAttributes(
  attributes: Attributes | undefined,
  rename: (name: string) => string = String,
): AttributeType[] | undefined {
  return attributes && Object.entries(attributes).map(([name, Value]) => ({ Name: rename(name), Value }))
}

/** A text, as a whole or by its beginning. */
export type TextMatch = string | { readonly startsWith: string }

/** What Cognito can search by, beside status and enabled. */
export type SearchableAttribute =
  | 'username'
  | 'sub'
  | 'email'
  | 'phone_number'
  | 'name'
  | 'given_name'
  | 'family_name'
  | 'preferred_username'

interface Conditions extends Record<SearchableAttribute, TextMatch> {
  status: UserStatusType
  enabled: boolean
}

/**
 * One condition that Cognito applies itself (ListUsers), in Cognito's own names. A user name and a `sub` are compared as
 * they are, other texts without regard to case.
 */
export type UserFilter = {
  [K in keyof Conditions]: { readonly [P in K]: Conditions[P] } & {
    readonly [P in Exclude<keyof Conditions, K>]?: undefined
  }
}[keyof Conditions]

/**
 * What ListUsers takes as its `Filter`. A quotation mark in a value cannot end it. Throws ConfigurationError for anything
 * but one condition.
 */
export function formatFilter(filter: UserFilter): string {
  const [[name, match] = [''], ...more] = Object.entries(filter).filter(([, match]) => match !== undefined)
  assertConfig('filter', /^[a-z_]+$/.test(name) && more.length === 0, 'one condition.')
  if (name === 'enabled') return `status = "${match ? 'Enabled' : 'Disabled'}"`
  const [operator, value] = typeof match === 'object' ? ['^=', match.startsWith] : ['=', match]
  return `${name === 'status' ? 'cognito:user_status' : name} ${operator} "${`${value}`.replace(/["\\]/g, '\\$&')}"`
}
