import { createGuard, type GuardOptions } from '../../src/index.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { accessClaims, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

let key: TestKey
beforeAll(async () => {
  key = await createKey('key-1')
})

function guardOf(options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  return { issuer, guard: createGuard({ ...issuer.settings, ...options } as GuardOptions) }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('the Authorization header', () => {
  it.each<[string, (token: string) => string, string]>([
    ['Bearer', (token) => `Bearer ${token}`, 'accepted'],
    ['bearer', (token) => `bearer ${token}`, 'accepted'],
    ['BEARER', (token) => `BEARER ${token}`, 'accepted'],
    ['Basic', (token) => `Basic ${token}`, 'TOKEN_MALFORMED'],
    ['no scheme', (token) => token, 'TOKEN_MALFORMED'],
    ['two spaces', (token) => `Bearer  ${token}`, 'accepted'],
    ['many spaces', (token) => `bearer${' '.repeat(1000)}${token}`, 'accepted'],
    ['a tab', (token) => `Bearer\t${token}`, 'TOKEN_MALFORMED'],
    ['a tab behind a space', (token) => `Bearer \t${token}`, 'TOKEN_MALFORMED'],
    ['a space that is none', (token) => `Bearer \u00a0${token}`, 'TOKEN_MALFORMED'],
    ['spaces only', () => 'Bearer    ', 'TOKEN_MALFORMED'],
    ['two values', (token) => `Bearer ${token}, Bearer ${token}`, 'TOKEN_MALFORMED'],
    ['trailing data', (token) => `Bearer ${token} x`, 'TOKEN_MALFORMED'],
    ['nothing behind the scheme', () => 'Bearer', 'TOKEN_MALFORMED'],
  ])('%s', async (_name, header, expected) => {
    const { guard } = guardOf()
    const headers = { authorization: header(await sign(key, accessClaims())) }
    expect(await codeOf(guard.authenticate(new Request('https://app.example/', { headers })))).toBe(expected)
  })

  it('may be absent, which is another thing than wrong', async () => {
    const { guard } = guardOf()
    expect(await codeOf(guard.authenticate(new Request('https://app.example/')))).toBe('TOKEN_MISSING')
  })
})
