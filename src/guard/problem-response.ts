import { type AuthenticationError, ForbiddenError, RefusalError, UnavailableError } from '../errors.ts'

/** The errors that have an HTTP answer of their own. */
export type Refusal = AuthenticationError | ForbiddenError | UnavailableError

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof RefusalError
}

/**
 * The HTTP answer to a refusal: problem details (RFC 9457) with a stable `code`, and the header fields that go with the
 * status. It holds fixed texts, the path of the request and required scopes; nothing of a token.
 */
export function answer(error: Refusal, { method, url }: Request, metadataUrl?: string): Response {
  const { status, code, message: title } = error
  const headers = new Headers({
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
  })
  const challenge = challengeOf(error)
  if (challenge) {
    const parameters = Object.entries({ ...challenge, resource_metadata: metadataUrl })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}="${value}"`)
    headers.set('www-authenticate', `Bearer ${parameters.join(', ')}`)
  }
  if (error instanceof UnavailableError) headers.set('retry-after', `${error.retryAfter}`)
  // Browsers hide the header field from scripts, which have to start the step-up.
  const { max_age, acr_values } = challenge ?? {}
  const body = JSON.stringify({ title, status, code, instance: new URL(url).pathname, max_age, acr_values })
  return new Response(method === 'HEAD' ? null : body, { status, headers })
}

/**
 * RFC 6750 section 3: no error code where no token came, so that a client learns nothing but how to come back. RFC 9470
 * section 3 for a step-up; RFC 9110 section 5.6.4 for what may stand in quotes.
 */
function challengeOf(error: Refusal): Readonly<Record<string, string | number | undefined>> | undefined {
  if (error instanceof ForbiddenError) {
    const { scope, maxAge, acrValues } = error.details
    if (error.status === 403) return scope ? { error: 'insufficient_scope', scope } : undefined
    const acr = acrValues?.filter((value) => /^[!#-[\]-~]+$/.test(value)).join(' ')
    return { error: 'insufficient_user_authentication', max_age: maxAge, acr_values: acr || undefined }
  }
  if (error.status !== 401) return undefined
  return error.code === 'TOKEN_MISSING' ? {} : { error: 'invalid_token', error_description: error.message }
}
