import { createDeviceVerifier, createSrpSession, signSrpSession, signSrpSessionWithDevice } from 'cognito-srp-helper'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerSrp, createSrpKeys, createVerifier } from '../../src/sign-in/srp.ts'
import { identityJs, srpServer } from './srp-peers.ts'

const timestamp = 'Thu Nov 5 09:07:03 UTC 2026'
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((made) => Buffer.from(made))
/** Leading zeros, high bits and short numbers are where implementations differ. */
const numbers = fc.oneof(
  hex(16),
  hex(16).map((bytes) => Buffer.concat([Buffer.from([0]), bytes.subarray(1)])),
  hex(16).map((bytes) => Buffer.concat([Buffer.from([0x80]), bytes.subarray(1)])),
  hex(1).filter(([byte = 0]) => byte > 0),
)
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })

describe('SRP beside amazon-cognito-identity-js and the server of cognito-srp', () => {
  it('agrees for any user, password, salt and secret numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[words, words, words, numbers],
        ...[hex(32).filter(([first = 0]) => first > 0), hex(32).filter(([first = 0]) => first > 0), hex(40)],
        async (group, name, password, saltBytes, aBytes, bBytes, block) => {
          // A server that Cognito's clients can sign in at hashes the salt as a number.
          const salt = BigInt(`0x0${saltBytes.toString('hex')}`).toString(16)
          fc.pre(salt !== '0')
          const server = await srpServer(group, name, password, salt, bBytes.toString('hex'))
          const srpB = BigInt(`0x${server.srpB}`).toString(16)
          const challenge = { salt, srpB, secretBlock: block.toString('base64') }
          const keys = createSrpKeys(() => new Uint8Array(aBytes))
          const ours = await answerSrp(keys, challenge, { group, name, password }, timestamp)
          const theirs = identityJs(aBytes.toString('hex'), group, name, password, challenge, timestamp)
          expect(keys.srpA).toBe(theirs.srpA)
          expect(ours.PASSWORD_CLAIM_SIGNATURE).toBe(theirs.signature)
          expect(ours.PASSWORD_CLAIM_SIGNATURE).toBe(server.signature(keys.srpA, challenge.secretBlock, timestamp))
        },
      ),
      { numRuns: 6, seed: 20_261_126 },
    )
  })

  it('makes the verifier of a device that the server then accepts', async () => {
    const salt = Buffer.from('00ff'.repeat(8), 'hex')
    const made = await createVerifier({ group: '-group', name: 'eu-west-1_key', password: 'x' }, salt)
    const server = await srpServer('-group', 'eu-west-1_key', 'x', salt.toString('hex').replace(/^00/, ''), '0123')
    expect(BigInt(`0x${Buffer.from(made.PasswordVerifier, 'base64').toString('hex')}`)).toBe(
      BigInt(`0x${server.verifier}`),
    )
    expect(Buffer.from(made.Salt, 'base64').toString('hex')).toBe('00ff'.repeat(8))
  })

  it('never signs in with one bit changed, wherever it is', async () => {
    const a = createSrpKeys(() => new Uint8Array(Buffer.from('7'.repeat(64), 'hex')))
    const salt = 'f0'.repeat(16)
    const server = await srpServer('AbCdEfGhI', 'alice', 'Correct-Horse-1', salt, '5'.repeat(64))
    const secretBlock = Buffer.from('block of the server').toString('base64')
    const right = { salt, srpB: server.srpB, secretBlock }
    const expected = server.signature(a.srpA, secretBlock, timestamp)
    const identity = { group: 'AbCdEfGhI', name: 'alice', password: 'Correct-Horse-1' }
    const sign = async (challenge: typeof right, who: typeof identity, time = timestamp) =>
      (await answerSrp(a, challenge, who, time)).PASSWORD_CLAIM_SIGNATURE
    expect(await sign(right, identity)).toBe(expected)
    const flip = (text: string, at: number) =>
      text.slice(0, at) + (Number.parseInt(text.charAt(at), 16) ^ 1).toString(16) + text.slice(at + 1)
    const change = (text: string) => String.fromCharCode(text.charCodeAt(0) ^ 1) + text.slice(1)
    const wrong = [
      sign({ ...right, salt: flip(salt, 31) }, identity),
      sign({ ...right, srpB: flip(server.srpB, 700) }, identity),
      sign({ ...right, secretBlock: Buffer.from('clock of the server').toString('base64') }, identity),
      sign(right, { ...identity, group: change(identity.group) }),
      sign(right, { ...identity, name: change(identity.name) }),
      sign(right, { ...identity, password: change(identity.password) }),
      sign(right, identity, change(timestamp)),
    ]
    for (const signature of await Promise.all(wrong)) expect(signature).not.toBe(expected)
  })
})

describe('SRP beside cognito-srp-helper', () => {
  const secretBlock = Buffer.from('block of the server').toString('base64')
  const srpB = '5a'.repeat(380)
  const salt = 'f0'.repeat(16)
  const parameters = { SALT: salt, SRP_B: srpB, SECRET_BLOCK: secretBlock, USER_ID_FOR_SRP: 'alice' }
  const keysOf = (a: string) => createSrpKeys(() => new Uint8Array(Buffer.from(a.padStart(64, '0').slice(-64), 'hex')))

  it('signs alike for a user, and for a device', async () => {
    const session = createSrpSession('alice', 'Correct-Horse-1', 'eu-west-1_AbCdEfGhI', false)
    // Its secret number is longer than ours: the same exponent is given to both.
    const keys = { a: BigInt(`0x${session.smallA}`), srpA: session.largeA }
    const theirs = signSrpSession(session, { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: parameters })
    const identity = { group: 'AbCdEfGhI', name: 'alice', password: 'Correct-Horse-1' }
    const ours = await answerSrp(keys, { salt, srpB, secretBlock }, identity, session.timestamp)
    expect(ours.PASSWORD_CLAIM_SIGNATURE).toBe(theirs.passwordSignature)

    const group = '-group'
    const key = 'eu-west-1_0a0b'
    const { DeviceRandomPassword: password } = createDeviceVerifier(key, group)
    const asked = {
      ChallengeName: 'DEVICE_PASSWORD_VERIFIER' as const,
      ChallengeParameters: { ...parameters, DEVICE_KEY: key },
    }
    const device = signSrpSessionWithDevice(session, asked, group, password)
    const proof = await answerSrp(keys, { salt, srpB, secretBlock }, { group, name: key, password }, session.timestamp)
    expect(proof.PASSWORD_CLAIM_SIGNATURE).toBe(device.passwordSignature)
    expect(keysOf('3').srpA).toBe('8')
  })
})
