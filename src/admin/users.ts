import type { CallOptions, DeliveryMediumType, List, MessageActionType } from '../aws/index.ts'
import type { Attributes } from './attributes.ts'
import type { Group } from './groups.ts'
import type { User } from './user.ts'
import type { UserFilter } from './user-filter.ts'

/** Which users a list has, and what of them. */
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

/** A user to be. */
export interface UserInput {
  readonly username: string
  readonly attributes?: Attributes | undefined
  /** Default: Cognito makes one up. */
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
 * The users of a pool. `username` may be an alias everywhere. Every method throws AwsError. Writes whose answer was lost
 * are checked before they are sent again; those that leave no trace to check throw with outcome `unknown`.
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
  /** Leaves no trace to check (AdminSetUserPassword). */
  setPassword(username: string, password: string, options?: PasswordOptions): Promise<void>
  /** Sends the user a code for a new password. Leaves no certain trace (AdminResetUserPassword). */
  resetPassword(username: string, options?: TriggerOptions): Promise<void>
  /** Sets these attributes and keeps the others (AdminUpdateUserAttributes). */
  updateAttributes(username: string, attributes: Attributes, options?: TriggerOptions): Promise<void>
  /** AdminDeleteUserAttributes. */
  deleteAttributes(username: string, names: readonly string[], options?: CallOptions): Promise<void>
  /** Revokes all tokens of the user. Leaves no trace to check (AdminUserGlobalSignOut). */
  signOut(username: string, options?: CallOptions): Promise<void>
  /** The groups that the user is in (AdminListGroupsForUser). */
  groups(username: string, options?: CallOptions): List<Group>
  /** A member already is no error (AdminAddUserToGroup). */
  addToGroup(username: string, group: string, options?: CallOptions): Promise<void>
  /** A stranger is no error (AdminRemoveUserFromGroup). */
  removeFromGroup(username: string, group: string, options?: CallOptions): Promise<void>
}
