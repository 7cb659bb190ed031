import type { KeyUse } from './key-ring.ts'
import type { IssuerKind } from './state.ts'

/** Claims to be put over those that Cognito would issue; `undefined` takes a claim away. */
export type ClaimOverrides = { readonly [name: string]: unknown }

/** How `tokens` differs from a plain sign-in. */
export interface TokenOptions {
  /** An app client of the pool. Default: that of the pool's `settings`. */
  readonly clientId?: string | undefined
  /** The scopes of the access token. Default `aws.cognito.signin.user.admin`, as without managed login. */
  readonly scope?: string | readonly string[] | undefined
  /** For both tokens. */
  readonly claims?: ClaimOverrides | undefined
  /** For the ID token, over `claims`. */
  readonly id?: ClaimOverrides | undefined
  /** For the access token, over `claims`. */
  readonly access?: ClaimOverrides | undefined
  /** The `nonce` of the ID token, as managed login copies it. Default: none. */
  readonly nonce?: string | undefined
  /** Whether the ID token has the `at_hash` of the access token, as with managed login. Default false. */
  readonly atHash?: boolean | undefined
  /** When the user signed in, in seconds since the epoch. Default: `issuedAt`. */
  readonly authTime?: number | undefined
  /** In seconds since the epoch. Default: now. */
  readonly issuedAt?: number | undefined
  /** The life of both tokens in seconds; negative for tokens that are expired. Default: that of the client, 3600. */
  readonly expiresIn?: number | undefined
  /** The issuer that the tokens name. Default: that of the pool's own `issuer` setting. */
  readonly issuer?: IssuerKind | undefined
}

/** The tokens of one sign-in. */
export interface LocalTokens {
  readonly idToken: string
  readonly accessToken: string
  /** Opaque. */
  readonly refreshToken: string
  /** The life of the ID and access tokens, in seconds. */
  readonly expiresIn: number
}

/** What a machine's token is issued for. */
export interface ClientTokenOptions {
  /** The custom scopes of the token. Default: all that the client may have. */
  readonly scope?: string | readonly string[] | undefined
  /** An app client of the pool. Default: that of the pool's `settings`. */
  readonly clientId?: string | undefined
  /** `undefined` takes a claim away. */
  readonly claims?: ClaimOverrides | undefined
  /** In seconds; negative for a token that is expired. Default: that of the client, 3600. */
  readonly expiresIn?: number | undefined
}

/** A machine's token; there is no refresh token. */
export interface LocalClientTokens {
  readonly accessToken: string
  /** In seconds. */
  readonly expiresIn: number
}

/** How `sign` differs from the pool's own tokens. */
export interface SignOptions {
  /** Put over `kid` and `alg`, `undefined` takes one away; a text is taken as the whole header. */
  readonly header?: ClaimOverrides | string | undefined
  /** Which of the pool's two keys signs. Default `access`. */
  readonly use?: KeyUse | undefined
}
