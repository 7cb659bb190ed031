import { clientId, issuerName, userPoolId } from '../support/issuer.ts'
import { canary } from './world.ts'

/**
 * The code of a refusal. Throws where the answer is not as every refusal must be: problem details that are not stored, the
 * header fields of the status, and nothing of a token, of its claims, or of what was expected of them.
 */
export async function codeOf(response: Response, tokens: readonly string[]): Promise<string> {
  const { status, headers } = response
  const body = await response.text()
  const fields = [...headers].map(([name, value]) => `${name}: ${value}`).join('\n')
  const faults = [
    ![401, 403, 503].includes(status) && `status ${status}`,
    headers.get('cache-control') !== 'no-store' && 'may be stored',
    headers.get('content-type') !== 'application/problem+json' && 'no problem details',
    (status === 401) !== /^Bearer( |$)/.test(headers.get('www-authenticate') ?? '') &&
      !(status === 403 && /error="insufficient_scope"/.test(headers.get('www-authenticate') ?? '')) &&
      'WWW-Authenticate',
    (status === 503) !== /^[1-9]\d*$/.test(headers.get('retry-after') ?? '') && 'Retry-After',
    secretsOf(tokens).some((secret) => `${fields}\n${body}`.includes(secret)) && 'tells what it must not',
    /\bat .*:\d+|\.ts\b|\.js\b|node_modules/.test(body) && 'a stack',
  ].filter(Boolean)
  if (faults.length > 0) throw new Error(`a refusal with faults: ${faults.join(', ')}`)
  return body === '' ? `status ${status}` : JSON.parse(body).code
}

function secretsOf(tokens: readonly string[]): readonly string[] {
  const parts = tokens.flatMap((token) => [token, ...token.split('.')]).filter((part) => part.length > 12)
  return [...parts, canary, clientId, issuerName, userPoolId, 'alice', '11111111-2222-4333-8444-555555555555']
}
