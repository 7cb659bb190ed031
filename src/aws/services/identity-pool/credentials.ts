import { AwsError, createIdentityPoolCall, type IdentityPoolCallOptions } from '../../index.ts'
import type { Login } from '../../../credentials/index.ts'

/** Credentials as they are remembered. `until` is in milliseconds since the epoch. */
export interface Issued {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly identityId: string
  readonly until: number
}

/** What an identity pool is asked for on behalf of one caller. Its calls are not signed. Throws AwsError. */
export interface IdentityClient {
  /** GetId: the same identity for the same user. */
  identity(identityPoolId: string): Promise<string>
  /** GetCredentialsForIdentity */
  credentials(identityId: string, role: string | undefined): Promise<Issued>
}

export function createIdentityClient(
  options: IdentityPoolCallOptions,
  { provider, token }: Login,
  signal: AbortSignal | undefined,
): IdentityClient {
  const call = createIdentityPoolCall(options)
  const Logins = { [provider]: token }
  return {
    async identity(IdentityPoolId) {
      const { IdentityId } = await call('GetId', { IdentityPoolId, Logins }, { signal })
      if (typeof IdentityId === 'string' && IdentityId) return IdentityId
      throw new AwsError({ code: 'MalformedAnswer', operation: 'GetId' })
    },
    async credentials(IdentityId, CustomRoleArn) {
      const operation = 'GetCredentialsForIdentity'
      const input = { IdentityId, Logins, ...(CustomRoleArn !== undefined && { CustomRoleArn }) }
      const { Credentials, IdentityId: identityId = IdentityId } = await call(operation, input, { signal })
      const { AccessKeyId, SecretKey, SessionToken, Expiration } = Credentials ?? {}
      const until = Math.floor(Number(Expiration) * 1000)
      if (!AccessKeyId || !SecretKey || !SessionToken || !(until > 0)) {
        throw new AwsError({ code: 'MalformedAnswer', operation })
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretKey,
        sessionToken: SessionToken,
        identityId,
        until,
      }
    },
  }
}
