import { createMap } from '../json.ts'
import type { SavedKeys } from '../key-ring.ts'
import type {
  AccessKeyState,
  IamGroupState,
  IamUserState,
  OidcProviderState,
  PolicyState,
  RoleState,
  SessionCredentialsState,
} from './iam.ts'
import type { IdentityPoolState } from './identity-pools.ts'
import type { PoolState } from './user-pools.ts'

export type * from './iam.ts'
export type * from './identity-pools.ts'
export type * from './user-pools.ts'
export type * from './users.ts'

/** Everything that the services of a local world remember, as plain JSON. */
export interface State {
  readonly pools: Record<string, PoolState>
  /** Signing keys by user pool id, where the state outlives the process. */
  readonly signingKeys: Record<string, SavedKeys>
  /** What the clock was moved by, in milliseconds. */
  readonly clock: { offset: number }
  /** By name in lower case, since IAM ignores case. */
  readonly roles: Record<string, RoleState>
  /** Managed policies of the account, by ARN. */
  readonly policies: Record<string, PolicyState>
  /** IAM users by name in lower case. */
  readonly iamUsers: Record<string, IamUserState>
  /** IAM groups by name in lower case. */
  readonly iamGroups: Record<string, IamGroupState>
  /** Access keys of IAM users, by access key id. */
  readonly accessKeys: Record<string, AccessKeyState>
  /** By ARN. */
  readonly oidcProviders: Record<string, OidcProviderState>
  /** The one alias that the account may have. */
  readonly accountAliases: string[]
  readonly identityPools: Record<string, IdentityPoolState>
  /** Rates that were asked for (UpdateProvisionedLimit), in requests a second, by region and category. */
  readonly provisionedLimits: Record<string, number>
  /** By access key id. */
  readonly sessionCredentials: Record<string, SessionCredentialsState>
}

/** A world without a pool. */
export function createState(): State {
  return {
    pools: createMap(),
    signingKeys: createMap(),
    clock: { offset: 0 },
    roles: createMap(),
    policies: createMap(),
    iamUsers: createMap(),
    iamGroups: createMap(),
    accessKeys: createMap(),
    oidcProviders: createMap(),
    accountAliases: [],
    identityPools: createMap(),
    provisionedLimits: createMap(),
    sessionCredentials: createMap(),
  }
}

/** The AWS account of every local world. */
export function accountId(): string {
  return '123456789012'
}
