/** What a certificate is made from. Times are in milliseconds since the epoch. */
export interface CertificateSource {
  /** The common name of its subject and issuer. */
  readonly name: string
  readonly from: number
  readonly until: number
  /** The public key as SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/** A certificate that is signed with its own key (RFC 5280 section 4.1), in DER and base64. The same source gives the same one. */
export async function createCertificate({ name, from, until, publicKey, sign }: CertificateSource): Promise<string> {
  // sha256WithRSAEncryption with NULL parameters (RFC 4055 section 5).
  const algorithm = sequence(Uint8Array.of(6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 11), Uint8Array.of(5, 0))
  const commonName = sequence(Uint8Array.of(6, 3, 85, 4, 3), element(12, new TextEncoder().encode(name)))
  const entity = sequence(element(49, commonName))
  const body = sequence(
    Uint8Array.of(160, 3, 2, 1, 2),
    Uint8Array.of(2, 1, 1),
    algorithm,
    entity,
    sequence(time(from), time(until)),
    entity,
    publicKey,
  )
  const signature = await sign(body)
  return encodeBase64(sequence(body, algorithm, element(3, join(Uint8Array.of(0), signature))))
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return element(48, join(...parts))
}

/** Tag, length and content (X.690 section 8.1). */
function element(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [129, length] : [130, length >> 8, length & 255]
  return join(Uint8Array.of(tag, ...size), content)
}

/** GeneralizedTime, and UTCTime until 2049, as RFC 5280 section 4.1.2.5 asks for. */
function time(at: number): Uint8Array {
  const digits = `${new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`
  const isLate = Number(digits.slice(0, 4)) >= 2050
  return element(isLate ? 24 : 23, new TextEncoder().encode(isLate ? digits : digits.slice(2)))
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
