import { describe, expect, it } from 'vitest'
import { CognigateError } from '../../src/errors.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createSignIn, type StoredDevice } from '../../src/sign-in/index.ts'
import { createRandom } from '../support/random.ts'

// One bit that is changed on the way, in what the client sends or in what the server answers, and nobody is signed in. The
// server is the local AWS, whose mathematics are its own.

type Fields = Record<string, string>
type Flip = (text: string) => string

const random = createRandom(20_261_127)

/** A bit of a number, written in hexadecimal. */
const ofHex: Flip = (text) => (BigInt(`0x${text}`) ^ (1n << BigInt(random.below(text.length * 4)))).toString(16)
/** A bit of bytes, written in base64. */
const ofBase64: Flip = (text) => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const at = random.below(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  return btoa(String.fromCharCode(...bytes))
}
/** A bit of ASCII text that leaves it ASCII. */
const ofText: Flip = (text) => {
  const at = random.below(text.length)
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7))) + text.slice(at + 1)
}

/** What is changed: in which call, in its request or its answer, under which name. */
const rows: [operation: string, place: 'input' | 'answer', name: string, flip: Flip][] = [
  ['InitiateAuth', 'input', 'SRP_A', ofHex],
  ['InitiateAuth', 'answer', 'SALT', ofHex],
  ['InitiateAuth', 'answer', 'SRP_B', ofHex],
  ['InitiateAuth', 'answer', 'SECRET_BLOCK', ofBase64],
  ['InitiateAuth', 'answer', 'USER_ID_FOR_SRP', ofText],
  ['RespondToAuthChallenge', 'input', 'PASSWORD_CLAIM_SIGNATURE', ofBase64],
  ['RespondToAuthChallenge', 'input', 'PASSWORD_CLAIM_SECRET_BLOCK', ofBase64],
  ['RespondToAuthChallenge', 'input', 'TIMESTAMP', ofText],
  ['RespondToAuthChallenge', 'input', 'USERNAME', ofText],
]
const deviceRows: typeof rows = [
  ['RespondToAuthChallenge', 'input', 'SRP_A', ofHex],
  ['RespondToAuthChallenge', 'answer', 'SALT', ofHex],
  ['RespondToAuthChallenge', 'answer', 'SRP_B', ofHex],
  ['RespondToAuthChallenge', 'answer', 'SECRET_BLOCK', ofBase64],
]
const password = 'Correct-Horse-1'
const rounds = 2

/** The members of a message that hold the values of SRP. */
function fieldsOf(message: Record<string, unknown>): Fields | undefined {
  const fields = message['AuthParameters'] ?? message['ChallengeResponses'] ?? message['ChallengeParameters']
  return fields as Fields | undefined
}

describe('one bit that is changed on the way', () => {
  // Users are many, since five wrong passwords lock one of them out; pools are few, since their keys take time.
  const users = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`user-${at}`, { password }]))
  const pools = new Map<boolean, Promise<LocalPool>>()
  let next = 0

  /** What a sign-in comes to; with a device, that of its second one. */
  async function attempt([operation, place, name, flip]: (typeof rows)[number], withDevice: boolean) {
    const opened = pools.get(withDevice) ?? createLocalPool({ users, deviceTracking: withDevice ? 'always' : 'off' })
    pools.set(withDevice, opened)
    const pool = await opened
    const { userPoolId, clientId } = pool.settings
    const devices = new Map<string, StoredDevice>()
    let isFlipping = !withDevice
    let flipped = 0
    const change = (text: string) => {
      const message = JSON.parse(text)
      const fields = fieldsOf(message)
      const value = fields?.[name]
      if (!isFlipping || flipped || !fields || value === undefined) return text
      flipped++
      fields[name] = flip(value)
      expect(fields[name]).not.toBe(value)
      return JSON.stringify(message)
    }
    const signIn = createSignIn({
      ...{ userPoolId, clientId },
      retry: { attempts: 1 },
      deviceStore: {
        get: (key) => devices.get(key),
        set: (key, device) => void devices.set(key, device),
        delete: (key) => void devices.delete(key),
      },
      async fetch(request) {
        const isHere = request.headers.get('x-amz-target')?.endsWith(`.${operation}`)
        const { url, method, headers } = request
        const text = await request.text()
        const body = isHere && place === 'input' ? change(text) : text
        const response = await pool.fetch(new Request(url, { method, headers, body }))
        if (!isHere || place === 'input' || response.status !== 200) return response
        return new Response(change(await response.text()))
      },
    })
    const username = `user-${next++}`
    if (withDevice) expect(await signIn.withPassword(username, password)).toMatchObject({ status: 'signed-in' })
    isFlipping = true
    const outcome = await signIn.withPassword(username, password).catch((error: unknown) => error)
    return { outcome, flipped }
  }

  it('is what the sign-ins below fail by: without it they succeed', async () => {
    const { outcome } = await attempt(['ListUsers', 'input', 'none', ofText], true)
    expect(outcome).toMatchObject({ status: 'signed-in' })
  })

  it.each(rows)('signs nobody in: %s, %s, %s', async (...row) => {
    for (let round = 0; round < rounds; round++) {
      const { outcome, flipped } = await attempt(row, false)
      expect(flipped).toBe(1)
      expect(outcome).toBeInstanceOf(CognigateError)
    }
  })

  it.each(deviceRows)('signs nobody in by a device: %s, %s, %s', async (...row) => {
    const { outcome, flipped } = await attempt(row, true)
    expect(flipped).toBe(1)
    expect(outcome).toBeInstanceOf(CognigateError)
  })
})
