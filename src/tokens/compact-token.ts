import { decodeBase64Url, decodeJsonObject, encodeUtf8 } from '../encoding.ts'
import { AuthenticationError } from '../errors.ts'
import type { Claims } from '../principal.ts'
import { claim } from './claims.ts'

/** A longer token is refused before anything of it is decoded. In characters. */
const MAX_LENGTH = 16_384

/** A decoded JWS in compact serialization (RFC 7515 section 3.1) whose header asks for RS256. Nothing in it is verified. */
export interface CompactToken {
  readonly kid: string
  readonly payload: Claims
  readonly signingInput: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/**
 * Decodes a token, strictly. Extensions that change how a token is to be read (`crit` of RFC 7515, `b64` of RFC 7797) are
 * refused; header members that name keys (`jku`, `jwk`, `x5u`, `x5c`) are never read.
 * Throws AuthenticationError `TOKEN_MALFORMED`.
 */
export function decodeToken(token: string): CompactToken {
  if (token.length <= MAX_LENGTH) {
    const [header = '', payloadText = '', ...rest] = token.split('.')
    const kid = keyIdOf(header)
    const payload = decodeJsonObject(encodeUtf8(payloadText))
    // Where the second dot is, if all before it is ASCII, as it is where the header and the payload could be read.
    const end = header.length + payloadText.length + 1
    const bytes = encodeUtf8(token)
    const signature = decodeBase64Url(bytes.subarray(end + 1))
    if (rest.length === 1 && kid && payload && signature?.length) {
      return { kid, payload, signingInput: bytes.subarray(0, end), signature }
    }
  }
  throw new AuthenticationError('TOKEN_MALFORMED')
}

/** The header read last: those of an issuer's tokens are alike. */
let latest = { text: '', kid: '' }

/** The `kid` of a header that asks for RS256 and for nothing else. */
function keyIdOf(text: string): string | undefined {
  if (text === latest.text) return latest.kid
  const header = decodeJsonObject(encodeUtf8(text)) ?? {}
  const kid = claim(header, 'kid')
  if (claim(header, 'alg') !== 'RS256' || !kid || typeof kid !== 'string' || 'crit' in header || 'b64' in header)
    return undefined
  latest = { text, kid }
  return kid
}
