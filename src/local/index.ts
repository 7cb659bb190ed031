export type { CallerRequest, LocalCaller } from './caller.ts'
export type { Fault, FaultOptions } from './faults.ts'
export type { JsonObject } from './json.ts'
export type { KeyUse } from './key-ring.ts'
export type { LocalMessage, LocalPool, LocalSettings, RotationOptions } from './local-pool.ts'
export { createLocalPool, createLocalWorld, type LocalPoolOptions, type LocalWorld } from './local-pool.ts'
export type { LocalFetch, LocalRequest } from './operation.ts'
export type { AuthFlow } from './cognito-idp/clients.ts'
export type { LocalClient } from './options/clients.ts'
export type { CognisesGroup, DefinedGroups, LocalGroup, LocalGroupMap, LocalGroups } from './options/groups.ts'
export type { LocalIdentityPool } from './options/identity-pool.ts'
export type { LocalPasskeys, LocalPasswordPolicy, LocalPoolSettings } from './options/pool.ts'
export type { LocalDevice, LocalUser, LocalUsers, UserStatus } from './options/users.ts'
export type { RandomBytes } from './randomness.ts'
export type { RequestRecord } from './request-log.ts'
export type { SignatureRefusal, SignedRequest, VerifySignature } from './signature.ts'
export type { AliasAttribute, DeviceTracking, IssuerKind, MfaMethod, UsernameAttribute } from './state/index.ts'
export type {
  ClaimOverrides,
  ClientTokenOptions,
  LocalClientTokens,
  LocalTokens,
  SignOptions,
  TokenOptions,
} from './token-issuer.ts'
export type { LocalTriggers, TokenTrigger, Trigger, TriggerEvent } from './triggers.ts'
export type { LocalWorldOptions } from './world.ts'
