import { createRequire } from 'node:module'
import type { SrpChallenge } from '../../src/sign-in/srp.ts'

const require = createRequire(import.meta.url)

interface Big {
  toString(radix: number): string
}

interface Helper {
  smallAValue: Big
  largeAValue: Big | undefined
  getLargeAValue(callback: (error: unknown, value: Big) => void): void
  padHex(value: Big): string
  getPasswordAuthenticationKey(
    username: string,
    password: string,
    b: Big,
    salt: Big,
    callback: (error: unknown, key: Uint8Array) => void,
  ): void
}

const BigInteger: new (text: string, radix: number) => Big =
  require('amazon-cognito-identity-js/lib/BigInteger.js').default
const AuthenticationHelper: new (pool: string) => Helper =
  require('amazon-cognito-identity-js/lib/AuthenticationHelper.js').default
const { createHmac }: typeof import('node:crypto') = require('node:crypto')

/** What amazon-cognito-identity-js makes of a secret number and a challenge: its A and its signature. */
export function identityJs(
  a: string,
  group: string,
  name: string,
  password: string,
  { salt, srpB, secretBlock }: SrpChallenge,
  timestamp: string,
): { srpA: string; signature: string } {
  const helper = new AuthenticationHelper(group)
  helper.smallAValue = new BigInteger(a, 16)
  helper.largeAValue = undefined
  ;(helper as unknown as { calculateA(a: Big, callback: (error: unknown, value: Big) => void): void }).calculateA(
    helper.smallAValue,
    (_, value) => {
      helper.largeAValue = value
    },
  )
  let key: Uint8Array = new Uint8Array()
  helper.getPasswordAuthenticationKey(name, password, new BigInteger(srpB, 16), new BigInteger(salt, 16), (_, made) => {
    key = made
  })
  const message = [Buffer.from(group + name), Buffer.from(secretBlock, 'base64'), Buffer.from(timestamp)]
  const signature = createHmac('sha256', key).update(Buffer.concat(message)).digest('base64')
  return { srpA: (helper.largeAValue as unknown as Big).toString(16), signature }
}

interface ServerChallenge {
  calculateB(): Buffer
  getSession(a: string): { calculateSignature(secretBlock: string, timestamp: string): string }
}

interface ServerUser {
  username: string
  salt: string
  verifier: string
}

const { UserPool } = require('cognito-srp') as {
  UserPool: new (
    name: string,
  ) => {
    createUser(user: { username: string; password: string }, salt?: string): Promise<ServerUser>
  }
}
const { ServerPasswordChallenge } = require('cognito-srp/dist/lib/ServerPasswordChallenge.js') as {
  ServerPasswordChallenge: new (pool: string, user: ServerUser, b: Buffer) => ServerChallenge
}

/** cognito-srp's server, with a given secret number. Its user is one of a pool, or a device of a group. */
export async function srpServer(group: string, username: string, password: string, salt: string, b: string) {
  const user = await new UserPool(group).createUser({ username, password }, salt)
  const challenge = new ServerPasswordChallenge(group, user, Buffer.from(b, 'hex'))
  return {
    verifier: user.verifier,
    srpB: challenge.calculateB().toString('hex'),
    signature: (srpA: string, secretBlock: string, timestamp: string) =>
      challenge.getSession(srpA).calculateSignature(secretBlock, timestamp),
  }
}
