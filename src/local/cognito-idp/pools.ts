import { partitionOf } from '../hosts.ts'
import { choice, flag, listOf, readMember, readText, structure, text, type TextRules } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import { accountId, type MfaSetting, type PoolState, type State } from '../state/index.ts'
import { countUsers, readPool } from './directory.ts'
import {
  checkTier,
  completeSettings,
  passkeysOf,
  readPasswordPolicy,
  settingShapes,
  trackingOf,
} from './pool-settings.ts'
import { describeAttribute, listAttributes, readSchema, schemaShape, withCustomAttributes } from './schema.ts'
import { checkTags } from './tags.ts'

/** Cognito's quota of user pools in an account and region. */
const maxPools = 1000

/** The operations on pools as a whole. */
export function poolOperations(): Operations {
  return {
    'cognito-idp.AddCustomAttributes': addCustomAttributes,
    'cognito-idp.CreateUserPool': createPool,
    'cognito-idp.DeleteUserPool': deletePool,
    'cognito-idp.DescribeUserPool': (state, input, context) => ({
      UserPool: describe(readPool(state, input, context)),
    }),
    'cognito-idp.ListUserPools': listPools,
    'cognito-idp.UpdateUserPool': updatePool,
  }
}

/** A pool without anything in it. Its members are replaced by those of `details`. */
export function emptyPool(details: Pick<PoolState, 'userPoolId' | 'name' | 'region'>, now: number): PoolState {
  return {
    ...details,
    domains: createMap(),
    settings: { ...completeSettings({}), UserPoolTier: 'ESSENTIALS' },
    tags: {},
    issuer: 'original',
    strictIssuer: false,
    caseSensitive: true,
    aliases: [],
    usernameAttributes: [],
    schema: createMap(),
    takesAnyAttribute: false,
    requiredAttributes: [],
    passwordPolicy: readPasswordPolicy({}),
    createdAt: now,
    updatedAt: now,
    clients: createMap(),
    groups: createMap(),
    providers: createMap(),
    resourceServers: createMap(),
    terms: createMap(),
    brandings: createMap(),
    importJobs: createMap(),
    replicas: createMap(),
    customizations: createMap(),
    riskConfigurations: createMap(),
    logConfigurations: [],
    users: createMap(),
    deletedGroups: createMap(),
    sessions: createMap(),
    mfa: 'OFF',
    mfaMethods: [],
    deviceTracking: 'off',
    outbox: [],
    revokedOrigins: createMap(),
    refreshTokens: createMap(),
    authEvents: createMap(),
    authorizationCodes: createMap(),
    loginSessions: createMap(),
    userSessions: createMap(),
  }
}

function createPool(state: State, input: JsonObject, context: Context): JsonObject {
  const { region, random, now } = context
  const sent = structure({
    ...settingShapes(),
    AliasAttributes: listOf(choice(['email', 'phone_number', 'preferred_username'])),
    UsernameAttributes: listOf(choice(['email', 'phone_number'])),
    UsernameConfiguration: structure({ CaseSensitive: flag() }, ['CaseSensitive']),
    Schema: listOf(schemaShape(), 50),
  })(input, '')
  const name = readText(input, 'PoolName', poolNameRules())
  const names = readNames(sent)
  const mfa = mfaSetting(sent) ?? 'OFF'
  if (mfa !== 'OFF' && sent['SmsConfiguration'] === undefined) {
    throw invalidParameter(
      'SMS configuration and Auto verification for phone_number are required when MFA is required/optional',
    )
  }
  if (Object.values(state.pools).filter((pool) => pool.region === region).length >= maxPools) {
    throw new ServiceError(
      'LimitExceededException',
      'The account has as many user pools in this region as it may have.',
    )
  }
  const pool: PoolState = {
    ...emptyPool({ userPoolId: `${region}_${random.alphanumeric(9)}`, name, region }, now),
    ...names,
    ...readSchema(sent),
    ...applySettings(sent, { UserPoolTier: 'ESSENTIALS', ...usernameConfiguration(sent) }),
    tags: checkTags({}, tagsOf(sent) ?? {}),
    mfa,
    mfaMethods: mfa === 'OFF' ? [] : ['SMS_MFA'],
  }
  state.pools[pool.userPoolId] = pool
  return { UserPool: describe(pool) }
}

/**
 * Whatever is not sent goes back to its default (UpdateUserPool), save for the name, the tags, the feature plan, the
 * keys and the issuer. Second factors that were set up stay where MFA stays on.
 */
function updatePool(state: State, input: JsonObject, context: Context): JsonObject {
  const old = readPool(state, input, context)
  const sent = structure({ ...settingShapes(), PoolName: text(poolNameRules()) })(input, '')
  const mfa = mfaSetting(sent) ?? 'OFF'
  const kept = ['UserPoolTier', 'KeyConfiguration', 'IssuerConfiguration', 'UsernameConfiguration']
  const ofMfa = mfa === 'OFF' ? ['WebAuthnConfiguration'] : ['WebAuthnConfiguration', 'EmailMfaConfiguration']
  const still = Object.fromEntries(
    [...kept, ...ofMfa].flatMap((name) => (old.settings[name] === undefined ? [] : [[name, old.settings[name]]])),
  )
  const settings = applySettings(sent, still)
  const methods = old.mfaMethods.length > 0 ? old.mfaMethods : (['SMS_MFA'] as const)
  const withTexts = settings.settings['SmsConfiguration'] !== undefined
  if (mfa !== 'OFF' && old.mfaMethods.length === 0 && !withTexts) {
    throw invalidParameter(
      'SMS configuration and Auto verification for phone_number are required when MFA is required/optional',
    )
  }
  const tags = tagsOf(sent)
  state.pools[old.userPoolId] = {
    ...old,
    ...settings,
    name: sent['PoolName'] === undefined ? old.name : String(sent['PoolName']),
    tags: tags === undefined ? old.tags : checkTags({}, tags),
    mfa,
    mfaMethods: mfa === 'OFF' ? [] : methods,
    updatedAt: context.now,
  }
  return {}
}

/** The members that follow from what was sent; `still` are settings that stay unless they are sent. */
function applySettings(
  sent: JsonObject,
  still: JsonObject,
): Pick<PoolState, 'settings' | 'passwordPolicy' | 'deviceTracking' | 'passkeys' | 'issuer'> {
  const fixed = ['UserPoolTier', 'KeyConfiguration', 'IssuerConfiguration'].filter((name) => sent[name] !== undefined)
  const settings: JsonObject = {
    ...completeSettings(sent),
    ...still,
    ...Object.fromEntries(fixed.map((name) => [name, sent[name]])),
  }
  const passwordPolicy = readPasswordPolicy(sent)
  checkTier(String(settings['UserPoolTier']), settings, passwordPolicy)
  const { IssuerConfiguration: issuer } = settings
  return {
    settings,
    passwordPolicy,
    deviceTracking: trackingOf(settings),
    passkeys: passkeysOf(settings),
    issuer: isObject(issuer) && issuer['Type'] === 'UPDATED' ? 'updated' : 'original',
  }
}

function mfaSetting({ MfaConfiguration }: JsonObject): MfaSetting | undefined {
  return MfaConfiguration === 'ON' || MfaConfiguration === 'OPTIONAL' || MfaConfiguration === 'OFF'
    ? MfaConfiguration
    : undefined
}

function tagsOf({ UserPoolTags }: JsonObject): Readonly<Record<string, string>> | undefined {
  if (!isObject(UserPoolTags)) return undefined
  return Object.fromEntries(Object.entries(UserPoolTags).map(([key, value]) => [key, String(value)]))
}

function readNames(sent: JsonObject): Pick<PoolState, 'aliases' | 'usernameAttributes' | 'caseSensitive'> {
  const pick = <T extends string>(name: string, all: readonly T[]) => {
    const list = sent[name]
    return all.filter((one) => Array.isArray(list) && list.includes(one))
  }
  const aliases = pick('AliasAttributes', ['email', 'phone_number', 'preferred_username'])
  const usernameAttributes = pick('UsernameAttributes', ['email', 'phone_number'])
  if (aliases.length > 0 && usernameAttributes.length > 0) {
    throw invalidParameter('Only one of the aliasAttributes or usernameAttributes can be set in a user pool.')
  }
  const { UsernameConfiguration: configuration } = sent
  return {
    aliases,
    usernameAttributes,
    caseSensitive: !isObject(configuration) || configuration['CaseSensitive'] === true,
  }
}

function usernameConfiguration({ UsernameConfiguration }: JsonObject): JsonObject {
  return UsernameConfiguration === undefined ? {} : { UsernameConfiguration }
}

function deletePool(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  if (pool.settings['DeletionProtection'] === 'ACTIVE') {
    throw invalidParameter(
      'The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.',
    )
  }
  if (Object.keys(pool.domains).length > 0) {
    throw invalidParameter('User pool cannot be deleted. It has a domain configured that should be deleted first.')
  }
  delete state.pools[pool.userPoolId]
}

function listPools(state: State, input: JsonObject, context: Context): JsonObject {
  const pools = Object.values(state.pools).filter(({ region }) => region === context.region)
  const page = readPage(input, pools, ({ userPoolId }) => userPoolId, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['ListUserPools', context.region],
  })
  const UserPools = page.items.map(({ userPoolId, name, settings, createdAt, updatedAt }) => {
    return {
      Id: userPoolId,
      Name: name,
      LambdaConfig: settings['LambdaConfig'],
      LastModifiedDate: updatedAt / 1000,
      CreationDate: createdAt / 1000,
    }
  })
  return { UserPools, ...page.next }
}

function addCustomAttributes(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const items = readMember(input, 'CustomAttributes', listOf(schemaShape(), 25))
  state.pools[pool.userPoolId] = {
    ...pool,
    schema: withCustomAttributes(pool.schema, items),
    updatedAt: context.now,
  }
  return {}
}

/** The ARN of a pool. */
export function poolArn({ region, userPoolId }: Pick<PoolState, 'region' | 'userPoolId'>): string {
  return `arn:${partitionOf(region)}:cognito-idp:${region}:${accountId()}:userpool/${userPoolId}`
}

/** A `UserPoolType`. Blocks that were never set up are absent. */
function describe(pool: PoolState): JsonObject {
  const { passwordPolicy: policy } = pool
  const { SignInPolicy, EmailMfaConfiguration: _, WebAuthnConfiguration: __, ...settings } = pool.settings
  const admin = isObject(settings['AdminCreateUserConfig']) ? settings['AdminCreateUserConfig'] : {}
  return {
    Id: pool.userPoolId,
    Name: pool.name,
    Arn: poolArn(pool),
    ...settings,
    Policies: {
      PasswordPolicy: {
        MinimumLength: policy.minLength,
        RequireUppercase: policy.requireUppercase,
        RequireLowercase: policy.requireLowercase,
        RequireNumbers: policy.requireNumbers,
        RequireSymbols: policy.requireSymbols,
        PasswordHistorySize: policy.historySize,
        TemporaryPasswordValidityDays: policy.temporaryDays,
      },
      SignInPolicy,
    },
    LastModifiedDate: pool.updatedAt / 1000,
    CreationDate: pool.createdAt / 1000,
    SchemaAttributes: listAttributes(pool).map((attribute) => describeAttribute(attribute, pool.requiredAttributes)),
    AliasAttributes: pool.aliases.length > 0 ? pool.aliases : undefined,
    UsernameAttributes: pool.usernameAttributes.length > 0 ? pool.usernameAttributes : undefined,
    MfaConfiguration: pool.mfa,
    EstimatedNumberOfUsers: countUsers(pool),
    UserPoolTags: pool.tags,
    Domain: pool.domain,
    CustomDomain: Object.values(pool.domains).find(({ certificateArn }) => certificateArn !== undefined)?.domain,
    AdminCreateUserConfig: { ...admin, UnusedAccountValidityDays: policy.temporaryDays },
  }
}

function poolNameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }
}
