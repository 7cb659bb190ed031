import { choice, flag, readOptional, structure, text } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations } from '../operation.ts'
import type { MfaMethod, PoolState, State } from '../state/index.ts'
import { readPool } from './directory.ts'
import { checkTier, passkeysOf, smsShape } from './pool-settings.ts'

/** The operations on the second factors of a pool. */
export function poolMfaOperations(): Operations {
  return {
    'cognito-idp.GetUserPoolMfaConfig': (state, input, context) => describeMfa(readPool(state, input, context)),
    'cognito-idp.SetUserPoolMfaConfig': setMfa,
  }
}

/** Second factors that are not sent are off; what passkeys are for stays as it was. */
function setMfa(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const setting = readOptional(input, 'MfaConfiguration', choice(['OFF', 'ON', 'OPTIONAL']))
  const sms = readOptional(
    input,
    'SmsMfaConfiguration',
    structure({ SmsAuthenticationMessage: text(), SmsConfiguration: smsShape() }),
  )
  const software = readOptional(input, 'SoftwareTokenMfaConfiguration', structure({ Enabled: flag() }))
  const email = readOptional(input, 'EmailMfaConfiguration', structure({ Message: text(), Subject: text() }))
  const passkeys = readOptional(input, 'WebAuthnConfiguration', webAuthnShape())
  const configuration = sms?.['SmsConfiguration'] ?? pool.settings['SmsConfiguration']
  const sent: MfaMethod[] = [
    ...(sms !== undefined ? (['SMS_MFA'] as const) : []),
    ...(software?.['Enabled'] === true ? (['SOFTWARE_TOKEN_MFA'] as const) : []),
    ...(email !== undefined ? (['EMAIL_OTP'] as const) : []),
  ]
  // Without a word on second factors they stay as they are.
  const isSilent = setting === undefined && sent.length === 0
  const mfa = isSilent ? pool.mfa : (setting ?? 'OFF')
  const mfaMethods = isSilent ? pool.mfaMethods : sent
  if (mfa === 'OFF' && mfaMethods.length > 0) {
    throw invalidParameter("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
  }
  if (mfa !== 'OFF' && mfaMethods.length === 0) {
    throw invalidParameter('Invalid MFA configuration given, no MFA method is configured.')
  }
  if (sms !== undefined && configuration === undefined) {
    throw invalidParameter('SmsConfiguration is required for MFA by text message.')
  }
  const { EmailMfaConfiguration: old, ...others } = pool.settings
  const settings: JsonObject = {
    ...others,
    ...(sms?.['SmsConfiguration'] !== undefined && { SmsConfiguration: sms['SmsConfiguration'] }),
    ...(sms?.['SmsAuthenticationMessage'] !== undefined && {
      SmsAuthenticationMessage: sms['SmsAuthenticationMessage'],
    }),
    ...(isSilent && old !== undefined && { EmailMfaConfiguration: old }),
    ...(email !== undefined && { EmailMfaConfiguration: email }),
    ...(passkeys !== undefined && { WebAuthnConfiguration: completePasskeys(pool, passkeys) }),
  }
  checkTier(String(settings['UserPoolTier']), settings, pool.passwordPolicy)
  const changed: PoolState = {
    ...pool,
    settings,
    passkeys: passkeysOf(settings),
    mfa,
    mfaMethods,
    updatedAt: context.now,
  }
  state.pools[pool.userPoolId] = changed
  return describeMfa(changed)
}

function webAuthnShape() {
  return structure({
    RelyingPartyId: text(),
    UserVerification: choice(['required', 'preferred']),
    FactorConfiguration: choice(['SINGLE_FACTOR', 'MULTI_FACTOR_WITH_USER_VERIFICATION']),
  })
}

/** User verification is `preferred` unless set (WebAuthnConfigurationType). */
function completePasskeys(pool: PoolState, sent: JsonObject): JsonObject {
  const { WebAuthnConfiguration: held } = pool.settings
  return { UserVerification: 'preferred', FactorConfiguration: 'SINGLE_FACTOR', ...(isObject(held) && held), ...sent }
}

function describeMfa({ mfa, mfaMethods, settings }: PoolState): JsonObject {
  const { SmsAuthenticationMessage, SmsConfiguration, EmailMfaConfiguration, WebAuthnConfiguration } = settings
  return {
    ...(mfaMethods.includes('SMS_MFA') && { SmsMfaConfiguration: { SmsAuthenticationMessage, SmsConfiguration } }),
    ...(mfaMethods.includes('SOFTWARE_TOKEN_MFA') && { SoftwareTokenMfaConfiguration: { Enabled: true } }),
    ...(mfaMethods.includes('EMAIL_OTP') && { EmailMfaConfiguration: EmailMfaConfiguration ?? {} }),
    MfaConfiguration: mfa,
    WebAuthnConfiguration,
  }
}
