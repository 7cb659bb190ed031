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
  const code = /([\w.]+)$/.exec(named?.split(':')[0] ?? '')?.[1] ?? (ok ? 'MalformedAnswer' : 'UnknownError')
  const throttled = isThrottle(code, status)
  return {
    code,
    status,
    reason: text(members['message'], members['Message'], xml('Message')),
    requestId: text(headers.get('x-amzn-requestid'), members['RequestId'], xml('RequestId')),
    throttled,
    retryable: ok || throttled || status >= 500 || code.startsWith('RequestTimeout'),
    retryAfter: delayAsked(headers, now),
  }
}
