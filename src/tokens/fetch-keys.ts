import { jwksUrlOf } from './issuers.ts'
import { type Jwk, usableKeys } from './signing-key.ts'

/** A larger key set is refused. In bytes; Cognito's has two keys and less than 1 kB. */
const MAX_BODY = 65_536

export type Fetch = (request: Request) => Promise<Response>

/**
 * Asks an issuer for its keys, once. Throws whatever goes wrong: no answer, a redirect, another status than 200, a body
 * that is too large or no JSON.
 */
export async function fetchKeys(issuer: string, fetch: Fetch, signal: AbortSignal): Promise<readonly Jwk[]> {
  const { status, body } = await fetch(new Request(jwksUrlOf(issuer), { redirect: 'manual', signal }))
  if (status !== 200 || !body) {
    await body?.cancel()
    throw new Error(`The issuer answered ${status}.`)
  }
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_BODY) throw new Error('The key set is too large.')
    text += decoder.decode(chunk, { stream: true })
  }
  return usableKeys(JSON.parse(text))
}
