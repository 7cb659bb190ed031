import type * as identity from '@aws-sdk/client-cognito-identity'
import type * as idp from '@aws-sdk/client-cognito-identity-provider'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../../src/cli/doctor/checks.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import {
  cleanClient,
  cleanPool,
  createDoctorPool,
  type DoctorPool,
  examination,
  policyText,
  sdkOf,
  setMfa,
  trustText,
} from '../../support/doctor.ts'

// Each fault is made by the AWS SDK in a pool without faults at the local AWS, found, and taken out again.

const account = '123456789012'
let folder: string
let file: string
let server: LocalServer
let pool: DoctorPool
const open = () => startLocalServer({ pool: {}, region: 'eu-west-1', state: join(folder, 'state.json') })
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-doctor-'))
  file = join(folder, 'groups.yaml')
  writeFileSync(
    file,
    `groups:
  viewer: { allow: [posts.read] }
  editor: { allow: [{ permission: posts.write, when: { 'custom:tier': gold } }] }
trustedClaims: ['custom:tier']
`,
  )
  server = await open()
  pool = await createDoctorPool(server)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

const updateClient = async (changes: Partial<idp.UpdateUserPoolClientCommandInput>) => {
  const { UserPoolId, ClientId } = pool
  await sdkOf(server).idp.updateUserPoolClient({
    UserPoolId,
    ClientId,
    ClientName: 'web app',
    ...cleanClient,
    ...changes,
  })
}
const updatePool = async (changes: Partial<idp.UpdateUserPoolCommandInput>) => {
  const { Schema: _, UsernameConfiguration: __, ...settings } = cleanPool
  await sdkOf(server).idp.updateUserPool({
    UserPoolId: pool.UserPoolId,
    MfaConfiguration: 'ON',
    ...settings,
    ...changes,
  })
  await setMfa(server, pool.UserPoolId, 'ON')
}
const updateIdentityPool = async (changes: Partial<identity.UpdateIdentityPoolCommandInput>) => {
  const { IdentityPoolId, ClientId, provider } = pool
  await sdkOf(server).identity.updateIdentityPool({
    ...{ IdentityPoolId, IdentityPoolName: 'shop', AllowUnauthenticatedIdentities: false, AllowClassicFlow: false },
    CognitoIdentityProviders: [{ ProviderName: provider, ClientId, ServerSideTokenCheck: true }],
    ...changes,
  })
}
const setRoles = async (mapping: identity.RoleMapping | undefined, Roles: Record<string, string> = {}) => {
  const { IdentityPoolId, ClientId, provider } = pool
  const RoleMappings = mapping === undefined ? {} : { [`${provider}:${ClientId}`]: mapping }
  await sdkOf(server).identity.setIdentityPoolRoles({ IdentityPoolId, Roles, RoleMappings })
}
const byToken = { Type: 'Token', AmbiguousRoleResolution: 'Deny' } as const
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`

const group = {
  create: async (GroupName: string, settings: Partial<idp.CreateGroupCommandInput> = {}) => {
    await sdkOf(server).idp.createGroup({ UserPoolId: pool.UserPoolId, GroupName, ...settings })
  },
  delete: async (GroupName: string) => {
    await sdkOf(server).idp.deleteGroup({ UserPoolId: pool.UserPoolId, GroupName })
  },
}
const trust = async (PolicyDocument: string, RoleName = 'role_editor') => {
  await sdkOf(server).iam.updateAssumeRolePolicy({ RoleName, PolicyDocument })
}
const longNames = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(128, 'department-'))

interface Fault {
  readonly id: string
  /** What is unusual about it. */
  readonly by?: string
  readonly severity?: string
  readonly plant: () => Promise<unknown>
  readonly heal: () => Promise<unknown>
  /** Without what stands in `at` of the pool's own ids. */
  readonly at: 'pool' | 'client' | 'identityPool' | string
  readonly detail?: string
}

const onClient = (
  id: string,
  changes: Partial<idp.UpdateUserPoolClientCommandInput>,
  more: Partial<Fault> = {},
): Fault => ({
  ...{ id, at: 'client', plant: () => updateClient(changes), heal: () => updateClient({}) },
  ...more,
})
const onPool = (id: string, changes: Partial<idp.UpdateUserPoolCommandInput>): Fault => ({
  ...{ id, at: 'pool', plant: () => updatePool(changes), heal: () => updatePool({}) },
})
const onIdentityPool = (
  id: string,
  changes: () => Partial<identity.UpdateIdentityPoolCommandInput>,
  detail?: string,
) => ({
  ...{ id, at: 'identityPool', plant: () => updateIdentityPool(changes()), heal: () => updateIdentityPool({}) },
  ...(detail !== undefined && { detail }),
})
const onTrust = (by: string, document: () => string): Fault => ({
  ...{ id: 'trust-without-audience', by, at: 'role/role_editor', detail: 'group editor' },
  ...{ plant: () => trust(document()), heal: () => trust(trustText(pool.IdentityPoolId)) },
})
const onPolicies = (by: string, PolicyDocument: string, detail: string): Fault => ({
  ...{ id: 'self-access', by, at: 'role/role_editor', detail: `group editor: ${detail}` },
  plant: () => sdkOf(server).iam.putRolePolicy({ RoleName: 'role_editor', PolicyName: 'more', PolicyDocument }),
  heal: () => sdkOf(server).iam.deleteRolePolicy({ RoleName: 'role_editor', PolicyName: 'more' }),
})
const attach = async (PolicyArn: string) => {
  await sdkOf(server).iam.attachRolePolicy({ RoleName: 'role_editor', PolicyArn })
}
const detach = async (PolicyArn: string) => {
  await sdkOf(server).iam.detachRolePolicy({ RoleName: 'role_editor', PolicyArn })
}
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess'

const faults: readonly Fault[] = [
  onPool('open-registration', { DcrConfiguration: { EnableStatus: 'Enabled', OpenDcrEnabled: true } }),
  onPool('self-sign-up', { AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } }),
  onPool('unverified-update', { UserAttributeUpdateSettings: {} }),
  onPool('deletion-protection', { DeletionProtection: 'INACTIVE' }),
  {
    ...{ id: 'no-mfa', at: 'pool' },
    plant: () => setMfa(server, pool.UserPoolId, 'OFF'),
    heal: () => setMfa(server, pool.UserPoolId, 'ON'),
  },

  onIdentityPool('classic-flow', () => ({ AllowClassicFlow: true })),
  onIdentityPool('guests', () => ({ AllowUnauthenticatedIdentities: true })),
  onIdentityPool(
    'no-server-side-check',
    () => ({ CognitoIdentityProviders: [{ ProviderName: pool.provider, ClientId: pool.ClientId }] }),
    'app client CLIENT',
  ),
  ...(
    [
      ['no mapping at all', undefined],
      ['a fallback', { Type: 'Token', AmbiguousRoleResolution: 'AuthenticatedRole' }],
      [
        'rules',
        {
          ...{ Type: 'Rules', AmbiguousRoleResolution: 'Deny' },
          RulesConfiguration: {
            Rules: [{ Claim: 'custom:tier', MatchType: 'Equals', Value: 'gold', RoleARN: roleArn('role_editor') }],
          },
        },
      ],
    ] as const
  ).map(
    ([by, mapping]): Fault => ({
      ...{ id: 'ambiguous-role', by, at: 'identityPool', detail: 'app client CLIENT' },
      plant: () => setRoles(mapping as identity.RoleMapping | undefined),
      heal: () => setRoles(byToken),
    }),
  ),

  onTrust('no condition', () => trustText(pool.IdentityPoolId, 'authenticated', { Condition: undefined })),
  onTrust('another identity pool beside', () =>
    trustText(pool.IdentityPoolId, 'authenticated', {
      Condition: {
        StringEquals: {
          'cognito-identity.amazonaws.com:aud': [pool.IdentityPoolId, 'eu-west-1:99999999-2222-4333-8444-555555555555'],
        },
        'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
      },
    }),
  ),
  onTrust('guests', () => trustText(pool.IdentityPoolId, 'unauthenticated')),
  onTrust('any provider', () => trustText(pool.IdentityPoolId, 'authenticated', { Principal: '*', Condition: {} })),
  onPolicies('an action on the pool', policyText('cognito-idp:AdminAddUserToGroup'), 'cognito-idp:AdminAddUserToGroup'),
  onPolicies('a wildcard', policyText(['s3:GetObject', 'iam:*']), 'iam:*'),
  {
    ...{
      id: 'self-access',
      by: 'a policy of AWS',
      at: 'role/role_editor',
      detail: 'group editor: AdministratorAccess',
    },
    ...{ plant: () => attach(administrator), heal: () => detach(administrator) },
  },
  {
    ...{ id: 'self-access', by: 'a policy of the account', at: 'role/role_editor', detail: 'group editor: staff' },
    async plant() {
      const PolicyDocument = policyText('cognito-identity:SetIdentityPoolRoles')
      await sdkOf(server).iam.createPolicy({ PolicyName: 'staff', PolicyDocument })
      await attach(`arn:aws:iam::${account}:policy/staff`)
    },
    heal: () => detach(`arn:aws:iam::${account}:policy/staff`),
  },
  {
    ...{ id: 'self-access', by: 'the role of all users', at: 'role/everybody', detail: 'all users: cognito-idp:*' },
    async plant() {
      const { iam } = sdkOf(server)
      const RoleName = 'everybody'
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: trustText(pool.IdentityPoolId) })
      await iam.putRolePolicy({ RoleName, PolicyName: 'own', PolicyDocument: policyText('cognito-idp:*') })
      await setRoles(byToken, { authenticated: roleArn(RoleName) })
    },
    heal: () => setRoles(byToken),
  },
  {
    ...{ id: 'provider-group-role', at: 'group/POOL_corp' },
    async plant() {
      await group.delete(`${pool.UserPoolId}_corp`)
      await group.create(`${pool.UserPoolId}_corp`, { RoleArn: roleArn('role_viewer') })
    },
    async heal() {
      await group.delete(`${pool.UserPoolId}_corp`)
      await group.create(`${pool.UserPoolId}_corp`)
    },
  },
  {
    ...{ id: 'precedence-tie', at: 'group/another', detail: 'another, editor' },
    plant: () => group.create('another', { RoleArn: roleArn('role_viewer'), Precedence: 10 }),
    heal: () => group.delete('another'),
  },
  {
    ...{ id: 'precedence-tie', by: 'no precedence at all', at: 'group/a', detail: 'a, b' },
    async plant() {
      await group.create('b', { RoleArn: roleArn('role_viewer') })
      await group.create('a', { RoleArn: roleArn('role_editor') })
    },
    async heal() {
      await group.delete('a')
      await group.delete('b')
    },
  },
  {
    ...{ id: 'token-overflow', at: 'pool', detail: 'about 12.0 kB' },
    plant: () => Promise.all(longNames.map((name) => group.create(name))),
    heal: () => Promise.all(longNames.map((name) => group.delete(name))),
  },

  {
    ...{ id: 'unlisted-client', at: 'client/OTHER' },
    async plant() {
      const { UserPoolId } = pool
      const made = await sdkOf(server).idp.createUserPoolClient({ UserPoolId, ClientName: 'old', ...cleanClient })
      other = made.UserPoolClient?.ClientId ?? ''
    },
    heal: () => sdkOf(server).idp.deleteUserPoolClient({ UserPoolId: pool.UserPoolId, ClientId: other }),
  },
  onClient('writable-condition', { WriteAttributes: ['email', 'custom:tier'] }, { detail: 'custom:tier' }),
  onClient(
    'long-lived-token',
    { AccessTokenValidity: 90, TokenValidityUnits: { AccessToken: 'minutes' } },
    { detail: '1.5 h' },
  ),
  onClient(
    'long-lived-token',
    { IdTokenValidity: 1, TokenValidityUnits: { IdToken: 'days' } },
    { by: 'a day', severity: 'error', detail: '24 h' },
  ),
  onClient('revocation-off', { EnableTokenRevocation: false }),
  onClient('no-rotation', {
    RefreshTokenRotation: { Feature: 'DISABLED' },
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  }),
  onClient('implicit-grant', { AllowedOAuthFlows: ['code', 'implicit'] }),
  onClient(
    'local-callback',
    { CallbackURLs: [...cleanClient.CallbackURLs, 'http://localhost:3000/callback'] },
    { detail: 'http://localhost:3000/callback' },
  ),
  onClient('password-flow', { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] }),
  onClient('user-existence', { PreventUserExistenceErrors: 'LEGACY' }),
  onClient('self-service-scope', { AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'] }),
]

/** What looks like a fault and is none. */
const innocent: readonly (Pick<Fault, 'plant' | 'heal'> & { readonly title: string })[] = [
  {
    title: 'registration that is switched off',
    ...onPool('', { DcrConfiguration: { EnableStatus: 'Disabled', OpenDcrEnabled: true } }),
  },
  {
    title: 'tokens of an hour',
    ...onClient('', { AccessTokenValidity: 3600, TokenValidityUnits: { AccessToken: 'seconds' } }),
  },
  {
    title: 'grants and scopes of a client without OAuth',
    ...onClient('', {
      AllowedOAuthFlowsUserPoolClient: false,
      AllowedOAuthFlows: ['implicit'],
      AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'],
    }),
  },
  {
    title: 'the scheme of an app',
    ...onClient('', { CallbackURLs: ['localhost://app', 'https://localhost.example.com/'] }),
  },
  {
    title: 'a trust policy that other services share',
    ...onTrust('', () => {
      const shared = JSON.parse(trustText(pool.IdentityPoolId))
      const lambda = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }
      return JSON.stringify({ ...shared, Statement: [...shared.Statement, lambda] })
    }),
  },
  { title: 'policies that only read', ...onPolicies('', policyText(['cognito-idp:ListUsers', 'iam:GetRole']), '') },
  {
    title: 'groups of one precedence with one role',
    plant: () => group.create('another', { RoleArn: roleArn('role_editor'), Precedence: 10 }),
    heal: () => group.delete('another'),
  },
  {
    title: 'a group named as if by a provider that the pool does not have',
    plant: () => group.create(`${pool.UserPoolId}_other`, { RoleArn: roleArn('role_viewer'), Precedence: 30 }),
    heal: () => group.delete(`${pool.UserPoolId}_other`),
  },
  {
    title: 'passwords and refresh tokens of a client with a secret',
    async plant() {
      const made = await sdkOf(server).idp.createUserPoolClient({
        ...{ UserPoolId: pool.UserPoolId, ClientName: 'server', GenerateSecret: true, ...cleanClient },
        RefreshTokenRotation: { Feature: 'DISABLED' },
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      })
      other = made.UserPoolClient?.ClientId ?? ''
      listed = [pool.ClientId, other]
    },
    async heal() {
      listed = undefined
      await sdkOf(server).idp.deleteUserPoolClient({ UserPoolId: pool.UserPoolId, ClientId: other })
    },
  },
]

let other = ''
let listed: readonly string[] | undefined
const fill = (text: string) =>
  ({
    pool: `pool/${pool.UserPoolId}`,
    client: `client/${pool.ClientId}`,
    identityPool: `identity-pool/${pool.IdentityPoolId}`,
  })[text] ?? text.replace('POOL', pool.UserPoolId).replace('CLIENT', pool.ClientId).replace('OTHER', other)

const found = async () => {
  const { findings, skipped } = await examination(server, pool, file, listed && { client: listed })
  expect(skipped).toEqual([])
  return findings.map(({ id, at, severity, detail }) => ({ id, at, severity, detail }))
}

describe('cognigate doctor', () => {
  it('has a fault here for each of its 26 checks', () => {
    const planted = [...faults.map(({ id }) => id), 'http-callback', 'case-sensitive']
    expect([...new Set(planted)].sort()).toEqual(checks.map(({ id }) => id).sort())
    expect(checks).toHaveLength(26)
  })

  it('finds nothing in a pool without faults', async () => {
    expect(await found()).toEqual([])
  })

  it.each(
    faults.map((fault) => ({ ...fault, title: fault.by === undefined ? fault.id : `${fault.id} by ${fault.by}` })),
  )('finds $title, and nothing of what was there before', async ({ id, severity, plant, heal, at, detail }) => {
    await plant()
    const expected = severity ?? checks.find((check) => check.id === id)?.severity
    const during = await found().finally(heal)
    expect(during).toEqual([{ id, at: fill(at), severity: expected, detail: detail && fill(detail) }])
  })

  it('finds nothing when they are gone', async () => {
    expect(await found()).toEqual([])
  })

  it.each(innocent)('is silent about $title', async ({ plant, heal }) => {
    await plant()
    expect(await found().finally(heal)).toEqual([])
  })

  it('counts the standard attributes as writable where a client has no list, and e-mail addresses as verified', async () => {
    const conditions = ['locale', 'email', 'email_verified', 'custom:tier', 'tenant'].map(
      (claim) => `{ permission: posts.write, when: { '${claim}': x } }`,
    )
    const other = join(folder, 'other.yaml')
    writeFileSync(
      other,
      `groups:\n  editor: { allow: [${conditions.join(', ')}] }\ntrustedClaims: [locale, email, email_verified, 'custom:tier', tenant]\n`,
    )
    await updateClient({ WriteAttributes: undefined })
    const { findings } = await examination(server, pool, other).finally(() => updateClient({}))
    expect(findings.map(({ id, detail, path }) => [id, detail, path])).toEqual([
      ['writable-condition', 'locale', 'groups["editor"].allow[0].when["locale"]'],
    ])
  })

  it('finds case-sensitive in a pool that was made so', async () => {
    const { UsernameConfiguration: _, ...settings } = cleanPool
    const made = await sdkOf(server).idp.createUserPool({ PoolName: 'old', ...settings })
    const UserPoolId = made.UserPool?.Id ?? ''
    await setMfa(server, UserPoolId, 'ON')
    const { findings } = await examination(server, { ...pool, UserPoolId }, file)
    expect(findings.map(({ id, at }) => [id, at])).toEqual([['case-sensitive', `pool/${UserPoolId}`]])
  })

  it('finds http-callback in a client from before AWS refused them', async () => {
    const rewrite = async (from: string, to: string) => {
      await server.close()
      for (const name of readdirSync(folder)) {
        const path = join(folder, name)
        if (!name.startsWith('state') || !statSync(path).isFile()) continue
        writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to))
      }
      server = await open()
    }
    await rewrite('https://app.example.com/callback', 'http://app.example.com/callback')
    const { ClientId } = pool
    expect(await found()).toEqual([
      { id: 'http-callback', at: `client/${ClientId}`, severity: 'error', detail: 'http://app.example.com/callback' },
    ])
    await rewrite('http://app.example.com/callback', 'https://app.example.com/callback')
    expect(await found()).toEqual([])
  })
})
