import { decodeBase64Url, encodeBase64Url, encodeUtf8, isJsonObject } from '../internal/encoding.ts'
import { type Secrets, type SealUse, sealBytes, unsealBytes } from '../internal/seal.ts'

/** The tokens that a session keeps. */
export interface SessionTokens {
  readonly access?: string | undefined
  readonly id?: string | undefined
  readonly refresh?: string | undefined
}

/** What is known of a session. Times are in milliseconds since the epoch. */
export interface SessionContent {
  /** Another one at every login. */
  readonly id: string
  readonly sub: string
  /** When the login was, and when the session was last written. */
  readonly from: number
  readonly seen: number
  /** When its tokens end. */
  readonly until: number
  /** Where its login led to. */
  readonly page: string
  readonly tokens: SessionTokens
  /** The reader of foreign cookies that it came by, and the device's key. */
  readonly foreign?: string | undefined
  readonly deviceKey?: string | undefined
}

/** Text of 18 random bytes, which nobody guesses. */
export function randomId(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(18)))
}

/** A content inflates to no more than this. In bytes; what fits into cookies is a quarter of it at most. */
const MAX_CONTENT = 131_072

/**
 * Seals a session. The parts of its tokens are decoded before they are deflated: base64url of text that repeats itself hides
 * the repetitions.
 */
export async function sealSession(content: SessionContent, secrets: Secrets, use: SealUse): Promise<string> {
  const parts: Uint8Array[] = []
  const shapes = Object.entries<string>({ ...content.tokens }).map(([kind, token]) => {
    const decoded = token.split('.').map(decodeBase64Url)
    const bytes = decoded.filter((part) => part !== undefined)
    if (bytes.length < decoded.length) return [kind, token]
    parts.push(...bytes)
    return [kind, bytes.map(({ length }) => length)]
  })
  const head = encodeUtf8(JSON.stringify({ ...content, tokens: shapes }))
  const all = [Uint8Array.of(head.length >> 8, head.length), head, ...parts] as Uint8Array<ArrayBuffer>[]
  const deflated = new Blob(all).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return sealBytes(new Uint8Array(await new Response(deflated).arrayBuffer()), secrets, use)
}

/** The session that was sealed for this use; undefined for anything else, and for what inflates to too much. */
export async function openSession(sealed: string, secrets: Secrets, use: SealUse): Promise<SessionContent | undefined> {
  const deflated = await unsealBytes(sealed, secrets, use)
  const bytes = deflated && (await inflate(deflated))
  if (!bytes) return undefined
  let at = 2 + ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0)
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(2, at)))
    if (!isJsonObject(content) || !Array.isArray(content['tokens'])) return undefined
    const tokens = content['tokens'].map(([kind, shape]: [string, string | readonly number[]]) => {
      if (typeof shape === 'string') return [kind, shape]
      return [kind, shape.map((length) => encodeBase64Url(bytes.subarray(at, (at += length)))).join('.')]
    })
    return { ...content, tokens: Object.fromEntries(tokens) } as unknown as SessionContent
  } catch {
    return undefined
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  const inflated = new Uint8Array(MAX_CONTENT)
  let length = 0
  try {
    for await (const chunk of new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))) {
      if (length + chunk.length > MAX_CONTENT) return undefined
      inflated.set(chunk, length)
      length += chunk.length
    }
  } catch {
    return undefined
  }
  return inflated.subarray(0, length)
}
