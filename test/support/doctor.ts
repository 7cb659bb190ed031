import * as identity from '@aws-sdk/client-cognito-identity'
import * as idp from '@aws-sdk/client-cognito-identity-provider'
import * as iam from '@aws-sdk/client-iam'
import { EventEmitter } from 'node:events'
import process from 'node:process'
import { vi } from 'vitest'
import type { DoctorFlags } from '../../src/cli/commands/doctor.ts'
import type { CliContext } from '../../src/cli/context.ts'
import type { Examination } from '../../src/cli/doctor/check.ts'
import { runDoctor } from '../../src/cli/doctor/run.ts'
import type { LocalServer } from '../../src/local/server/index.ts'

// A pool in which `cognigate doctor` finds nothing, made by the AWS SDK, and the command itself in this process.

const account = '123456789012'
const keys = { accessKeyId: 'local', secretAccessKey: 'local' }

/** The clients of the AWS SDK for one server. */
export function sdkOf({ url, region }: Pick<LocalServer, 'url' | 'region'>) {
  const options = { region, endpoint: url, credentials: keys }
  return {
    idp: new idp.CognitoIdentityProvider(options),
    identity: new identity.CognitoIdentity(options),
    iam: new iam.IAM({ ...options, region: 'us-east-1' }),
  }
}

/** A policy of one statement. */
export function policyText(Action: unknown, Resource: unknown = '*'): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
}

/** The trust policy by which an identity pool gives a role. */
export function trustText(identityPoolId: string, amr = 'authenticated', change: object = {}): string {
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: 'cognito-identity.amazonaws.com' },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { 'cognito-identity.amazonaws.com:aud': identityPoolId },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': amr },
    },
    ...change,
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}

/** The settings of a client in which nothing is found. */
export const cleanClient = {
  ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
  PreventUserExistenceErrors: 'ENABLED',
  RefreshTokenRotation: { Feature: 'ENABLED' },
  WriteAttributes: ['name', 'email'],
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid'],
  SupportedIdentityProviders: ['COGNITO'],
  CallbackURLs: ['https://app.example.com/callback'],
  LogoutURLs: ['https://app.example.com/'],
} satisfies Partial<idp.CreateUserPoolClientCommandInput>

/** The settings of a pool in which nothing is found, MFA aside, which has a call of its own. */
export const cleanPool = {
  UsernameConfiguration: { CaseSensitive: false },
  DeletionProtection: 'ACTIVE',
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  AutoVerifiedAttributes: ['email'],
  UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
  Schema: [{ Name: 'tier', AttributeDataType: 'String', Mutable: true }],
} satisfies Partial<idp.CreateUserPoolCommandInput>

/** A pool, a client, an identity pool and the ids of all. */
export type DoctorPool = Awaited<ReturnType<typeof createDoctorPool>>

/** Two groups with roles, an identity provider and its group, an identity pool that is closed. */
export async function createDoctorPool(server: LocalServer) {
  const { idp, identity, iam } = sdkOf(server)
  const made = await idp.createUserPool({ PoolName: 'shop', ...cleanPool })
  const UserPoolId = made.UserPool?.Id ?? ''
  await setMfa(server, UserPoolId, 'ON')
  const client = await idp.createUserPoolClient({ UserPoolId, ClientName: 'web app', ...cleanClient })
  const ClientId = client.UserPoolClient?.ClientId ?? ''
  const provider = `cognito-idp.${server.region}.amazonaws.com/${UserPoolId}`
  const { IdentityPoolId = '' } = await identity.createIdentityPool({
    IdentityPoolName: 'shop',
    AllowUnauthenticatedIdentities: false,
    AllowClassicFlow: false,
    CognitoIdentityProviders: [{ ProviderName: provider, ClientId, ServerSideTokenCheck: true }],
  })
  await identity.setIdentityPoolRoles({
    IdentityPoolId,
    Roles: {},
    RoleMappings: { [`${provider}:${ClientId}`]: { Type: 'Token', AmbiguousRoleResolution: 'Deny' } },
  })
  const { Policy } = await iam.createPolicy({ PolicyName: 'reading', PolicyDocument: policyText('s3:ListBucket') })
  for (const [index, GroupName] of ['editor', 'viewer'].entries()) {
    const RoleName = `role_${GroupName}`
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: trustText(IdentityPoolId) })
    await iam.putRolePolicy({ RoleName, PolicyName: 'own', PolicyDocument: policyText('s3:GetObject') })
    await iam.attachRolePolicy({ RoleName, PolicyArn: Policy?.Arn ?? '' })
    const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`
    await idp.createGroup({ UserPoolId, GroupName, RoleArn, Precedence: (index + 1) * 10 })
  }
  await idp.createIdentityProvider({
    UserPoolId,
    ProviderName: 'corp',
    ProviderType: 'SAML',
    ProviderDetails: { MetadataURL: 'https://idp.example/metadata' },
  })
  await idp.createGroup({ UserPoolId, GroupName: `${UserPoolId}_corp` })
  return { UserPoolId, ClientId, IdentityPoolId, provider, PolicyArn: Policy?.Arn ?? '' }
}

export async function setMfa(server: LocalServer, UserPoolId: string, MfaConfiguration: 'ON' | 'OFF'): Promise<void> {
  const SoftwareTokenMfaConfiguration = { Enabled: MfaConfiguration === 'ON' }
  await sdkOf(server).idp.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration, SoftwareTokenMfaConfiguration })
}

/** How a run ended. */
export interface Told {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Runs `cognigate doctor` in this process, as its file of commands would. */
export async function doctor(
  server: Pick<LocalServer, 'url'>,
  pool: Pick<DoctorPool, 'UserPoolId'> & Partial<DoctorPool>,
  flags: Partial<DoctorFlags> = {},
  file?: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = keys,
): Promise<Told> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
  const told = { stdout: '', stderr: '', exitCode: 0 }
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (told[name] += text) })
  const fake = Object.assign(new EventEmitter(), { stdout: stream('stdout'), stderr: stream('stderr'), env: {} })
  const context = { process: fake, version: '1.0.0', root: new URL('.', import.meta.url) } as unknown as CliContext
  try {
    await runDoctor.call(
      context,
      {
        pool: pool.UserPoolId,
        endpoint: server.url,
        ...(pool.IdentityPoolId !== undefined && { identityPool: pool.IdentityPoolId }),
        ...{ format: 'text', json: false, failOn: 'warning', noCode: false, accountDetails: false },
        ...flags,
      },
      file,
    )
  } finally {
    vi.unstubAllEnvs()
  }
  return { ...told, exitCode: Number(Reflect.get(fake, 'exitCode') ?? process.exitCode ?? 0) }
}

/** What it finds and skips, of everything that can be named. */
export async function examination(
  server: LocalServer,
  pool: DoctorPool,
  file: string,
  flags: Partial<DoctorFlags> = {},
): Promise<Examination> {
  const { stdout } = await doctor(server, pool, { client: [pool.ClientId], json: true, ...flags }, file)
  return JSON.parse(stdout)
}
