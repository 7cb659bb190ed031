import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import type { LocalPool } from '../../src/local/index.ts'
import { exampleCredentials, sdkTransport } from './sdk-client.ts'

/** A statement of a policy. */
export type StatementText = Readonly<Record<string, unknown>>

/** An IAM user with one inline policy, and an access key of theirs. */
export async function putAccessKey(
  pool: Pick<LocalPool, 'fetch' | 'settings'>,
  UserName: string,
  Statement: readonly StatementText[],
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = exampleCredentials,
): Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }> {
  const systemClockOffset = pool.settings.now() - Date.now()
  const requestHandler = sdkTransport(pool)
  const iam = new IAMClient({ region: 'us-east-1', credentials, maxAttempts: 1, requestHandler, systemClockOffset })
  await iam.send(new CreateUserCommand({ UserName }))
  if (Statement.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}
