import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, notAuthorized, ServiceError } from '../service-error.ts'
import type { PasswordPolicy, PoolState, State, UserState } from '../state.ts'
import { readFlag, readText, readTexts } from './input.ts'
import { readPool, readUser } from './lookup.ts'
import { passwordRules } from './rules.ts'
import { putUser } from './directory.ts'

/** The operations on passwords. */
export function passwordOperations(): Operations {
  return {
    'cognito-idp.AdminResetUserPassword': resetPassword,
    'cognito-idp.AdminSetUserPassword': setPassword,
  }
}

/** Throws InvalidPasswordException where a password breaks the policy. */
export function checkPassword({ passwordPolicy: policy }: PoolState, password: string): void {
  const broken = faultsOf(policy).find(([pattern]) => !pattern.test(password))
  if (broken === undefined) return
  throw new ServiceError('InvalidPasswordException', `Password did not conform with policy: ${broken[1]}`)
}

function faultsOf(policy: PasswordPolicy): readonly [RegExp, string][] {
  const rules: readonly [boolean, RegExp, string][] = [
    [true, new RegExp(`^.{${policy.minLength},}$`, 'su'), 'Password not long enough'],
    [policy.requireLowercase, /[a-z]/, 'Password must have lowercase characters'],
    [policy.requireUppercase, /[A-Z]/, 'Password must have uppercase characters'],
    [policy.requireNumbers, /[0-9]/, 'Password must have numeric characters'],
    [policy.requireSymbols, /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/, 'Password must have symbol characters'],
  ]
  return rules.filter(([holds]) => holds).map(([, pattern, message]) => [pattern, message])
}

/** A temporary password that meets any policy: at least one character of every kind. */
export function generatePassword({ passwordPolicy }: PoolState, { random }: Context): string {
  return `${random.alphanumeric(Math.max(12, passwordPolicy.minLength))}-aA0`
}

/** When a temporary password that is set now ends. */
export function temporaryUntil({ passwordPolicy }: PoolState, { now }: Context): number {
  return now + passwordPolicy.temporaryDays * 86_400_000
}

function setPassword(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const password = readText(input, 'Password', passwordRules())
  const isPermanent = readFlag(input, 'Permanent')
  const user = readUser(pool, input)
  checkPassword(pool, password)
  const { status: old, failures: _, ...rest } = user
  const status = old === 'EXTERNAL_PROVIDER' ? old : isPermanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD'
  putUser(pool, {
    ...rest,
    status,
    password,
    passwordUntil: isPermanent ? undefined : temporaryUntil(pool, context),
    updatedAt: context.now,
  })
  return {}
}

/** From now on the old password is of no use, and sign-in answers PasswordResetRequiredException. */
function resetPassword(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  readTexts(input, 'ClientMetadata')
  const user = readUser(pool, input)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (!['CONFIRMED', 'RESET_REQUIRED', 'COMPROMISED'].includes(user.status)) {
    throw notAuthorized('User password cannot be reset in the current state.')
  }
  if (!hasVerifiedContact(user)) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    )
  }
  const { password: _, passwordUntil: __, ...rest } = user
  putUser(pool, { ...rest, status: 'RESET_REQUIRED', updatedAt: context.now })
  return {}
}

function hasVerifiedContact({ attributes }: UserState): boolean {
  return ['email', 'phone_number'].some((name) => attributes[name] && attributes[`${name}_verified`] === 'true')
}
