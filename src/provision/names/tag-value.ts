import { sha256Of } from './hash.ts'

/**
 * A text as the value of an IAM tag: itself where IAM takes it, at most 256 letters, digits, separators and
 * `_ . : / = + - @` (TagRole, Tags.member.N.Value), and `sha256:<hex>` for any other, or one that begins like that itself.
 * Different texts have different values. Throws ConfigurationError for unpaired surrogates.
 */
export async function tagValueOf(text: string): Promise<string> {
  return isTagValue(text) ? text : `sha256:${await sha256Of(text)}`
}

/** Whether a text is its own value as a tag. */
export function isTagValue(text: string): boolean {
  return text.length <= 256 && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) && !text.startsWith('sha256:')
}
