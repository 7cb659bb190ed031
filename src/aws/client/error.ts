import { CognigateError } from '../../errors.ts'
import type { ErrorCodes } from '../services/user-pool/cognito-idp.generated.ts'
import { readRetryAfter, isThrottle } from './retry.ts'

/** The name of an operation of the user-pool API. */
export type Operation = keyof ErrorCodes

/** Codes that any operation can fail with, besides those that it documents. */
export type CommonAwsErrorCode =
  /** There was no response, or it broke off: `cause` says why. */
  | 'NetworkError'
  /** No response came within the timeout. */
  | 'TimeoutError'
  /** The response does not follow the protocol. */
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

/** The details of an AwsError. */
export interface AwsErrorDetails<Code extends string = string> {
  readonly code: Code
  readonly operation: string
  /** The service's own message. */
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
  /** Whether AWS throttled the call: then it had no effect. */
  declare readonly throttled: boolean
  /** How long the service asks to wait before the next attempt, in seconds. */
  declare readonly retryAfter: number | undefined
  /** How many requests this call sent. */
  declare readonly attempts: number
  /** `failed`: the call had no effect. `unknown`: the response was lost, and the write may have taken effect. */
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

/** The error for a response that is not what the operation promises. */
export function malformed(operation: string, outcome: 'failed' | 'unknown' = 'failed'): AwsError {
  return new AwsError({ code: 'MalformedAnswer', operation, outcome })
}

/** What the response says about a failure. */
export type ErrorResponse = Omit<AwsErrorDetails, 'operation' | 'attempts'>

/**
 * What an answer says that is no output: an error whose members are known, or in XML or HTML, empty or cut off. `body` is
 * undefined where it was too long to be read. What the call sent is not repeated as a code or as a request's id.
 */
export function readErrorResponse(
  { ok, status, headers }: Response,
  body: string | undefined,
  members: Record<string, unknown> = {},
  now: number,
  sent: unknown,
): ErrorResponse {
  const xml = (name: string) => RegExp(`<${name}>([^<]*)<`).exec(body ?? '')?.[1]
  const text = (...values: unknown[]) => values.find((value) => typeof value === 'string' && value) as string
  const named = text(headers.get('x-amzn-errortype'), members['__type'], members['code'], xml('Code'))
  const isNew = (value: string) => !RegExp(value, 'i').test(JSON.stringify(sent))
  // Nothing but a name: an answer that puts what it was sent there is not quoted.
  const name = /(?:^|#)([A-Z][A-Za-z.]{2,63})$/.exec(named?.split(':')[0] ?? '')?.[1]
  const code = name && isNew(name) ? name : ok ? 'MalformedAnswer' : 'UnknownError'
  const requestId = text(headers.get('x-amzn-requestid'), members['RequestId'], xml('RequestId'))
  const throttled = isThrottle(code, status)
  return {
    code,
    status,
    reason: text(members['message'], members['Message'], xml('Message')),
    requestId: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(requestId) && isNew(requestId) ? requestId : undefined,
    throttled,
    retryable: ok || throttled || status >= 500 || code.startsWith('RequestTimeout'),
    retryAfter: readRetryAfter(headers, now),
  }
}

/**
 * The words of AWS's messages, without their endings. Only these words are quoted: whatever a service echoes of a call, in
 * whichever encoding, is left out.
 */
const WORDS =
  'a|access|account|administrator|all|allow|already|an|and|app|are|as|at|attempt|attribute|authorize|be|been|by|' +
  'can|cannot|change|character|client|code|confirm|conform|constraint|contain|create|delete|denie|deny|detect|did|' +
  'disable|do|does|email|enable|error|exceed|exist|expire|fail|for|found|from|given|group|has|have|id|in|include|' +
  'incorrect|invalid|is|it|later|length|limit|lowercase|maximum|member|missing|more|must|name|no|not|number|of|on|' +
  'only|operation|or|parameter|password|pattern|perform|permission|permit|please|policies|policy|pool|provide|' +
  'provider|rate|regular|remove|request|require|reset|resource|role|satisfy|secret|security|service|sign|temporary|' +
  'than|that|the|this|time|to|token|too|try|unknown|update|uppercase|use|user|username|valid|validation|value|' +
  'verified|with|without'

/**
 * The part of a service's message that is safe to show: of its first line, AWS's common words, the operation and the names of
 * its parameters, without anything that the call sent. Undefined if nothing is left. Further lines are never shown: they may
 * hold the canonical request, and with it the session token.
 */
export function quoteReason(reason = '', operation: string, input: object, credentials: unknown): string | undefined {
  const names = [operation, ...Object.keys(input)].map((name) => name.toLowerCase())
  const known = new RegExp(`^(${WORDS})(s|d|ed)?$`)
  const sent = textsIn([input, credentials])
  // A password of several words may come back with other spaces.
  const hidden = sent
    .filter((text) => /\s/.test(text))
    .join(' ')
    .toLowerCase()
    .split(/[^\w-]+/)
  const isSafe = (word: string) => !hidden.includes(word) && (known.test(word) || names.includes(word))
  const [line = ''] = reason.slice(0, 1000).split('\n')
  const quoted = sent
    .filter(({ length }) => length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((text, sent) => text.replace(literal(sent), '…'), line)
    .split(/\s+/)
    .map((token) => {
      const [, before = '', word = '', after = ''] =
        /^(["'(]?)(?:[a-z-]+:(?=\w))?([\w-]*?)(["'),.:;!?]*)$/i.exec(token) ?? []
      return isSafe(word.toLowerCase()) ? before + word + after : `…${/[,.:;]?$/.exec(token)}`
    })
    .join(' ')
  return /\w/.test(quoted) ? quoted.replace(/…[…,.:; ]*…/g, '…') : undefined
}

/**
 * The service's message if it is plain text and holds nothing that the call sent; undefined otherwise. For clients that must
 * be small: the list of words would be longer than they are.
 */
export function quotePlain(reason = '', _operation: string, input: object): string | undefined {
  // Common names and the words of every message give nothing away.
  const common = /^(user(name)?|password|code|session|token|device|client|does|exist)$/
  const words = (reason.toLowerCase().match(/[a-z]{4,}/g) ?? []).filter((word) => !common.test(word))
  const isEchoed = (sent: string) => {
    // The API's own names, such as USER_SRP_AUTH, hold words that messages are made of.
    if (/^[A-Z_]+$/.test(sent)) return reason.includes(sent)
    return words.some((word) => sent.toLowerCase().includes(word))
  }
  return /^[A-Za-z ,.'-]{1,200}$/.test(reason) && !textsIn(input).some(isEchoed) ? reason : undefined
}

/** All texts below an input. */
function textsIn(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(textsIn)
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi')
}
