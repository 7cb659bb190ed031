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
    const parts = token.split('.')
    const [first = '', second = '', third] = parts
    const header = decodeJsonObject(first)
    const payload = decodeJsonObject(second)
    const signature = third ? decodeBase64Url(third) : undefined
    if (parts.length === 3 && header && payload && signature && !('crit' in header || 'b64' in header)) {
      const kid = claim(header, 'kid')
      if (claim(header, 'alg') === 'RS256' && kid && typeof kid === 'string') {
        return { kid, payload, signingInput: encodeUtf8(`${first}.${second}`), signature }
      }
    }
  }
  throw new AuthenticationError('TOKEN_MALFORMED')
}
