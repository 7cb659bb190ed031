import { managedLoginHost, partitionOf, serviceHost } from '../hosts.ts'
import type { JsonObject } from '../json.ts'
import { type Context, Deferred, type Operations, ServiceError } from '../operation.ts'
import { accountId, type IssuerKind, type PoolState, type State } from '../state.ts'
import { standardAttributes } from './attributes.ts'
import { countUsers, listUsersBy, readPool } from './directory.ts'

/** The operations on pools as a whole. */
export function poolOperations(): Operations {
  return { 'cognito-idp.DescribeUserPool': describePool }
}

/**
 * A `UserPoolType`, as far as the local pool has what it describes. Second factors are on where a user has one: the
 * local pool has no setting for them.
 */
function describePool(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { userPoolId, region, passwordPolicy: policy } = pool
  const UserPool = {
    Id: userPoolId,
    Name: pool.name,
    Arn: `arn:${partitionOf(region)}:cognito-idp:${region}:${accountId()}:userpool/${userPoolId}`,
    Policies: {
      PasswordPolicy: {
        MinimumLength: policy.minLength,
        RequireUppercase: policy.requireUppercase,
        RequireLowercase: policy.requireLowercase,
        RequireNumbers: policy.requireNumbers,
        RequireSymbols: policy.requireSymbols,
        TemporaryPasswordValidityDays: policy.temporaryDays,
      },
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', ...(pool.passkeys === undefined ? [] : ['WEB_AUTHN'])] },
    },
    DeletionProtection: 'INACTIVE',
    LambdaConfig: {},
    LastModifiedDate: pool.createdAt / 1000,
    CreationDate: pool.createdAt / 1000,
    SchemaAttributes: describeSchema(pool),
    AliasAttributes: pool.aliases.length > 0 ? pool.aliases : undefined,
    UsernameAttributes: pool.usernameAttributes.length > 0 ? pool.usernameAttributes : undefined,
    UsernameConfiguration: { CaseSensitive: pool.caseSensitive },
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: [] },
    MfaConfiguration: listUsersBy(pool, 'mfa', { count: 1 }).length > 0 ? 'OPTIONAL' : 'OFF',
    EstimatedNumberOfUsers: countUsers(pool),
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    UserPoolTags: {},
    Domain: pool.domain,
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: policy.temporaryDays },
    UserPoolTier: 'ESSENTIALS',
  }
  return { UserPool }
}

function describeSchema(pool: PoolState): JsonObject[] {
  const own = (pool.customAttributes ?? []).map((name) => attribute(pool, name, { min: undefined, max: undefined }))
  const standard = standardAttributes().map((name) => {
    if (name === 'birthdate') return attribute(pool, name, { min: '10', max: '10' })
    return attribute(pool, name, { min: '0', max: '2048' })
  })
  const identities = { ...attribute(pool, 'identities', { min: undefined, max: undefined }), Required: false }
  return [
    { ...attribute(pool, 'sub', { min: '1', max: '2048' }), Mutable: false, Required: true },
    ...standard,
    identities,
    ...own,
  ]
}

function attribute(
  pool: PoolState,
  name: string,
  { min, max }: { readonly min: string | undefined; readonly max: string | undefined },
): JsonObject {
  const common = {
    Name: name,
    DeveloperOnlyAttribute: name.startsWith('dev:'),
    Mutable: true,
    Required: pool.requiredAttributes.includes(name),
  }
  if (name.endsWith('_verified')) return { ...common, AttributeDataType: 'Boolean' }
  if (name === 'updated_at') {
    return { ...common, AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '0' } }
  }
  return { ...common, AttributeDataType: 'String', StringAttributeConstraints: { MinLength: min, MaxLength: max } }
}

/** What a pool publishes for everyone below its issuer. */
export function wellKnownOperations(): Operations {
  return {
    'issuer.jwks': keySet,
    'issuer.openid-configuration': openIdConfiguration,
  }
}

function keySet(state: State, input: JsonObject, context: Context): JsonObject {
  const { userPoolId } = readIssuer(state, input, context)
  return { keys: new Deferred(userPoolId, (keys) => keys.publish()) }
}

/** OpenID Connect Discovery 1.0 section 3, as far as the local pool serves what it names. */
function openIdConfiguration(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readIssuer(state, input, context)
  const issuer = getIssuer(pool)
  return {
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint: `https://${managedLoginHost(pool.domain, pool.region)}/oauth2/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }
}

function readIssuer(state: State, input: JsonObject, context: Context): PoolState {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', 'The user pool does not exist.', 404)
  }
  if (pool.strictIssuer && input['Issuer'] !== pool.issuer) {
    throw new ServiceError('ForbiddenException', 'The user pool does not use this issuer.', 403)
  }
  return pool
}

/** The `iss` of a pool's tokens: that of its configuration, or the other one. */
export function getIssuer(pool: PoolState, kind: IssuerKind = pool.issuer): string {
  const service = kind === 'updated' ? 'issuer-cognito-idp' : 'cognito-idp'
  return `https://${serviceHost(service, pool.region)}/${pool.userPoolId}`
}
