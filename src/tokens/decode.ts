import { decodeBase64Url, decodeJsonObject, encodeUtf8 } from '../internal/encoding.ts'
import { AuthenticationError } from '../errors.ts'
import { type Claims, claim } from '../internal/claims.ts'

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
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (token.length <= MAX_LENGTH && second > first) {
    const kid = keyIdOf(token.slice(0, first))
    const payload = decodeJsonObject(token.slice(first + 1, second))
    const signature = decodeBase64Url(token.slice(second + 1))
    if (kid && payload && signature?.length) {
      return { kid, payload, signingInput: encodeUtf8(token.slice(0, second)), signature }
    }
  }
  throw new AuthenticationError('TOKEN_MALFORMED')
}

/** The header read last: those of an issuer's tokens are alike. */
let latest = { text: '', kid: '' }

/** The `kid` of a header that asks for RS256 and for nothing else. */
function keyIdOf(text: string): string | undefined {
  if (text === latest.text) return latest.kid
  const header = decodeJsonObject(text) ?? {}
  const kid = claim(header, 'kid')
  const refused = claim(header, 'alg') !== 'RS256' || 'crit' in header || 'b64' in header
  if (refused || !kid || typeof kid !== 'string') return undefined
  latest = { text, kid }
  return kid
}
