import type { AwsErrorDetails } from './aws-error.ts'
import { delayAsked, isThrottle } from './retry.ts'

/** The details of a failure that the answer itself tells. */
export type Refusal = Omit<AwsErrorDetails, 'operation' | 'attempts'>

/**
 * What an answer says that is no output: an error whose members are known, or in XML or HTML, empty or cut off. `body` is
 * undefined where it was too long to be read.
 */
export function refusalOf(
  { ok, status, headers }: Response,
  body: string | undefined,
  members: Record<string, unknown> = {},
  now: number,
): Refusal {
  const xml = (name: string) => RegExp(`<${name}>([^<]*)<`).exec(body ?? '')?.[1]
  const text = (...values: unknown[]) => values.find((value) => typeof value === 'string' && value) as string
  const named = text(headers.get('x-amzn-errortype'), members['__type'], members['code'], xml('Code'))
  // Nothing but a name: an answer that puts what it was sent there is not quoted.
  const code =
    /(?:^|#)([A-Z][A-Za-z.]{2,63})$/.exec(named?.split(':')[0] ?? '')?.[1] ?? (ok ? 'MalformedAnswer' : 'UnknownError')
  const requestId = text(headers.get('x-amzn-requestid'), members['RequestId'], xml('RequestId'))
  const throttled = isThrottle(code, status)
  return {
    code,
    status,
    reason: text(members['message'], members['Message'], xml('Message')),
    requestId: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(requestId) ? requestId : undefined,
    throttled,
    retryable: ok || throttled || status >= 500 || code.startsWith('RequestTimeout'),
    retryAfter: delayAsked(headers, now),
  }
}
