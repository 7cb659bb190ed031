import { base64url, exportJWK, SignJWT } from 'jose'
import type { JsonObject } from './json.ts'
import type { Randomness } from './randomness.ts'

/** RS256 for user pools, RS512 for the tokens of identity pools. */
export type Algorithm = 'RS256' | 'RS512'

/** The id under which a world has the keys of its identity pools: they have one ring in common. */
export const identityKeys = 'cognito-identity'

/** Which of a pool's two keys signs: Cognito has one for ID tokens and one for access tokens. */
export type KeyUse = 'id' | 'access'

/** A public key as a pool publishes it (RFC 7517 section 4). */
export interface PublicKey {
  readonly kid: string
  readonly alg: Algorithm
  readonly kty: 'RSA'
  readonly use: 'sig'
  readonly n: string
  readonly e: string
}

/** The signing keys of a pool. They are generated at first need; their names are known before. */
export interface KeyRing {
  /** The public keys: those that sign, then the older ones that are still published. */
  publish(): Promise<readonly PublicKey[]>
  /** A signed JWT of these claims (RFC 7519). */
  issue(use: KeyUse, claims: JsonObject): Promise<string>
  /** A compact serialization of any header and any payload, unchanged. */
  sign(use: KeyUse, header: JsonObject | string, payload: string | Uint8Array): Promise<string>
  /** The public key of access tokens as SubjectPublicKeyInfo, and a signature of bytes by its private half. */
  publicKeyInfo(): Promise<Uint8Array>
  signBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
  /** New keys sign from now on. */
  rotate(keepOld: boolean): void
  /** The name of the key that signs. */
  kid(use: KeyUse): string
}

interface SigningKey {
  readonly kid: string
  /** The private half, where it is stored. */
  jwk?: JsonObject | undefined
  pair?: CryptoKeyPair | undefined
  /** The pair while it is being made. */
  making?: Promise<CryptoKeyPair> | undefined
}

/** A key as a file keeps it: its name, and once it was needed its private half (RFC 7517). */
export interface SavedKey {
  readonly kid: string
  readonly jwk?: JsonObject | undefined
}

/** The keys of a pool as a file keeps them. */
export interface SavedKeys {
  readonly id: SavedKey
  readonly access: SavedKey
  readonly retired: readonly SavedKey[]
}

/** Where the keys of a pool outlive the process. */
export interface KeyStorage {
  read(): SavedKeys | undefined
  write(keys: SavedKeys): void
}

/** Key pairs of 2,048 bits. Without a storage their private halves cannot be exported. */
export function createKeyRing(random: Randomness, storage?: KeyStorage, alg: Algorithm = 'RS256'): KeyRing {
  const create = (): Record<KeyUse, SigningKey> => ({
    id: { kid: createKid(random) },
    access: { kid: createKid(random) },
  })
  const saved = storage?.read()
  let current: Record<KeyUse, SigningKey> = saved === undefined ? create() : { id: saved.id, access: saved.access }
  let retired: readonly SigningKey[] = saved?.retired ?? []
  const write = () => {
    const keep = ({ kid, jwk }: SigningKey): SavedKey => ({ kid, jwk })
    storage?.write({ id: keep(current.id), access: keep(current.access), retired: retired.map(keep) })
  }
  const getPair = (key: SigningKey) => readPair(key, alg, storage && write)
  return {
    async publish() {
      return Promise.all(
        [current.id, current.access, ...retired].map(async (key) => publicKey(key, alg, await getPair(key))),
      )
    },
    async issue(use, claims) {
      const key = current[use]
      const { privateKey } = await getPair(key)
      return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg }).sign(privateKey)
    },
    async sign(use, header, payload) {
      const { privateKey } = await getPair(current[use])
      const head = typeof header === 'string' ? header : JSON.stringify(header)
      const signed = `${base64url.encode(head)}.${base64url.encode(payload)}`
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(signed))
      return `${signed}.${base64url.encode(new Uint8Array(signature))}`
    },
    async publicKeyInfo() {
      const { publicKey } = await getPair(current.access)
      return new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
    },
    async signBytes(bytes) {
      const { privateKey } = await getPair(current.access)
      return new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, bytes))
    },
    rotate(keepOld) {
      retired = keepOld ? [current.id, current.access, ...retired] : []
      current = create()
      write()
    },
    kid: (use) => current[use].kid,
  }
}

/**
 * Calls that need a key at once wait for one pair. Sharing that promise is safe where promises must not cross
 * requests: workerd generates within the call, so that there is nothing left to wait for when the next request comes.
 */
async function readPair(key: SigningKey, alg: Algorithm, onMade: (() => void) | undefined): Promise<CryptoKeyPair> {
  if (key.pair !== undefined) return key.pair
  key.making ??= key.jwk === undefined ? generatePair(alg, onMade !== undefined) : importPair(alg, key.jwk)
  try {
    const pair = await key.making
    if (onMade !== undefined && key.jwk === undefined) {
      key.jwk = { ...(await exportJWK(pair.privateKey)) }
      onMade()
    }
    key.pair = pair
    return pair
  } finally {
    key.making = undefined
  }
}

function algorithmOf(alg: Algorithm) {
  return { name: 'RSASSA-PKCS1-v1_5', hash: alg.replace('RS', 'SHA-') }
}

function generatePair(alg: Algorithm, isExtractable: boolean): Promise<CryptoKeyPair> {
  const publicExponent = new Uint8Array([1, 0, 1])
  const algorithm = { ...algorithmOf(alg), modulusLength: 2048, publicExponent }
  return crypto.subtle.generateKey(algorithm, isExtractable, ['sign', 'verify'])
}

async function importPair(alg: Algorithm, jwk: JsonObject): Promise<CryptoKeyPair> {
  const algorithm = algorithmOf(alg)
  const { kty, n, e } = jwk
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', { kty: String(kty), n: String(n), e: String(e) }, algorithm, true, ['verify']),
  ])
  return { privateKey, publicKey }
}

async function publicKey(key: SigningKey, alg: Algorithm, { publicKey }: CryptoKeyPair): Promise<PublicKey> {
  const { n = '', e = '' } = await exportJWK(publicKey)
  return { alg, e, kid: key.kid, kty: 'RSA', n, use: 'sig' }
}

function createKid(random: Randomness): string {
  return `cognigate-local-${random.opaque(18)}`
}
