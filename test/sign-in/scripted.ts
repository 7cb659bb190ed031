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
