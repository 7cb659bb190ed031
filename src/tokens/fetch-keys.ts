import { type Jwk, usableKeys } from './signing-key.ts'

/** A larger key set is refused. In bytes; Cognito's has two keys and less than 1 kB. */
const MAX_BODY = 65_536

export type Fetch = (request: Request) => Promise<Response>

/**
 * Asks an issuer for its keys; where `again`, once more at once if the connection fails. Throws whatever goes wrong: no
 * answer, a redirect, another status than 200, a body that is too large or no JSON.
 */
export async function fetchKeys(
  url: string,
  fetch: Fetch,
  signal: AbortSignal,
  again: boolean,
): Promise<readonly Jwk[]> {
  const { status, text } = await download(url, fetch, signal).catch((error: unknown) => {
    if (!again || signal.aborted) throw error
    return download(url, fetch, signal)
  })
  if (status !== 200) throw new Error(`The issuer answered ${status}.`)
  if (text === undefined) throw new Error('The key set is too large.')
  return usableKeys(JSON.parse(text))
}

/** The answer, without its body where that is too large or of no use. Throws only where the connection fails. */
async function download(url: string, fetch: Fetch, signal: AbortSignal) {
  const { status, body } = await fetch(new Request(url, { redirect: 'manual', signal }))
  if (status !== 200) {
    await body?.cancel()
    return { status }
  }
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > MAX_BODY) return { status }
    text += decoder.decode(chunk, { stream: true })
  }
  return { status, text }
}
