import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { LocalPool } from '../../src/local/index.ts'
import { exampleCredentials, sdkTransport } from './sdk-client.ts'

/** A statement of a policy. */
export type StatementText = Readonly<Record<string, unknown>>

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string }
type Place = Pick<LocalPool, 'fetch' | 'settings'>

function optionsOf(pool: Place, credentials: Keys) {
  const systemClockOffset = pool.settings.now() - Date.now()
  const requestHandler = sdkTransport(pool)
  return { region: 'us-east-1', credentials, maxAttempts: 1, requestHandler, systemClockOffset }
}

/** Temporary credentials of a role that anyone in the account may have, with one inline policy. */
export async function assumeRole(
  pool: Place,
  credentials: Keys = exampleCredentials,
  Statement: readonly StatementText[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  RoleName = 'any',
  Policy?: string,
): Promise<Keys & { readonly sessionToken: string }> {
  const iam = new IAMClient(optionsOf(pool, credentials))
  const trust = { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }
  const documentOf = (statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement: statement })
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: documentOf(trust) }))
  if (Statement.length > 0) {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: documentOf(Statement) }))
  }
  const sts = new STSClient(optionsOf(pool, credentials))
  const command = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'alice', ...(Policy && { Policy }) })
  const { Credentials: given } = await sts.send(command)
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

/** An IAM user with one inline policy, and an access key of theirs. */
export async function putAccessKey(
  pool: Place,
  UserName: string,
  Statement: readonly StatementText[],
  credentials: Keys = exampleCredentials,
): Promise<Keys> {
  const iam = new IAMClient(optionsOf(pool, credentials))
  await iam.send(new CreateUserCommand({ UserName }))
  if (Statement.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}
