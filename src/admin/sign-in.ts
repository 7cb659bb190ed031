import type { CallOptions } from '../aws/index.ts'
import { signInStepOf } from '../sign-in/index.ts'
import { encodeUtf8 } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import type { SignInStep } from '../sign-in/index.ts'
import type { PoolAdmin } from './pool-admin.ts'

/** Through which app client a user signs in. It must allow ALLOW_ADMIN_USER_PASSWORD_AUTH. */
export interface AdminSignInOptions extends CallOptions {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  /** For the pool's Lambda triggers. */
  readonly clientMetadata?: { readonly [name: string]: string } | undefined
}

/**
 * Signs a user in with the password, from a server that has AWS credentials (AdminInitiateAuth with
 * ADMIN_USER_PASSWORD_AUTH). Resolves to the tokens, or to what Cognito asks for next. Throws AwsError:
 * `NotAuthorizedException` for a wrong password, and outcome `unknown` where the answer was lost.
 */
export async function signInAsAdmin(
  admin: Pick<PoolAdmin, 'call'>,
  options: AdminSignInOptions,
  username: string,
  password: string,
): Promise<SignInStep> {
  checkOptions<AdminSignInOptions>('signInAsAdmin', options, [
    'clientId',
    'clientSecret',
    'clientMetadata',
    'attempts',
    'timeout',
    'signal',
    'renewal',
    'pace',
  ])
  const { clientId, clientSecret, clientMetadata, ...limits } = options
  const secretHash = clientSecret && { SECRET_HASH: await createSecretHash(clientSecret, username + clientId) }
  const answer = await admin.call(
    'AdminInitiateAuth',
    {
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password, ...secretHash },
      ClientMetadata: clientMetadata,
    },
    limits,
  )
  return signInStepOf(answer, username)
}

/** Cognito's `SECRET_HASH`: HMAC-SHA256 of user name and client id by the client's secret, in base64. */
async function createSecretHash(secret: string, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encodeUtf8(secret), algorithm, false, ['sign'])
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encodeUtf8(text)))
  return btoa(String.fromCharCode(...bytes))
}
