import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from '../../src/internal/seal.ts'
import { type OpenStep, openStep, parseStep, sealStep } from '../../src/sign-in/index.ts'
import { errorOf } from '../support/aws.ts'
import { challenge, clientId, scriptedSignIn, userPoolId } from './scripted.ts'

const secret = 'a secret of 32 characters or more'
const step: OpenStep = {
  ...{ status: 'challenge', challenge: 'SELECT_CHALLENGE', choices: ['PASSWORD', 'WEB_AUTHN'] },
  ...{ userPoolId, clientId, username: 'ålice', session: 'the session', parameters: { a: 'b' } },
}

describe('sealed steps', () => {
  it('open as they were, and show nothing of what they hold', async () => {
    const sealed = await sealStep(step, secret)
    expect(sealed).toMatch(/^[\w-]+$/)
    expect(atob(sealed.replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('session')
    expect(await openStep(sealed, secret)).toEqual(step)
    expect(await sealStep(step, secret)).not.toBe(sealed)
  })

  it.each<[string, Parameters<typeof openStep>[2], string]>([
    ['another purpose', { purpose: 'sign-up', browser: 'this one' }, secret],
    ['another browser', { browser: 'another' }, secret],
    ['no browser', {}, secret],
    ['another secret', { browser: 'this one' }, `${secret}!`],
  ])('do not open for %s', async (_name, options, other) => {
    const sealed = await sealStep(step, secret, { browser: 'this one' })
    expect(await errorOf(openStep(sealed, other, options))).toMatchObject({ name: 'SignInError', code: 'STEP_INVALID' })
  })

  it('do not open with one bit changed, cut off or grown', async () => {
    const sealed = await sealStep(step, secret)
    const other = (character = '') => (character === 'A' ? 'B' : 'A')
    for (const at of [0, 1, 20, 30, 40, sealed.length - 3]) {
      const changed = sealed.slice(0, at) + other(sealed[at]) + sealed.slice(at + 1)
      expect(await errorOf(openStep(changed, secret))).toMatchObject({ code: 'STEP_INVALID' })
    }
    for (const changed of [
      '',
      'x',
      sealed.slice(0, -4),
      `${sealed}AAAA`,
      `${sealed}=`,
      7 as never,
      undefined as never,
    ]) {
      expect(await errorOf(openStep(changed, secret))).toMatchObject({ code: 'STEP_INVALID' })
    }
  })

  it('expire, by whole seconds', async () => {
    const sealed = await sealStep(step, secret, { maxAge: 60, now: () => 1_000_000 })
    expect(await openStep(sealed, secret, { now: () => 1_059_999 })).toEqual(step)
    expect(await errorOf(openStep(sealed, secret, { now: () => 1_060_000 }))).toMatchObject({ code: 'STEP_EXPIRED' })
  })

  it('stand for sign-in and for no browser, unless said otherwise', async () => {
    expect(await openStep(await sealStep(step, secret), secret, { purpose: 'sign-in', browser: '' })).toEqual(step)
  })

  it.each([0, -1, 2 ** 31, Number.NaN, '60' as never])('last no time such as %s', async (maxAge) => {
    expect(await errorOf(sealStep(step, secret, { maxAge }))).toMatchObject({
      message: 'sealStep: maxAge: expected seconds, more than 0.',
    })
    expect(await openStep(await sealStep(step, secret, { maxAge: 2 ** 31 - 1 }), secret)).toEqual(step)
  })

  it('open while secrets are replaced one after another', async () => {
    const next = 'the next secret of 32 characters and more'
    expect(await openStep(await sealStep(step, secret), [next, secret])).toEqual(step)
    expect(await openStep(await sealStep(step, [next, secret]), next)).toEqual(step)
  })

  it('need a secret that is long, and a step that waits for an answer', async () => {
    for (const short of ['short', '', [], ['x'.repeat(31)], undefined as never]) {
      expect(await errorOf(sealStep(step, short))).toMatchObject({ code: 'CONFIGURATION' })
    }
    const done = { status: 'signed-in', tokens: {} } as never
    expect(await errorOf(sealStep(done, secret))).toMatchObject({
      message: expect.stringMatching(/^sealStep: expected a/),
    })
    const misspelt = { maxage: 5 } as never
    expect(await errorOf(sealStep(step, secret, misspelt))).toMatchObject({
      message: expect.stringMatching(/^sealStep: /),
    })
    expect(await errorOf(openStep('', secret, misspelt))).toMatchObject({
      message: expect.stringMatching(/^openStep: /),
    })
  })

  it('hold what any challenge holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.string({ unit: 'binary' })),
        fc.string(),
        async (parameters, name) => {
          const { signIn } = scriptedSignIn([challenge(name || 'X', parameters)])
          const made = await signIn.withPassword('alice', 'x', { srp: false })
          if (made.status === 'signed-in') throw new Error('signed in')
          const options = { browser: name }
          expect(await openStep(await sealStep(made, secret, options), secret, options)).toEqual(made)
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('the seal', () => {
  it('derives a key for each purpose with HKDF, as RFC 5869 says, and encrypts with AES-256-GCM', async () => {
    // Made by hand with HMAC alone: extract, then one block of expand.
    const bytes = (text: string) => new TextEncoder().encode(text)
    const hmac = async (key: BufferSource, ...parts: Uint8Array[]) => {
      const made = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      return new Uint8Array(await crypto.subtle.sign('HMAC', made, Uint8Array.from(parts.flatMap((part) => [...part]))))
    }
    const sealed = await seal('text', secret, { purpose: 'p', context: 'c' }, (length) =>
      new Uint8Array(length).fill(7),
    )
    const raw = Uint8Array.from(atob(sealed.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
    const pseudorandom = await hmac(raw.slice(1, 17), bytes(secret))
    const key = await hmac(pseudorandom, bytes('cognigate p'), Uint8Array.of(1))
    const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
    const algorithm = { name: 'AES-GCM', iv: raw.slice(17, 29), additionalData: bytes('c') }
    expect(new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, imported, raw.slice(29)))).toBe('text')
    expect(await unseal(sealed, secret, { purpose: 'p', context: 'c' })).toBe('text')
  })
})

describe('parseStep', () => {
  const values = [
    ...['', 'null', '[]', '{}', 'nonsense', undefined, null, 7, [], { ...step, status: 'signed-in' }],
    ...[
      { ...step, username: 7 },
      { ...step, parameters: [] },
      { ...step, session: {} },
      { ...step, challenge: 'X' },
    ],
    ...[
      { ...step, userPoolId: undefined },
      { ...step, clientId: undefined },
    ],
  ]

  it.each(values.map((value) => [value]))('refuses %j', (value) => {
    expect(() => parseStep(value)).toThrow(expect.objectContaining({ code: 'STEP_INVALID' }))
  })

  it('leaves out what is not known, and reads details from the parameters alone', () => {
    const forged = {
      ...step,
      challenge: 'NEW_PASSWORD_REQUIRED',
      requiredAttributes: ['email'],
      password: 'x',
      extra: 1,
    }
    expect(parseStep(forged)).toEqual({
      ...{ status: 'challenge', challenge: 'NEW_PASSWORD_REQUIRED', requiredAttributes: [], attributes: {} },
      ...{ userPoolId, clientId, username: 'ålice', session: 'the session', parameters: { a: 'b' } },
    })
  })
})
