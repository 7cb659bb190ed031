import { createMap } from './json.ts'

/** Which of its two issuers a pool uses, in the words of AWS's `IssuerConfigurationType`, in lower case. */
export type IssuerKind = 'original' | 'updated'

/** An attribute by which a user can be addressed in place of the user name. */
export type AliasAttribute = 'email' | 'phone_number' | 'preferred_username'

/** A group of a user pool. Times are in milliseconds since the epoch. */
export interface GroupState {
  readonly name: string
  readonly description?: string | undefined
  readonly roleArn?: string | undefined
  readonly precedence?: number | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** A user of a user pool. Times are in milliseconds since the epoch. */
export interface UserState {
  readonly username: string
  readonly status: string
  readonly enabled: boolean
  readonly password?: string | undefined
  /** With `sub`. Values are text, as in the directory; booleans are `true` and `false`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** An app client of a user pool. */
export interface ClientState {
  readonly clientId: string
  readonly secret?: string | undefined
  /** The custom scopes that the client may ask for; absent where any will do. */
  readonly scopes?: readonly string[] | undefined
  /** The life of its ID and access tokens, in seconds. */
  readonly expiresIn: number
}

/** A user pool, as plain JSON. */
export interface PoolState {
  readonly userPoolId: string
  readonly region: string
  readonly domain: string
  readonly issuer: IssuerKind
  readonly strictIssuer: boolean
  readonly caseSensitive: boolean
  readonly aliases: readonly AliasAttribute[]
  readonly clients: Record<string, ClientState>
  readonly groups: Record<string, GroupState>
  readonly users: Record<string, UserState>
}

/** Everything that the services of a local world remember, as plain JSON. */
export interface State {
  readonly pools: Record<string, PoolState>
}

/** A world without a pool. */
export function createState(): State {
  return { pools: createMap() }
}
