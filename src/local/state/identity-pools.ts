import type { JsonObject } from '../json.ts'

/** A user pool's app client that an identity pool trusts, as in `CognitoIdentityProvider`. */
export interface IdentityProviderState {
  readonly providerName: string
  readonly clientId: string
  readonly serverSideTokenCheck: boolean
}

/** An identity of an identity pool. Times are in milliseconds since the epoch. */
export interface IdentityState {
  /** The user's sub by provider; nothing for an identity without a login. */
  readonly logins: Readonly<Record<string, string>>
  /** Names that the developer's own provider has for the user. */
  readonly developerUsers?: readonly string[] | undefined
  /** Whether the last login was taken away, or another identity took its place: then nobody gets at it any more. */
  readonly isDisabled?: boolean | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** Which claims of a login become session tags. */
export interface PrincipalTagsState {
  readonly useDefaults: boolean
  /** Names of claims by tag. */
  readonly tags: Readonly<Record<string, string>>
}

/** An identity pool. Role mappings are in AWS's own shape, by provider. */
export interface IdentityPoolState {
  readonly identityPoolId: string
  readonly region: string
  /** What CreateIdentityPool and UpdateIdentityPool set, in AWS's names, besides the providers. */
  readonly settings: JsonObject
  readonly providers: readonly IdentityProviderState[]
  readonly roles: Readonly<Record<string, string>>
  readonly roleMappings: Readonly<Record<string, JsonObject>>
  /** By identity id. */
  readonly identities: Record<string, IdentityState>
  /** How session tags come from the claims of logins, by provider. */
  readonly principalTags: Readonly<Record<string, PrincipalTagsState>>
}
