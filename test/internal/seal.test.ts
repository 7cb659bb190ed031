import { describe, expect, it } from 'vitest'
import { seal, sealBytes, unseal, unsealBytes } from '../../src/internal/seal.ts'

const secret = 'kq0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM8Pz4mK1='
const other = 'Zt7Qw1Er5Ty8Ui2Op4As6Df9Gh3Jk0LzXcVbNmQpRs='
const use = { purpose: 'login session', context: '["__Host-session","client","pool"]' }

describe('a sealed text', () => {
  it('opens for its own use only: the secret, the purpose and the context, each by itself', async () => {
    const sealed = await seal('text', secret, use)
    expect(await unseal(sealed, secret, use)).toBe('text')
    expect(await unseal(sealed, other, use)).toBeUndefined()
    expect(await unseal(sealed, secret, { ...use, purpose: 'login login' })).toBeUndefined()
    expect(await unseal(sealed, secret, { ...use, purpose: '' })).toBeUndefined()
    expect(await unseal(sealed, secret, { ...use, context: `${use.context} ` })).toBeUndefined()
    expect(await unseal(sealed, secret, { ...use, context: '' })).toBeUndefined()
  })

  it('is sealed by the first secret, and opened by any', async () => {
    const sealed = await seal('text', [other, secret], use)
    expect(await unseal(sealed, other, use)).toBe('text')
    expect(await unseal(sealed, secret, use)).toBeUndefined()
    expect(await unseal(sealed, [secret, other], use)).toBe('text')
    expect(await unseal(sealed, [other, secret], use)).toBe('text')
  })

  it('is another one each time, with another salt and another IV', async () => {
    const sealed = await Promise.all(Array.from({ length: 20 }, () => seal('text', secret, use)))
    const bytes = sealed.map((text) => Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c))
    for (const [from, to] of [
      [1, 17],
      [17, 29],
      [29, 33],
    ])
      expect(new Set(bytes.map((all) => all.slice(from, to).join(''))).size).toBe(20)
  })

  it('does not open where any of its bits is another, or one is missing', async () => {
    const sealed = await seal('text', secret, use)
    for (let at = 0; at < sealed.length; at++) {
      const letter = sealed[at] === 'A' ? 'B' : 'A'
      expect(await unseal(sealed.slice(0, at) + letter + sealed.slice(at + 1), secret, use), `${at}`).toBeUndefined()
      expect(await unseal(sealed.slice(0, at), secret, use), `${at}`).toBeUndefined()
    }
    for (const wrong of [`${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}${sealed}`])
      expect(await unseal(wrong, secret, use)).toBeUndefined()
  })

  it('may be bytes of any kind, or none', async () => {
    for (const bytes of [new Uint8Array(), Uint8Array.of(0), Uint8Array.from({ length: 5000 }, (_, at) => at % 256)])
      expect(await unsealBytes(await sealBytes(bytes, secret, use), secret, use)).toEqual(bytes)
  })
})
