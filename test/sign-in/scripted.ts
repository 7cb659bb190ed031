import { createSignIn, type SignIn, type SignInOptions } from '../../src/sign-in/index.ts'
import { answer, type Scripted, type Sent } from '../support/aws.ts'

export const userPoolId = 'eu-west-1_AbCdEfGhI'
export const clientId = '1example23456789abcdefghij'

/** A sign-in client of a service that answers from a script, in order, by a clock that only sleep moves. */
export function scriptedSignIn(
  script: readonly Scripted[],
  options: Partial<SignInOptions> = {},
): { signIn: SignIn; sent: Sent[]; clock: { now: number } } {
  const sent: Sent[] = []
  const clock = { now: Date.UTC(2026, 10, 5, 9, 7, 3) }
  const rest = [...script]
  const signIn = createSignIn({
    userPoolId,
    clientId,
    now: () => clock.now,
    random: () => 1,
    sleep: async (milliseconds) => {
      clock.now += milliseconds
    },
    fetch: async (request) => {
      const { headers, url } = request
      const operation = headers.get('x-amz-target')?.split('.')[1] ?? ''
      const record = { operation, input: JSON.parse(await request.clone().text()), headers, url }
      sent.push(record)
      const next = rest.shift()
      if (next === undefined) throw new Error(`the script has no answer to ${operation}`)
      if (next instanceof Error) throw next
      return typeof next === 'function' ? next(record, request) : next
    },
    ...options,
  })
  return { signIn, sent, clock }
}

/** An answer with tokens. The access token names the user. */
export function signedIn(more: object = {}, username = 'u-1'): Response {
  const AuthenticationResult = { AccessToken: accessToken(username), IdToken: 'i', RefreshToken: 'r', ExpiresIn: 3600 }
  return answer({ AuthenticationResult: { ...AuthenticationResult, ...more }, ChallengeParameters: {} })
}

/** An access token that nobody verifies here. */
export function accessToken(username: string, more: object = {}): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return `${part({ alg: 'RS256' })}.${part({ username, ...more })}.c2ln`
}

/** An answer with a challenge. */
export function challenge(ChallengeName: string, ChallengeParameters: object = {}, more: object = {}): Response {
  return answer({ ChallengeName, Session: `session of ${ChallengeName}`, ChallengeParameters, ...more })
}

/** An error with the service's own words. */
export function refused(code: string, message: string): Response {
  return answer({ __type: code, message }, 400)
}

/** The values of a server for the second step of SRP; they prove nothing. */
export const verifier = {
  SALT: 'abcdef0123456789',
  SRP_B: '5'.repeat(700),
  SECRET_BLOCK: btoa('the secret block of the server'),
  USER_ID_FOR_SRP: 'u-1',
}

/** N of the 3072-bit group (RFC 3526 section 4), in hexadecimal. */
export const modulus = [
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd',
  'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed',
  'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f',
  '83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b',
  'e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510',
  '15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7',
  'abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c',
  'bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff',
].join('')
