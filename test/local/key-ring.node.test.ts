import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { decode, readKeys } from '../support/local-pool.ts'

let pool: LocalPool

beforeAll(async () => {
  pool = await createLocalPool({ users: ['alice'] })
})

describe('the key set', () => {
  it('holds two public RS256 keys of 2,048 bits and nothing private', async () => {
    const { keys } = await readKeys(pool)
    expect(keys).toHaveLength(2)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
      expect(key).toMatchObject({ alg: 'RS256', kty: 'RSA', use: 'sig', e: 'AQAB' })
      expect(key.kid).toMatch(/^cognigate-local-[\w-]{24}$/)
      expect(atob((key.n ?? '').replaceAll('-', '+').replaceAll('_', '/'))).toHaveLength(256)
    }
  })

  it('is the same for a hundred cold requests at once', async () => {
    const cold = await createLocalPool({ users: ['alice'] })
    const sets = await Promise.all(Array.from({ length: 100 }, () => readKeys(cold)))
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1)
    const { accessToken } = await cold.tokens('alice')
    await expect(jwtVerify(accessToken, createLocalJWKSet(sets[0] ?? { keys: [] }))).resolves.toBeDefined()
  })

  it('comes from private keys that cannot be exported', async () => {
    const generateKey = vi.spyOn(crypto.subtle, 'generateKey')
    try {
      await readKeys(await createLocalPool())
      expect(generateKey.mock.calls.map(([, extractable]) => extractable)).toEqual([false, false])
    } finally {
      generateKey.mockRestore()
    }
  })

  it('is another one in another pool', async () => {
    const other = await createLocalPool()
    const names = [...(await readKeys(pool)).keys, ...(await readKeys(other)).keys].map((key) => key.n)
    expect(new Set(names).size).toBe(4)
  })
})

describe('rotateKeys', () => {
  it('keeps the old keys published unless told otherwise', async () => {
    const local = await createLocalPool({ users: ['alice'] })
    const before = await local.tokens('alice')
    const old = (await readKeys(local)).keys.map((key) => key.kid)

    local.rotateKeys()
    const both = await readKeys(local)
    const after = await local.tokens('alice')
    expect(both.keys).toHaveLength(4)
    expect(both.keys.map((key) => key.kid)).toEqual(expect.arrayContaining(old))
    expect(old).not.toContain(decode(after.accessToken).header['kid'])
    for (const token of [before.accessToken, before.idToken, after.accessToken, after.idToken]) {
      await expect(jwtVerify(token, createLocalJWKSet(both))).resolves.toBeDefined()
    }

    local.rotateKeys({ keepOld: false })
    const fresh = createLocalJWKSet(await readKeys(local))
    expect((await readKeys(local)).keys).toHaveLength(2)
    await expect(jwtVerify(after.accessToken, fresh)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    await expect(jwtVerify((await local.tokens('alice')).accessToken, fresh)).resolves.toBeDefined()
  })
})

describe('sign', () => {
  it('signs any object with either key', async () => {
    const keys = createLocalJWKSet(await readKeys(pool))
    const { idToken, accessToken } = await pool.tokens('alice')
    const access = await pool.sign({ sub: 7 })
    const id = await pool.sign({ sub: 8 }, { use: 'id' })
    expect((await jwtVerify(access, keys)).payload).toEqual({ sub: 7 })
    expect((await jwtVerify(id, keys)).payload).toEqual({ sub: 8 })
    expect(decode(access).header).toEqual(decode(accessToken).header)
    expect(decode(id).header).toEqual(decode(idToken).header)
  })

  it('takes headers and payloads as they are', async () => {
    const [key] = (await readKeys(pool)).keys.filter(({ kid }) => kid === decodeHeader(plain)?.kid)
    const changed = await pool.sign('{"exp":1e999}', { header: { alg: 'none', kid: undefined, crit: [] } })
    const raw = await pool.sign(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), { header: '[not JSON' })
    expect(part(changed, 0)).toBe('{"alg":"none","crit":[]}')
    expect(part(changed, 1)).toBe('{"exp":1e999}')
    expect(part(raw, 0)).toBe('[not JSON')
    expect(part(raw, 1)).toBe('\xef\xbb\xbf{}')
    for (const token of [changed, raw]) expect(await isSignedBy(token, key)).toBe(true)
  })
})

let plain: string

beforeAll(async () => {
  plain = await pool.sign({})
})

function decodeHeader(token: string): { kid: string } | undefined {
  return JSON.parse(part(token, 0))
}

/** A part of a token, one character a byte. */
function part(token: string, index: number): string {
  return atob((token.split('.')[index] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
}

async function isSignedBy(token: string, jwk: JsonWebKey | undefined): Promise<boolean> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('jwk', jwk ?? {}, algorithm, false, ['verify'])
  const signature = Uint8Array.from(part(token, 2), (character) => character.charCodeAt(0))
  const signed = new TextEncoder().encode(token.slice(0, token.lastIndexOf('.')))
  return crypto.subtle.verify(algorithm, key, signature, signed)
}
