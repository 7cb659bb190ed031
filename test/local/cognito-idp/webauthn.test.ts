import { describe, expect, it } from 'vitest'
import { verifyAssertion, verifyRegistration } from '../../../src/local/cognito-idp/webauthn.ts'
import { createAuthenticator, fromBase64Url, toBase64Url } from '../../support/authenticator.ts'
import vectors from './webauthn-vectors.json' with { type: 'json' }

// Web Authentication Level 3, section 16: all examples have the relying party example.org.
const rpId = 'example.org'
const supported = vectors.filter(({ name }) => !/es384|es512|eddsa|ed448/.test(name))
const others = vectors.filter((vector) => !supported.includes(vector))

type Vector = (typeof vectors)[number]
const registrationOf = ({ id, registration: { challenge: _, ...response } }: Vector) => {
  return { id, rawId: id, type: 'public-key', response }
}
const assertionOf = ({ id, authentication: { challenge: _, ...response } }: Vector) => {
  return { id, rawId: id, type: 'public-key', response: { ...response, userHandle: undefined } }
}
const expected = (challenge: string) => ({ challenge, rpId, needsVerification: false, userHandle: 'alice' })

/** The text with one bit of the bytes changed. */
const flip = (text: string, at: number, bit: number) => {
  const bytes = fromBase64Url(text)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return toBase64Url(bytes)
}

describe('the vectors of the specification', () => {
  it.each(supported.map((vector) => [vector.name, vector] as const))('are right: %s', async (_, vector) => {
    const { registration, authentication } = vector
    const registered = await verifyRegistration(registrationOf(vector), expected(registration.challenge))
    expect(registered.id).toBe(vector.id)
    await expect(
      verifyAssertion(assertionOf(vector), expected(authentication.challenge), registered),
    ).resolves.toMatchObject({ signCount: 0 })
    await expect(
      verifyAssertion(assertionOf(vector), expected(registration.challenge), registered),
    ).rejects.toMatchObject({ fault: 'challenge' })
  })

  it.each(others.map((vector) => [vector.name, vector] as const))(
    'of algorithms that were not offered are refused: %s',
    async (_, vector) => {
      const { challenge } = vector.registration
      await expect(verifyRegistration(registrationOf(vector), expected(challenge))).rejects.toMatchObject({
        fault: 'unsupported',
      })
    },
  )
})

describe('an assertion', () => {
  it('is wrong with any one bit changed', async () => {
    for (const name of ['none-es256', 'packed-rs256']) {
      const vector = vectors.find((one) => one.name === name)
      if (vector === undefined) throw new Error(`no vector ${name}`)
      const registered = await verifyRegistration(registrationOf(vector), expected(vector.registration.challenge))
      for (const part of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
        const text = vector.authentication[part]
        const { length } = fromBase64Url(text)
        for (let at = 0; at < length; at += part === 'authenticatorData' ? 1 : 7) {
          const response = { ...vector.authentication, [part]: flip(text, at, at % 8) }
          const changed = assertionOf({ ...vector, authentication: response })
          const verdict = verifyAssertion(changed, expected(vector.authentication.challenge), registered)
          await expect(verdict, `${name} ${part} ${at}`).rejects.toMatchObject({ fault: expect.any(String) })
        }
      }
    }
  })
})

describe('a registration', () => {
  it('of anything that is none is refused by an error of its own, whatever is cut off or changed', async () => {
    const vector = vectors.find(({ name }) => name === 'packed-self-es256')
    if (vector === undefined) throw new Error('no vector')
    const { attestationObject } = vector.registration
    const bytes = fromBase64Url(attestationObject)
    for (let at = 0; at < bytes.length; at++) {
      for (const changed of [toBase64Url(bytes.slice(0, at)), flip(attestationObject, at, at % 8)]) {
        const registration = { ...vector.registration, attestationObject: changed }
        const verdict = verifyRegistration(
          registrationOf({ ...vector, registration }),
          expected(vector.registration.challenge),
        )
        await expect(verdict, `at ${at}`).rejects.toMatchObject({ fault: expect.any(String) })
      }
    }
  })

  it('belongs to the domain and what is below it, over https, and to this machine over http', async () => {
    const authenticator = await createAuthenticator()
    const options = (id: string) => ({ challenge: 'AAAA', rp: { id }, user: { id: 'YQ' } })
    const judge = async (id: string, origin: string) => {
      const credential = await authenticator.register(options(id), { origin })
      return verifyRegistration(credential, { challenge: 'AAAA', rpId: id, needsVerification: true })
    }
    for (const origin of ['https://example.com', 'https://app.example.com', 'https://example.com:8443']) {
      await expect(judge('example.com', origin)).resolves.toBeDefined()
    }
    await expect(judge('localhost', 'http://localhost:8787')).resolves.toBeDefined()
    for (const origin of [
      'http://example.com',
      'https://badexample.com',
      'https://example.com.evil.test',
      'https://example.com/',
      'null',
      '',
    ]) {
      await expect(judge('example.com', origin)).rejects.toMatchObject({ fault: 'origin' })
    }
  })
})
