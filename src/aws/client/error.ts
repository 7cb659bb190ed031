import { CognigateError } from '../../errors.ts'
import type { ErrorCodes } from '../services/user-pool/cognito-idp.generated.ts'

/** The name of an operation of the user-pool API. */
export type Operation = keyof ErrorCodes

/** Codes that any operation can fail with, besides those that it documents. */
export type CommonAwsErrorCode =
  /** There was no answer, or it broke off: `cause` says why. */
  | 'NetworkError'
  /** No answer came before the deadline. */
  | 'DeadlineExceeded'
  /** The answer of a success is not what the protocol says. */
  | 'MalformedAnswer'
  /** An error without a code, such as a proxy's HTML page: see `status`. */
  | 'UnknownError'
  /** A list gave a page token for the second time. */
  | 'PageTokenRepeated'
  | 'AccessDeniedException'
  | 'ExpiredTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'MissingAuthenticationTokenException'
  | 'RequestExpired'
  | 'SerializationException'
  | 'ServiceUnavailableException'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException'
  | 'ValidationException'

/** What an AwsError tells. */
export interface AwsErrorDetails<Code extends string = string> {
  readonly code: Code
  readonly operation: string
  /** The service's own words. */
  readonly reason?: string | undefined
  readonly requestId?: string | undefined
  readonly status?: number | undefined
  readonly retryable?: boolean
  readonly throttled?: boolean
  readonly retryAfter?: number | undefined
  readonly attempts?: number
  readonly outcome?: 'failed' | 'unknown'
}

/** A call of AWS failed. Neither the message nor any member holds a secret, a token or an attribute's value. */
export class AwsError<Code extends string = string> extends CognigateError {
  override readonly name = 'AwsError'
  /** AWS's own name of the error, such as `UserNotFoundException`, or one of CommonAwsErrorCode. */
  declare readonly code: Code
  /** The operation that was called, such as `AdminGetUser`. */
  declare readonly operation: string
  /** AWS's id of the request, for its support. */
  declare readonly requestId: string | undefined
  /** The HTTP status; undefined where no answer came. */
  declare readonly status: number | undefined
  /** Whether the same call may succeed later, and may safely be repeated. */
  declare readonly retryable: boolean
  /** Whether the service asked to call it less often: then the call had no effect. */
  declare readonly throttled: boolean
  /** How long the service asks to wait before the next attempt, in milliseconds. */
  declare readonly retryAfter: number | undefined
  /** How many requests were sent for this call. */
  declare readonly attempts: number
  /** `failed`: the call had no effect. `unknown`: the answer was lost, and the write may have had its effect. */
  declare readonly outcome: 'failed' | 'unknown'

  constructor({ reason, ...details }: AwsErrorDetails<Code>, options?: ErrorOptions) {
    super(`${details.operation}: ${details.code}${reason ? `, ${reason}` : ''}`, options)
    Object.assign(this, { retryable: false, throttled: false, attempts: 1, outcome: 'failed' }, details)
  }
}

/**
 * Whether something that was thrown is the failure of a call; with an operation, the failure of that one, whose `code`
 * is then one that it documents or a common one.
 */
export function isAwsError(error: unknown): error is AwsError
export function isAwsError<O extends Operation>(
  error: unknown,
  operation: O,
): error is AwsError<ErrorCodes[O] | CommonAwsErrorCode>
export function isAwsError(error: unknown, operation?: string): boolean {
  return error instanceof AwsError && (operation === undefined || error.operation === operation)
}
