import {
  decodeBase64Url,
  encodeBase64Url,
  encodeUtf8,
  isJsonObject,
  parseJsonObject,
  readText,
} from '../internal/encoding.ts'
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

/**
 * Seals a session. The parts of its tokens that are text are decoded before all is deflated: base64url of text that repeats
 * itself hides the repetitions.
 */
export function sealSession(content: SessionContent, secrets: Secrets, use: SealUse): Promise<string> {
  const tokens = mapMembers<string>({ ...content.tokens }, (token) => token.split('.').map(spell))
  return sealValue({ ...content, tokens }, secrets, use)
}

/** The session that was sealed for this use; undefined for anything else, and for what inflates to too much. */
export async function openSession(sealed: string, secrets: Secrets, use: SealUse): Promise<SessionContent | undefined> {
  const content: unknown = await openValue(sealed, secrets, use)
  if (!isJsonObject(content) || !isJsonObject(content['tokens'])) return undefined
  const tokens = mapMembers(content['tokens'], (parts) => (parts as Part[]).map(unspell).join('.'))
  return { ...content, tokens } as unknown as SessionContent
}

function mapMembers<T>(members: { readonly [name: string]: T }, change: (member: T) => unknown) {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]))
}

/** A part of a token: its text in a list, or base64url where it is the encoding of no text. */
type Part = string | readonly [text: string]

function spell(part: string): Part {
  const text = new TextDecoder().decode(decodeBase64Url(part))
  return unspell([text]) === part ? [text] : part
}

function unspell(part: Part): string {
  return typeof part === 'string' ? part : encodeBase64Url(encodeUtf8(part[0]))
}

/** A value inflates to no more than this. In bytes; what fits into cookies is a quarter of it at most. */
const MAX_CONTENT = 131_072

/** Deflates a value and seals it. */
export async function sealValue(value: object, secrets: Secrets, use: SealUse): Promise<string> {
  const deflated = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return sealBytes(new Uint8Array(await new Response(deflated).arrayBuffer()), secrets, use)
}

/** The value that was sealed for this use; undefined for anything else, and for what inflates to too much. */
export async function openValue(sealed: string, secrets: Secrets, use: SealUse): Promise<object | undefined> {
  const bytes = await unsealBytes(sealed, secrets, use)
  if (!bytes) return undefined
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const text = await readText(new Response(inflated), MAX_CONTENT).catch(() => {})
  return parseJsonObject(text ?? '')
}
