import { describe, expect, it } from 'vitest'
import { examine } from '../../../src/cli/doctor/checks.ts'
import type { ClientSettings, PoolSettings, PoolWorld } from '../../../src/cli/doctor/read-world.ts'

const pool: PoolSettings = {
  MfaConfiguration: 'ON',
  DeletionProtection: 'ACTIVE',
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  UsernameConfiguration: { CaseSensitive: false },
}
const client: ClientSettings = {
  ClientId: 'web',
  isPublic: true,
  EnableTokenRevocation: true,
  PreventUserExistenceErrors: 'ENABLED',
  RefreshTokenRotation: { Feature: 'ENABLED' },
  WriteAttributes: ['name'],
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  CallbackURLs: ['https://app.example.com/'],
}
const clean: PoolWorld = {
  ...{ userPoolId: 'eu-west-1_AbCdEfGhI', account: '123456789012', pool, clients: [client], groups: [], providers: [] },
  ...{ identityPool: undefined, poolRoles: undefined, roles: [], listedClients: ['web'], claims: ['custom:tier'] },
  unread: new Map(),
}
const ids = (world: PoolWorld) => examine(world).findings.map(({ id }) => id)

describe('the checks of doctor', () => {
  it('are silent about a pool without faults', () => {
    expect(ids(clean)).toEqual([])
  })

  it.each<[string, Partial<ClientSettings>]>([
    ['unlisted-client', { ClientId: 'other' }],
    ['writable-condition', { WriteAttributes: ['custom:tier'] }],
    ['long-lived-token', { IdTokenValidity: 1, TokenValidityUnits: { IdToken: 'days' } }],
    ['revocation-off', { EnableTokenRevocation: false }],
    ['no-rotation', { RefreshTokenRotation: undefined }],
    ['implicit-grant', { AllowedOAuthFlows: ['implicit'] }],
    ['http-callback', { CallbackURLs: ['http://app.example.com/'] }],
    ['local-callback', { CallbackURLs: ['http://localhost:3000/'] }],
    ['password-flow', { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] }],
    ['user-existence', { PreventUserExistenceErrors: 'LEGACY' }],
    ['self-service-scope', { AllowedOAuthScopes: ['aws.cognito.signin.user.admin'] }],
  ])('find %s in an app client, and nothing else', (id, fault) => {
    expect(ids({ ...clean, clients: [{ ...client, ...fault }] })).toEqual([id])
  })

  it.each<[string, Partial<PoolSettings>]>([
    ['self-sign-up', { AdminCreateUserConfig: {} }],
    ['no-mfa', { MfaConfiguration: 'OFF' }],
    ['unverified-update', { AutoVerifiedAttributes: ['email'] }],
    ['deletion-protection', { DeletionProtection: 'INACTIVE' }],
    ['case-sensitive', { UsernameConfiguration: undefined }],
  ])('find %s in a pool, and nothing else', (id, fault) => {
    expect(ids({ ...clean, pool: { ...pool, ...fault } })).toEqual([id])
  })
})
