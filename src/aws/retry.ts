/** How often and how long a call is tried. */
export interface RetryOptions {
  /** Requests for one call at most, the first included. Default 3. */
  readonly attempts?: number | undefined
  /** Seconds that a call may take, with all its attempts and waiting. Default 20. */
  readonly deadline?: number | undefined
}

/** Whether AWS asks to be called less often. Cognito says so with HTTP status 400, so the code decides. */
export function isThrottle(code: string, status?: number): boolean {
  return (
    status === 429 || /^(Throttl|TooManyRequests|SlowDown|PriorRequest|Bandwidth|Request(Throttled|Limit))/.test(code)
  )
}

/** The wait before the attempt that follows attempt number `attempt`, in milliseconds (AWS's standard mode). */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(2 ** (attempt - 1), 20) * 1000
}

/** The wait that an answer asks for, in milliseconds: `x-amz-retry-after`, or `Retry-After` (RFC 9110 section 10.2.3). */
export function delayAsked(headers: Headers, now: number): number | undefined {
  const own = headers.get('x-amz-retry-after')
  const common = headers.get('retry-after') ?? ''
  const delay = own ? +own : +common * 1000 || Date.parse(common) - now
  return delay > 0 ? delay : undefined
}
