import {
  DescribeIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
  ListIdentitiesCommand,
  SetPrincipalTagAttributeMapCommand,
  UnlinkIdentityCommand,
} from '@aws-sdk/client-cognito-identity'
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { createStsClient } from '../../conformance/iam/clients.ts'
import { outcome, trusting } from '../../support/local-iam.ts'
import { allow } from '../../support/local-sts.ts'
import { createRole, roleArn, scene, start } from '../../support/local-identity-pool.ts'

it('a token of an identity pool is a JWT that anybody verifies by the keys at its issuer', async () => {
  const { pool, identity, login, provider } = await scene({ identityPool: { allowClassicFlow: true } })
  const Logins = await login('alice')
  const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
  const { Token = '' } = await identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
  const issuer = 'https://cognito-identity.amazonaws.com'
  const configuration = await (await pool.fetch(`${issuer}/.well-known/openid-configuration`)).json()
  expect(configuration).toMatchObject({ issuer, id_token_signing_alg_values_supported: ['RS512'] })
  const keys = (await (await pool.fetch(configuration.jwks_uri)).json()) as JSONWebKeySet
  const { payload, protectedHeader } = await jwtVerify(Token, createLocalJWKSet(keys), {
    issuer,
    audience: pool.identityPoolId,
    currentDate: new Date(start),
  })
  expect(protectedHeader.alg).toBe('RS512')
  expect(payload).toMatchObject({
    sub: IdentityId,
    amr: ['authenticated', provider, `${provider}:CognitoSignIn:sub-of-alice`],
    exp: start / 1000 + 600,
  })
})

it('an ID token of a user pool is taken by STS once the pool is an OIDC provider of the account', async () => {
  const { pool } = await scene()
  const { idToken: WebIdentityToken } = await pool.tokens('alice')
  const url = `cognito-idp.eu-west-1.amazonaws.com/${pool.settings.userPoolId}`
  const Federated = `arn:aws:iam::123456789012:oidc-provider/${url}`
  const condition = { StringEquals: { [`${url}:sub`]: 'sub-of-alice' } }
  await createRole(pool, 'web', trusting({ Federated }, 'sts:AssumeRoleWithWebIdentity', condition))
  const input = { RoleArn: roleArn('web'), RoleSessionName: 'alice', WebIdentityToken }
  const assume = () => createStsClient(pool).send(new AssumeRoleWithWebIdentityCommand(input))
  await expect(assume()).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' })
  const provider = { Url: `https://${url}`, 'ClientIDList.member.1': 'another' }
  expect(await outcome(pool, 'CreateOpenIDConnectProvider', provider)).toBe(200)
  await expect(assume()).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' })
  const client = { OpenIDConnectProviderArn: Federated, ClientID: pool.settings.clientId }
  expect(await outcome(pool, 'AddClientIDToOpenIDConnectProvider', client)).toBe(200)
  expect(await assume()).toMatchObject({ Provider: Federated, SubjectFromWebIdentityToken: 'sub-of-alice' })
})

it('claims become session tags, which the role has to allow and its policies can ask for', async () => {
  const { pool, identity, provider, credentials } = await scene({}, ['reports'])
  await identity.send(
    new SetPrincipalTagAttributeMapCommand({
      IdentityPoolId: pool.identityPoolId,
      IdentityProviderName: provider,
      PrincipalTags: { who: 'cognito:username' },
    }),
  )
  await expect(credentials('alice')).rejects.toMatchObject({ name: 'InvalidIdentityPoolConfigurationException' })
  const actions = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']
  const PolicyDocument = trusting({ Federated: 'cognito-identity.amazonaws.com' }, actions)
  await outcome(pool, 'UpdateAssumeRolePolicy', { RoleName: 'reports', PolicyDocument })
  const own = allow('s3:GetObject', `arn:aws:s3:::b/\${aws:PrincipalTag/who}/*`)
  await outcome(pool, 'PutRolePolicy', { RoleName: 'reports', PolicyName: 'own', PolicyDocument: own })
  expect(await credentials('alice')).toMatchObject({ AccessKeyId: expect.stringMatching(/^ASIA/) })
})

it('an identity whose last login was unlinked is disabled, and its user gets another one', async () => {
  const { pool, identity, login, provider } = await scene()
  const { identityPoolId: IdentityPoolId } = pool
  const Logins = await login('alice')
  const getId = async () => (await identity.send(new GetIdCommand({ IdentityPoolId, Logins }))).IdentityId
  const IdentityId = await getId()
  expect(await identity.send(new DescribeIdentityCommand({ IdentityId }))).toMatchObject({ Logins: [provider] })
  await identity.send(new UnlinkIdentityCommand({ IdentityId, Logins, LoginsToRemove: [provider] }))
  const list = async (HideDisabled: boolean) => {
    return (await identity.send(new ListIdentitiesCommand({ IdentityPoolId, MaxResults: 60, HideDisabled }))).Identities
  }
  expect([(await list(false))?.length, (await list(true))?.length]).toEqual([1, 0])
  expect(await getId()).not.toBe(IdentityId)
  const call = identity.send(new UnlinkIdentityCommand({ IdentityId, Logins, LoginsToRemove: [provider] }))
  await expect(call).rejects.toMatchObject({ name: 'NotAuthorizedException' })
})
