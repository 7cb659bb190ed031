import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { partitionOf } from '../partitions.ts'
import { accountId, type PoolState, type State } from '../state.ts'
import { standardAttributes } from './attributes.ts'
import { countUsers, listUsersBy } from './directory.ts'
import { readPool } from './lookup.ts'

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
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
    },
    DeletionProtection: 'INACTIVE',
    LambdaConfig: {},
    LastModifiedDate: pool.createdAt / 1000,
    CreationDate: pool.createdAt / 1000,
    SchemaAttributes: schemaOf(pool),
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

function schemaOf(pool: PoolState): JsonObject[] {
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
