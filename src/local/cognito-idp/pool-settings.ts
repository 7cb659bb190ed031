import { choice, flag, integer, listOf, mapOf, type Reader, structure, text } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { invalidParameter, ServiceError } from '../operation.ts'
import type { DeviceTracking, PasskeySettings, PasswordPolicy, PoolState } from '../state/index.ts'

/** What CreateUserPool and UpdateUserPool both take, in AWS's names. */
export function settingShapes(): Readonly<Record<string, Reader<unknown>>> {
  const flags = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, flag()]))
  const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text()]))
  const trigger = (versions: readonly string[]) =>
    structure({ LambdaVersion: choice(versions), LambdaArn: text() }, ['LambdaVersion', 'LambdaArn'])
  const grantTypes = () => listOf(choice(['code', 'implicit', 'client_credentials']))
  return {
    Policies: structure({
      PasswordPolicy: structure({
        MinimumLength: integer({ min: 6, max: 99 }),
        ...flags('RequireUppercase', 'RequireLowercase', 'RequireNumbers', 'RequireSymbols'),
        PasswordHistorySize: integer({ min: 0, max: 24 }),
        TemporaryPasswordValidityDays: integer({ min: 0, max: 365 }),
      }),
      SignInPolicy: structure({
        AllowedFirstAuthFactors: listOf(choice(['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'])),
      }),
    }),
    DeletionProtection: choice(['ACTIVE', 'INACTIVE']),
    LambdaConfig: structure({
      ...texts('PreSignUp', 'CustomMessage', 'PostConfirmation', 'PreAuthentication', 'PostAuthentication'),
      ...texts('DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse', 'PreTokenGeneration'),
      ...texts('UserMigration', 'KMSKeyID'),
      PreTokenGenerationConfig: trigger(['V1_0', 'V2_0', 'V3_0']),
      CustomSMSSender: trigger(['V1_0']),
      CustomEmailSender: trigger(['V1_0']),
      InboundFederation: trigger(['V1_0']),
    }),
    AutoVerifiedAttributes: listOf(choice(['phone_number', 'email'])),
    ...texts('SmsVerificationMessage', 'EmailVerificationMessage', 'EmailVerificationSubject'),
    VerificationMessageTemplate: structure({
      ...texts('SmsMessage', 'EmailMessage', 'EmailSubject', 'EmailMessageByLink', 'EmailSubjectByLink'),
      DefaultEmailOption: choice(['CONFIRM_WITH_LINK', 'CONFIRM_WITH_CODE']),
    }),
    SmsAuthenticationMessage: text(),
    MfaConfiguration: choice(['OFF', 'ON', 'OPTIONAL']),
    UserAttributeUpdateSettings: structure({
      AttributesRequireVerificationBeforeUpdate: listOf(choice(['phone_number', 'email'])),
    }),
    DeviceConfiguration: structure(flags('ChallengeRequiredOnNewDevice', 'DeviceOnlyRememberedOnUserPrompt')),
    EmailConfiguration: structure({
      ...texts('SourceArn', 'ReplyToEmailAddress', 'From', 'ConfigurationSet'),
      EmailSendingAccount: choice(['COGNITO_DEFAULT', 'DEVELOPER']),
    }),
    SmsConfiguration: smsShape(),
    UserPoolTags: mapOf(text(), text()),
    AdminCreateUserConfig: structure({
      AllowAdminCreateUserOnly: flag(),
      UnusedAccountValidityDays: integer({ min: 0, max: 365 }),
      InviteMessageTemplate: structure(texts('SMSMessage', 'EmailMessage', 'EmailSubject')),
    }),
    UserPoolAddOns: structure(
      {
        AdvancedSecurityMode: choice(['OFF', 'AUDIT', 'ENFORCED']),
        AdvancedSecurityAdditionalFlows: structure({ CustomAuthMode: choice(['AUDIT', 'ENFORCED']) }),
      },
      ['AdvancedSecurityMode'],
    ),
    AccountRecoverySetting: structure({
      RecoveryMechanisms: listOf(
        structure(
          {
            Priority: integer({ min: 1, max: 2 }),
            Name: choice(['verified_email', 'verified_phone_number', 'admin_only']),
          },
          ['Priority', 'Name'],
        ),
      ),
    }),
    UserPoolTier: choice(['LITE', 'ESSENTIALS', 'PLUS']),
    DcrConfiguration: structure({
      EnableStatus: choice(['Enabled', 'Disabled']),
      OpenDcrEnabled: flag(),
      AuthenticatedGrantTypes: grantTypes(),
      OpenDcrGrantTypes: grantTypes(),
      AllowedScopes: listOf(text()),
    }),
    KeyConfiguration: structure({
      KeyType: choice(['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KEY']),
      KmsKeyArn: text(),
    }),
    IssuerConfiguration: structure({ Type: choice(['ORIGINAL', 'UPDATED']) }),
    AcrConfiguration: mapOf(text(), structure({ AcrValue: text() }, ['AcrValue'])),
  }
}

/** An `SmsConfigurationType`. */
export function smsShape(): Reader<JsonObject> {
  const sender = [
    'CallerArn',
    'ExternalId',
    'OriginationIdentity',
    'ConfigurationSetName',
    'InEntityId',
    'InTemplateId',
  ]
  return structure({
    SnsCallerArn: text(),
    ExternalId: text(),
    SnsRegion: text(),
    EumsSms: structure(Object.fromEntries([...sender, 'Region'].map((name) => [name, text()])), ['CallerArn']),
  })
}

/**
 * The settings as Cognito keeps them: with defaults for what was not sent, and what has two names under both. Throws
 * for what contradicts itself. What `PoolState` has members for is left out.
 */
export function completeSettings(sent: JsonObject): JsonObject {
  checkSettings(sent)
  const policies = part(sent, 'Policies')
  const template = { DefaultEmailOption: 'CONFIRM_WITH_CODE', ...part(sent, 'VerificationMessageTemplate') }
  const mirrored = [
    ['SmsVerificationMessage', 'SmsMessage'],
    ['EmailVerificationMessage', 'EmailMessage'],
    ['EmailVerificationSubject', 'EmailSubject'],
  ] as const
  const old = Object.fromEntries(
    mirrored.flatMap(([name, part]) => {
      const value = sent[name] ?? template[part as keyof typeof template]
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const fresh = Object.fromEntries(
    mirrored.flatMap(([name, part]) => (old[name] === undefined ? [] : [[part, old[name]]])),
  )
  const kept = Object.entries(sent).filter(([name, value]) => storedAsSent().includes(name) && value !== undefined)
  return {
    ...Object.fromEntries(kept),
    SignInPolicy: policies['SignInPolicy'] ?? { AllowedFirstAuthFactors: ['PASSWORD'] },
    DeletionProtection: sent['DeletionProtection'] ?? 'INACTIVE',
    LambdaConfig: completeTriggers(part(sent, 'LambdaConfig')),
    ...old,
    VerificationMessageTemplate: { ...template, ...fresh },
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT', ...part(sent, 'EmailConfiguration') },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, ...part(sent, 'AdminCreateUserConfig') },
  }
}

function storedAsSent(): readonly string[] {
  return [
    'AutoVerifiedAttributes',
    'SmsAuthenticationMessage',
    'UserAttributeUpdateSettings',
    'DeviceConfiguration',
    'SmsConfiguration',
    'UserPoolAddOns',
    'AccountRecoverySetting',
    'DcrConfiguration',
    'AcrConfiguration',
  ]
}

/** The trigger of token generation has two places, which always name the same function. */
function completeTriggers(sent: JsonObject): JsonObject {
  const { PreTokenGeneration: arn, PreTokenGenerationConfig: config } = sent
  if (isObject(config)) return { ...sent, PreTokenGeneration: config['LambdaArn'] }
  if (arn === undefined) return sent
  return { ...sent, PreTokenGenerationConfig: { LambdaVersion: 'V1_0', LambdaArn: arn } }
}

/** The password policy of `Policies`, with Cognito's defaults. */
export function readPasswordPolicy(sent: JsonObject): PasswordPolicy {
  const policy = part(part(sent, 'Policies'), 'PasswordPolicy')
  const admin = part(sent, 'AdminCreateUserConfig')
  const days = policy['TemporaryPasswordValidityDays'] ?? admin['UnusedAccountValidityDays']
  const history = policy['PasswordHistorySize']
  // A policy that is sent requires what it says; none at all requires everything.
  const byDefault = Object.keys(policy).length === 0
  const required = (name: string) => (byDefault ? true : policy[name] === true)
  return {
    minLength: Number(policy['MinimumLength'] ?? 8),
    requireLowercase: required('RequireLowercase'),
    requireUppercase: required('RequireUppercase'),
    requireNumbers: required('RequireNumbers'),
    requireSymbols: required('RequireSymbols'),
    temporaryDays: Number(days ?? 0) || 7,
    ...(Number(history ?? 0) > 0 && { historySize: Number(history) }),
  }
}

/** How a `DeviceConfiguration` tracks devices. */
export function trackingOf(settings: JsonObject): DeviceTracking {
  const { DeviceConfiguration: devices } = settings
  if (!isObject(devices)) return 'off'
  return devices['DeviceOnlyRememberedOnUserPrompt'] === true ? 'opt-in' : 'always'
}

/** The `DeviceConfiguration` that tracks devices in this way. */
export function deviceSettings(tracking: DeviceTracking): JsonObject {
  if (tracking === 'off') return {}
  const DeviceOnlyRememberedOnUserPrompt = tracking === 'opt-in'
  return { DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt } }
}

/** How a pool with these settings takes passkeys; undefined where it does not. */
export function passkeysOf(settings: JsonObject): PasskeySettings | undefined {
  const factors = part(settings, 'SignInPolicy')['AllowedFirstAuthFactors']
  const isFactor = Array.isArray(factors) && factors.includes('WEB_AUTHN')
  if (!isFactor && settings['WebAuthnConfiguration'] === undefined) return undefined
  const { RelyingPartyId, UserVerification, FactorConfiguration } = part(settings, 'WebAuthnConfiguration')
  return {
    ...(typeof RelyingPartyId === 'string' && { rpId: RelyingPartyId }),
    userVerification: UserVerification === 'required' ? 'required' : 'preferred',
    isMultiFactor: FactorConfiguration === 'MULTI_FACTOR_WITH_USER_VERIFICATION',
  }
}

/** The settings that make a pool take passkeys in this way. */
export function passkeySettings(passkeys: PasskeySettings | undefined): JsonObject {
  if (passkeys === undefined) return {}
  const { rpId, userVerification, isMultiFactor } = passkeys
  return {
    SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'] },
    WebAuthnConfiguration: {
      ...(rpId !== undefined && { RelyingPartyId: rpId }),
      UserVerification: userVerification,
      FactorConfiguration: isMultiFactor ? 'MULTI_FACTOR_WITH_USER_VERIFICATION' : 'SINGLE_FACTOR',
    },
  }
}

/** A member of a pool's settings that is an object; empty where it is not set. */
export function poolSetting({ settings }: Pick<PoolState, 'settings'>, name: string): JsonObject {
  return part(settings, name)
}

/** The list of a pool's settings at this name; empty where it is not set. */
export function poolList({ settings }: Pick<PoolState, 'settings'>, name: string): readonly string[] {
  const list = settings[name]
  return Array.isArray(list) ? list.map(String) : []
}

function part(parent: JsonObject, name: string): JsonObject {
  const value = parent[name]
  return isObject(value) ? value : {}
}

/** Throws where settings contradict each other. */
function checkSettings(sent: JsonObject): void {
  const verified = poolList({ settings: sent }, 'AutoVerifiedAttributes')
  const update = part(sent, 'UserAttributeUpdateSettings')['AttributesRequireVerificationBeforeUpdate']
  const unverified = Array.isArray(update) ? update.map(String).find((name) => !verified.includes(name)) : undefined
  if (unverified !== undefined) {
    throw invalidParameter(
      `AttributesRequireVerificationBeforeUpdate can only have attributes of AutoVerifiedAttributes: ${unverified} is not there.`,
    )
  }
  const email = part(sent, 'EmailConfiguration')
  if (email['EmailSendingAccount'] === 'DEVELOPER' && email['SourceArn'] === undefined) {
    throw invalidParameter('EmailConfiguration: SourceArn is required where EmailSendingAccount is DEVELOPER.')
  }
  const triggers = part(sent, 'LambdaConfig')
  const sends = triggers['CustomSMSSender'] !== undefined || triggers['CustomEmailSender'] !== undefined
  if (sends && triggers['KMSKeyID'] === undefined) {
    throw invalidParameter('LambdaConfig: KMSKeyID is required for a custom sender of mail or texts.')
  }
  const tokens = triggers['PreTokenGeneration']
  const config = part(triggers, 'PreTokenGenerationConfig')['LambdaArn']
  if (tokens !== undefined && config !== undefined && tokens !== config) {
    throw invalidParameter('LambdaConfig: PreTokenGeneration and PreTokenGenerationConfig name different functions.')
  }
  const password = part(part(sent, 'Policies'), 'PasswordPolicy')
  const unused = part(sent, 'AdminCreateUserConfig')['UnusedAccountValidityDays']
  if (Number(unused ?? 0) > 0 && password['TemporaryPasswordValidityDays'] !== undefined) {
    throw invalidParameter(
      'Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays',
    )
  }
  checkRecovery(sent)
}

function checkRecovery(sent: JsonObject): void {
  const { RecoveryMechanisms: list } = part(sent, 'AccountRecoverySetting')
  const mechanisms = Array.isArray(list) ? list.filter(isObject) : []
  const names = mechanisms.map(({ Name }) => Name)
  if (names.includes('admin_only') && names.length > 1) {
    throw invalidParameter(
      'Invalid account recovery setting parameter. Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.',
    )
  }
  const priorities = new Set(mechanisms.map(({ Priority }) => Priority))
  if (priorities.size < mechanisms.length || new Set(names).size < names.length) {
    throw invalidParameter('Invalid account recovery setting parameter. Names and priorities must differ.')
  }
}

/** Throws FeatureUnavailableInTierException for settings that the pool's feature plan does not have. */
export function checkTier(tier: string, settings: JsonObject, policy: PasswordPolicy): void {
  const mode = part(settings, 'UserPoolAddOns')['AdvancedSecurityMode']
  if (tier !== 'PLUS' && (mode === 'AUDIT' || mode === 'ENFORCED')) throw unavailable('Threat protection', 'PLUS')
  if (tier !== 'LITE') return
  const factors = part(settings, 'SignInPolicy')['AllowedFirstAuthFactors']
  if (Array.isArray(factors) && factors.some((factor) => factor !== 'PASSWORD')) {
    throw unavailable('Sign-in without a password', 'ESSENTIALS or PLUS')
  }
  if (policy.historySize !== undefined) throw unavailable('A password history', 'ESSENTIALS or PLUS')
  if (settings['EmailMfaConfiguration'] !== undefined) throw unavailable('MFA by e-mail', 'ESSENTIALS or PLUS')
}

function unavailable(feature: string, tiers: string): ServiceError {
  return new ServiceError('FeatureUnavailableInTierException', `${feature} needs the feature plan ${tiers}.`)
}
