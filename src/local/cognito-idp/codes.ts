import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, ServiceError } from '../operation.ts'
import type { CodePurpose, MessageState, PoolState, UserState } from '../state/index.ts'
import { putUser } from './directory.ts'

/** How many messages the outbox keeps at least; a tenth more and the oldest leave, so that few are moved for each. */
const outboxSize = 1000
/** How many wrong codes may be tried before a new code has to be asked for. */
const maxAttempts = 5

/** Where a code goes. */
export interface Recipient {
  readonly medium: MessageState['medium']
  readonly attribute: 'email' | 'phone_number'
  readonly to: string
}

/** Puts a message with a new code into the outbox, and returns the code. */
export function sendCode(
  pool: PoolState,
  username: string,
  { medium, to }: Recipient,
  purpose: MessageState['purpose'],
  { now, random }: Context,
): string {
  const code = random.digits(6)
  pool.outbox.push({ medium, to, username, purpose, code, at: now })
  if (pool.outbox.length > outboxSize * 1.1) pool.outbox.splice(0, pool.outbox.length - outboxSize)
  return code
}

/** Sends a code that the user enters later, in place of an earlier one of this purpose. Returns `CodeDeliveryDetails`. */
export function requestCode(
  pool: PoolState,
  user: UserState,
  recipient: Recipient,
  purpose: CodePurpose,
  context: Context,
): JsonObject {
  const kind = purpose === 'email' || purpose === 'phone_number' ? 'attribute' : purpose
  const code = sendCode(pool, user.username, recipient, kind, context)
  const hours = purpose === 'forgot-password' ? 1 : 24
  const until = context.now + hours * 3_600_000
  const held = pool.users[user.username] ?? user
  const earlier = held.codes?.[purpose]
  const replaced = earlier === undefined ? [] : [...(earlier.replaced ?? []), earlier.code].slice(-5)
  putUser(pool, { ...held, codes: { ...held.codes, [purpose]: { code, until, attempts: 0, replaced } } })
  return describeDelivery(recipient)
}

/**
 * The user without the code, where it is right. Throws CodeMismatchException for a wrong one, which is counted,
 * ExpiredCodeException where none waits any more, and LimitExceededException after too many.
 */
export function takeCode(
  pool: PoolState,
  user: UserState,
  purpose: CodePurpose,
  code: string,
  { now }: Context,
): UserState {
  const waiting = user.codes?.[purpose]
  if (waiting === undefined || waiting.until <= now) throw expiredCode()
  if (waiting.attempts >= maxAttempts) throw tooManyAttempts()
  if (waiting.code !== code) {
    putUser(pool, { ...user, codes: { ...user.codes, [purpose]: { ...waiting, attempts: waiting.attempts + 1 } } })
    throw waiting.replaced?.includes(code) ? expiredCode() : wrongCode()
  }
  const { [purpose]: _, ...others } = user.codes ?? {}
  return { ...user, codes: others }
}

/** Where the user can be reached: by a verified contact, e-mail first, or where asked for by an unverified one too. */
export function findRecipient(
  { attributes }: Pick<UserState, 'attributes'>,
  { isVerified }: { readonly isVerified: boolean },
): Recipient | undefined {
  return (['email', 'phone_number'] as const)
    .filter((name) => attributes[name] && (!isVerified || attributes[`${name}_verified`] === 'true'))
    .map((name) => createRecipient(name, attributes[name] ?? ''))[0]
}

/** The recipient behind an attribute. Throws InvalidParameterException for a user who lacks it. */
export function readRecipient({ attributes }: UserState, attribute: 'email' | 'phone_number'): Recipient {
  const to = attributes[attribute]
  if (to) return createRecipient(attribute, to)
  throw invalidParameter(`User does not have ${attribute === 'email' ? 'an email address' : 'a phone number'}.`)
}

/** A `CodeDeliveryDetailsType`. */
export function describeDelivery({ medium, attribute, to }: Recipient): JsonObject {
  return { Destination: maskDestination(medium, to), DeliveryMedium: medium, AttributeName: attribute }
}

/** An address or a number, as far as Cognito shows it. */
export function maskDestination(medium: MessageState['medium'], to: string): string {
  if (medium === 'SMS') return `+${'*'.repeat(Math.max(0, to.length - 5))}${to.slice(-4)}`
  const [local = '', domain = ''] = to.split('@')
  return `${local.charAt(0)}***@${domain.charAt(0)}***`
}

/** The answer to a code that is not the one that waits. */
export function wrongCode(): ServiceError {
  return codeMismatch('Invalid verification code provided, please try again.')
}

export function codeMismatch(message: string): ServiceError {
  return new ServiceError('CodeMismatchException', message)
}

export function expiredCode(message = 'Invalid code provided, please request a code again.'): ServiceError {
  return new ServiceError('ExpiredCodeException', message)
}

export function tooManyAttempts(): ServiceError {
  return new ServiceError('LimitExceededException', 'Attempt limit exceeded, please try after some time.')
}

function createRecipient(attribute: 'email' | 'phone_number', to: string): Recipient {
  return { medium: attribute === 'email' ? 'EMAIL' : 'SMS', attribute, to }
}
