import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations } from '../operation.ts'
import type { MfaMethod, State } from '../state.ts'
import { flag, readOptional, structure } from '../input.ts'
import { putUser, readPool, readUser } from './directory.ts'

/** The operation on the second factors of a user. */
export function mfaOperations(): Operations {
  return { 'cognito-idp.AdminSetUserMFAPreference': setPreference }
}

/** A method that is not sent stays as it is. At most one is preferred. */
function setPreference(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  const methods = new Set(user.mfa)
  const chosen: MfaMethod[] = []
  let { preferredMfa } = user
  for (const [member, method] of members()) {
    const setting = readOptional(input, member, structure({ Enabled: flag(), PreferredMfa: flag() }))
    if (setting === undefined) continue
    const isEnabled = setting['Enabled'] === true
    if (isEnabled) methods.add(method)
    else methods.delete(method)
    if (setting['PreferredMfa'] === true) {
      if (!isEnabled) throw invalidParameter('A method that is not enabled cannot be preferred.')
      chosen.push(method)
    } else if (preferredMfa === method) preferredMfa = undefined
  }
  if (chosen.length > 1) throw invalidParameter('Only one method can be preferred.')
  if (methods.has('SOFTWARE_TOKEN_MFA') && user.hasSoftwareToken !== true) {
    throw invalidParameter('User has not verified software token mfa')
  }
  const { attributes } = user
  const lacks = (method: MfaMethod, name: string) => methods.has(method) && attributes[name] === undefined
  if (lacks('SMS_MFA', 'phone_number')) throw invalidParameter('User does not have a phone number.')
  if (lacks('EMAIL_OTP', 'email')) throw invalidParameter('User does not have an email address.')
  putUser(pool, {
    ...user,
    mfa: [...methods],
    preferredMfa: chosen[0] ?? preferredMfa,
    updatedAt: context.now,
  })
  return {}
}

function members(): readonly (readonly [string, MfaMethod])[] {
  return [
    ['SMSMfaSettings', 'SMS_MFA'],
    ['SoftwareTokenMfaSettings', 'SOFTWARE_TOKEN_MFA'],
    ['EmailMfaSettings', 'EMAIL_OTP'],
  ]
}
