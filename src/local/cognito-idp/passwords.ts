import { passwordRules, readFlag, readText, readTexts } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import type { PasswordPolicy, PoolState, State, UserState } from '../state/index.ts'
import { putUser, readPool, readUser } from './directory.ts'

/** The operations on passwords. */
export function passwordOperations(): Operations {
  return {
    'cognito-idp.AdminResetUserPassword': resetPassword,
    'cognito-idp.AdminSetUserPassword': setPassword,
  }
}

/** Throws InvalidPasswordException where a password breaks the policy. */
export function checkPassword({ passwordPolicy: policy }: PoolState, password: string): void {
  const broken = listRules(policy).find(([pattern]) => !pattern.test(password))
  if (broken === undefined) return
  throw new ServiceError('InvalidPasswordException', `Password did not conform with policy: ${broken[1]}`)
}

/**
 * What of a user changes with a password that is there to stay. Throws where it breaks the policy, and
 * PasswordHistoryPolicyViolationException where it is one of the last ones (`PasswordHistorySize`).
 */
export function choosePassword(
  pool: PoolState,
  { password: held, passwordHistory = [] }: UserState,
  password: string,
): Pick<UserState, 'password' | 'passwordHistory'> {
  checkPassword(pool, password)
  const { historySize } = pool.passwordPolicy
  if (historySize === undefined) return { password }
  const isCurrentKept = held === undefined || passwordHistory.includes(held)
  const known = (isCurrentKept ? passwordHistory : [...passwordHistory, held]).slice(-historySize)
  if (known.includes(password)) {
    throw new ServiceError(
      'PasswordHistoryPolicyViolationException',
      'Password has been used recently and cannot be used again.',
    )
  }
  return { password, passwordHistory: [...known, password].slice(-historySize) }
}

function listRules(policy: PasswordPolicy): readonly [RegExp, string][] {
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
  if (!isPermanent) checkPassword(pool, password)
  const chosen = isPermanent ? choosePassword(pool, user, password) : { password }
  const { status: old, failures: _, ...rest } = user
  const status = old === 'EXTERNAL_PROVIDER' ? old : isPermanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD'
  putUser(pool, {
    ...rest,
    status,
    ...chosen,
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

/** After so many wrong passwords in a row, each further one locks the user out for twice as long, from a second. */
const freeAttempts = 5
const longestLock = 900_000

/**
 * Throws unless the password was right and the user may sign in with it: wrong passwords are counted, and that a user
 * is disabled shows only to whoever has the right one. Unconfirmed users are told so before the password is looked at.
 */
export function checkSignIn(pool: PoolState, user: UserState, isRight: boolean, now: number): void {
  const { count = 0, lockedUntil = 0 } = user.failures ?? {}
  if (lockedUntil > now) throw notAuthorized('Password attempts exceeded')
  if (user.status === 'RESET_REQUIRED') {
    throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user')
  }
  if (user.status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.')
  if (!isRight) {
    const over = count + 1 - freeAttempts
    const lock = over < 0 ? 0 : Math.min(1000 * 2 ** over, longestLock)
    putUser(pool, { ...user, failures: { count: count + 1, lockedUntil: now + lock } })
    throw notAuthorized('Incorrect username or password.')
  }
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.passwordUntil !== undefined && user.passwordUntil <= now) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.')
  }
  if (user.failures !== undefined) {
    const { failures: _, ...rest } = user
    putUser(pool, rest)
  }
}
