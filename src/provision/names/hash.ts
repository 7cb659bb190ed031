import { encodeUtf8 } from '../../encoding.ts'
import { ConfigurationError } from '../../errors.ts'

/**
 * SHA-256 of the UTF-8 form, in lower-case hexadecimal. Throws ConfigurationError for unpaired surrogates: they have no
 * such form, so that different texts would share one.
 */
export async function sha256Of(text: string): Promise<string> {
  if (/[\ud800-\udfff]/u.test(text)) throw new ConfigurationError('expected text without unpaired surrogates.')
  const digest = await crypto.subtle.digest('SHA-256', encodeUtf8(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
