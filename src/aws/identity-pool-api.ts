import { ConfigurationError } from '../errors.ts'
import { type CallOptions, type ClientOptions, createCall } from './client.ts'
import type { IdentityPoolInputs, IdentityPoolOutputs } from './identity-pool-types.ts'
import { jsonProtocol } from './json-protocol.ts'

/** The name of an operation of the identity-pool API. */
export type IdentityPoolOperation = keyof IdentityPoolInputs

/** Calls an operation of the identity-pool API, in AWS's own names and shapes. */
export type IdentityPoolCall = <O extends IdentityPoolOperation>(
  operation: O,
  input: IdentityPoolInputs[O],
  options?: CallOptions,
) => Promise<IdentityPoolOutputs[O]>

/** How identity pools are reached. */
export interface IdentityPoolCallOptions extends Omit<ClientOptions, 'credentials'> {
  /** Not needed for GetId, GetOpenIdToken, GetCredentialsForIdentity and UnlinkIdentity, which are not signed. */
  readonly credentials?: ClientOptions['credentials'] | undefined
}

/**
 * Calls of the identity-pool API (`cognito-identity`). Throws ConfigurationError, naming the option; so does a call that is
 * signed where there are no credentials. Calls throw AwsError; where the answer to a write was lost, with outcome
 * `unknown` and without having repeated it.
 */
export function createIdentityPoolCall(options: IdentityPoolCallOptions): IdentityPoolCall {
  const { credentials = missing } = options
  const call = createCall(
    {
      service: 'cognito-identity',
      ...jsonProtocol('AWSCognitoIdentityService.'),
      isSigned: (operation) => !/^(Get(Id|OpenIdToken|CredentialsForIdentity)|UnlinkIdentity)$/.test(operation),
      // GetId answers the same identity for the same logins.
      isRead: (operation) => /^(Get|Describe)/.test(operation),
    },
    { ...options, credentials },
  )
  // The shape of the answer is AWS's promise, which nothing here can check.
  return call as IdentityPoolCall
}

function missing(): never {
  throw new ConfigurationError('credentials: needed for an operation that is signed.')
}
