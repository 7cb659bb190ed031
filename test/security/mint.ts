import { base64url, exportJWK, exportSPKI } from 'jose'
import { accessClaims, clientId, idClaims, type TestKey } from '../support/issuer.ts'
import { mutateEncoding, reshape } from './mutations.ts'
import type { TokenSpec } from './row.ts'
import { canary, type World } from './world.ts'

const encoder = new TextEncoder()

/** Makes the token of a row. */
export async function mint(spec: TokenSpec, world: World): Promise<string> {
  const { sign = 'RS256', encoding = {}, shape } = spec
  const key = world.key(spec.key ?? 'key-1')
  const alg = sign.startsWith('HS256') ? 'HS256' : sign === 'borrowed' ? 'RS256' : sign
  const kid = spec.key === 'stranger' ? 'key-1' : key.kid
  const header = { alg, kid, ...(world.resolve(spec.header ?? {}) as object) }
  const claims = { ...baseClaims(spec.use), ...(world.resolve(spec.claims ?? {}) as object) }
  // `resolve` leaves out what is to be absent; a claim of the base goes by name.
  for (const [name, value] of Object.entries(spec.claims ?? {}))
    if (value === '$absent') Reflect.deleteProperty(claims, name)
  for (const [name, value] of Object.entries(spec.header ?? {}))
    if (value === '$absent') Reflect.deleteProperty(header, name)
  const parts = [
    encode(edit(JSON.stringify(header), spec.headerEdit, world), undefined, encoding.header),
    encode(edit(JSON.stringify(claims), spec.payloadEdit, world), spec.payloadBytes, encoding.payload),
  ]
  const signed = sign === 'borrowed' ? encode(JSON.stringify(baseClaims('access'))) : undefined
  const signature = await signatureOf(sign, signed === undefined ? parts.join('.') : `${parts[0]}.${signed}`, key)
  const text = base64url.encode(signature)
  parts.push(encoding.signature === undefined ? text : mutateEncoding(encoding.signature, text))
  return shape === undefined ? parts.join('.') : reshape(shape, parts)
}

function baseClaims(use: TokenSpec['use']): Record<string, unknown> {
  // The last letters make `-` and `_` of base64url.
  const marks = { 'custom:canary': `${canary} \u00ff\u00ff?>~` }
  if (use === 'none') return {}
  if (use === 'id') return idClaims(marks)
  if (use !== 'machine') return accessClaims(marks)
  const { username, 'cognito:groups': groups, ...rest } = accessClaims({ ...marks, sub: clientId, scope: 'posts/read' })
  return rest
}

function edit(text: string, change: readonly [string, string] | undefined, world: World): string {
  if (change === undefined) return text
  const [find, replacement] = change.map((part) => String(world.resolve(part))) as [string, string]
  if (!text.includes(find)) throw new Error(`nothing to replace: ${find}`)
  return find === '' ? replacement + text : text.replace(find, () => replacement)
}

function encode(text: string, bytes?: string, mutation?: string): string {
  // Spaces behind JSON are harmless, and leave an encoding that has padding and left-over bits.
  while (mutation !== undefined && encoder.encode(text).length % 3 === 0) text += ' '
  const encoded = base64url.encode(bytes === undefined ? encoder.encode(text) : insert(text, bytes))
  return mutation === undefined ? encoded : mutateEncoding(mutation, encoded)
}

function insert(text: string, hexadecimal: string): Uint8Array {
  const [before, after] = text.split('@@')
  if (after === undefined) throw new Error('no @@ to replace')
  const bytes = hexadecimal.match(/../g)!.map((digits) => Number.parseInt(digits, 16))
  return Uint8Array.from([...encoder.encode(before), ...bytes, ...encoder.encode(after)])
}

async function signatureOf(sign: string, input: string, key: TestKey): Promise<Uint8Array> {
  const bytes = encoder.encode(input)
  if (sign === 'none') return new Uint8Array()
  if (sign.startsWith('HS256')) {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const secret = await crypto.subtle.importKey('raw', await secretOf(sign, key), hmac, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign(hmac, secret, bytes))
  }
  const name = sign.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  const hash = `SHA-${/\d+/.exec(sign)?.[0] ?? 256}`
  const { kty, n, e, d, p, q, dp, dq, qi } = await exportJWK(key.privateKey)
  const jwk = { kty, n, e, d, p, q, dp, dq, qi } as JsonWebKey
  const privateKey = await crypto.subtle.importKey('jwk', jwk, { name, hash }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign({ name, saltLength: 32 } as RsaPssParams, privateKey, bytes))
}

/** What is public of the key, as a secret: the text of the JWK, its modulus, DER, or PEM. */
async function secretOf(sign: string, { jwk }: TestKey): Promise<Uint8Array<ArrayBuffer>> {
  const { kty, n, e } = jwk
  const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const publicKey = await crypto.subtle.importKey('jwk', { kty, n, e }, rs256, true, ['verify'])
  if (sign === 'HS256 by DER') return new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  if (sign === 'HS256 by PEM') return encoder.encode(await exportSPKI(publicKey)) as Uint8Array<ArrayBuffer>
  if (sign === 'HS256 by modulus') return base64url.decode(n) as Uint8Array<ArrayBuffer>
  return encoder.encode(JSON.stringify(jwk)) as Uint8Array<ArrayBuffer>
}
