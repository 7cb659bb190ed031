import { isJsonObject } from '../encoding.ts'
import type { AwsErrorDetails } from './aws-error.ts'
import { delayAsked, isThrottle } from './retry.ts'

/** The details of a failure that the answer itself tells. */
export type Refusal = Omit<AwsErrorDetails, 'operation' | 'attempts'>

/**
 * The output that a successful answer holds; an empty body is an empty output. Undefined where it is not JSON: cut off,
 * or a proxy's page.
 */
export function outputOf(body: string): Record<string, unknown> | undefined {
  return body.trim() ? objectIn(body) : {}
}

/** What an answer says that is no output: an error, in JSON, XML or HTML, empty or cut off (JSON 1.1 and Query protocols). */
export function refusalOf({ ok, status, headers }: Response, body: string, now: number): Refusal {
  const members = objectIn(body) ?? {}
  const xml = (name: string) => RegExp(`<${name}>([^<]*)<`).exec(body)?.[1]
  const text = (...values: unknown[]) => values.find((value) => typeof value === 'string' && value) as string
  const named = text(headers.get('x-amzn-errortype'), members['__type'], members['code'], xml('Code'))
  const code = /([\w.]+)$/.exec(named?.split(':')[0] ?? '')?.[1] ?? (ok ? 'MalformedAnswer' : 'UnknownError')
  const throttled = isThrottle(code, status)
  return {
    code,
    status,
    reason: text(members['message'], members['Message'], xml('Message')),
    requestId: text(headers.get('x-amzn-requestid'), xml('RequestId')),
    throttled,
    retryable: ok || throttled || status >= 500 || code.startsWith('RequestTimeout'),
    retryAfter: delayAsked(headers, now),
  }
}

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
