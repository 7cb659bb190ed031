import { CognitoIdentityClient, GetCredentialsForIdentityCommand, GetIdCommand } from '@aws-sdk/client-cognito-identity'
import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import { exampleCredentials, sdkTransport } from './sdk-client.ts'
import { createIamClient, createStsClient, trustPolicy } from '../conformance/iam/clients.ts'

export const start = Date.UTC(2026, 0, 1)
export const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const groups = {
  reports: { allow: [], roleArn: roleArn('reports'), precedence: 1 },
  audits: { allow: [], roleArn: roleArn('audits'), precedence: 2 },
  plain: { allow: [] },
}

/** A local pool with users, roles, and the AWS SDK’s client of its identity pool. */
export interface Scene {
  readonly pool: LocalPool
  readonly identity: CognitoIdentityClient
  readonly provider: string
  login(username: string): Promise<Record<string, string>>
  /** An identity and its credentials. */
  credentials(username: string, role?: string): Promise<Record<string, unknown>>
}

export const clientOf = (pool: Pick<LocalPool, 'fetch' | 'region'>) =>
  new CognitoIdentityClient({
    region: pool.region,
    credentials: exampleCredentials,
    maxAttempts: 1,
    requestHandler: sdkTransport(pool),
  })

export async function scene(options: LocalPoolOptions = {}, roles: readonly string[] = []): Promise<Scene> {
  const pool = await createLocalPool({
    now: () => start,
    users: {
      alice: { groups: ['reports', 'audits'], sub: 'sub-of-alice', attributes: { 'custom:tier': 'gold' } },
      bob: { groups: ['plain'], sub: 'sub-of-bob' },
      carol: {},
    },
    identityPool: { roleMapping: 'token' },
    ...options,
    groups,
  })
  const identity = clientOf(pool)
  const provider = `cognito-idp.${pool.region}.amazonaws.com/${pool.settings.userPoolId}`
  for (const name of roles) await createRole(pool, name)
  const login = async (username: string) => ({ [provider]: (await pool.tokens(username)).idToken })
  return {
    ...{ pool, identity, provider, login },
    async credentials(username, role) {
      const Logins = await login(username)
      const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
      const command = new GetCredentialsForIdentityCommand({ IdentityId, Logins, CustomRoleArn: role })
      const { Credentials } = await identity.send(command)
      return { IdentityId, ...Credentials }
    },
  }
}

/** A role that trusts the identity pool, unless told otherwise. */
export async function createRole(
  pool: LocalPool,
  name: string,
  trust = trustPolicy(pool.identityPoolId),
): Promise<void> {
  await createIamClient(pool).send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
}

/** The ARN of the session that credentials stand for, as STS tells it. */
export async function sessionOf(pool: LocalPool, credentials: Record<string, unknown>): Promise<string | undefined> {
  const keys = {
    accessKeyId: String(credentials['AccessKeyId']),
    secretAccessKey: String(credentials['SecretKey'] ?? credentials['SecretAccessKey']),
    sessionToken: String(credentials['SessionToken']),
  }
  return (await createStsClient(pool, keys).send(new GetCallerIdentityCommand({}))).Arn
}

export const session = (role: string) => `arn:aws:sts::123456789012:assumed-role/${role}/CognitoIdentityCredentials`
