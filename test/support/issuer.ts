import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const userPoolId = 'eu-west-1_TestPool1'
export const clientId = '1example23456789abcdefghij'
export const issuerName = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`
export const regionalIssuerName = `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`

/** 2026-01-01T00:00:00Z, the start of the tests' clock. */
export const start = 1_767_225_600

export interface TestKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK & { kid: string; kty: string; n: string; e: string }
}

export async function createKey(kid: string): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const { kty = '', n = '', e = '' } = await exportJWK(publicKey)
  return { kid, privateKey, jwk: { kty, n, e, kid, alg: 'RS256', use: 'sig' } }
}

const times = { iat: start, auth_time: start, exp: start + 3600 }
const ids = { jti: '00000000-0000-4000-8000-000000000001', origin_jti: '00000000-0000-4000-8000-000000000002' }

/** An access token's claims as Cognito writes them. */
export function accessClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    sub: '11111111-2222-4333-8444-555555555555',
    iss: issuerName,
    client_id: clientId,
    username: 'alice',
    'cognito:groups': ['editor'],
    scope: 'aws.cognito.signin.user.admin',
    version: 2,
    token_use: 'access',
    ...times,
    ...ids,
    ...changes,
  }
}

/** An ID token's claims as Cognito writes them. */
export function idClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    sub: '11111111-2222-4333-8444-555555555555',
    iss: issuerName,
    aud: clientId,
    'cognito:username': 'alice',
    'cognito:groups': ['editor'],
    email: 'alice@example.com',
    email_verified: true,
    token_use: 'id',
    ...times,
    ...ids,
    ...changes,
  }
}

/** Signs claims as they are; a claim that is undefined is left out. */
export function sign(
  key: TestKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header }).sign(key.privateKey)
}

/** Waits until the work that Web Crypto was given before is done: it is done in order, by threads that may be busy. */
async function worked(): Promise<void> {
  await crypto.subtle.digest('SHA-256', new Uint8Array(1))
}

/** Waits until everything that can go on without a clock has gone on: turns of the event loop and of Web Crypto's threads. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0))
    await worked()
  }
}

/** An issuer on a hand-turned clock, that counts how often it is asked. */
export class TestIssuer {
  /** Milliseconds since the epoch. */
  time = start * 1000
  readonly asked: string[] = []
  /** What the issuer answers with, if not its keys. */
  respond: ((request: Request) => Response | Promise<Response>) | undefined
  keys: TestKey[]

  constructor(...keys: TestKey[]) {
    this.keys = keys
  }

  readonly now = (): number => this.time

  /** Moves the clock on in steps; what really takes time comes first, however slow the machine is. */
  readonly sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    const until = this.time + milliseconds
    const over = () => signal?.aborted === true
    while (this.time < until && !over()) {
      const step = Math.min(100, until - this.time)
      const next = this.time + step
      await new Promise((resolve) => setTimeout(resolve, step / 10))
      await worked()
      if (!over()) this.time = Math.max(this.time, next)
    }
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    this.asked.push(request.url)
    return this.respond?.(request) ?? this.answer()
  }

  answer(): Response {
    return Response.json({ keys: this.keys.map(({ jwk }) => jwk) })
  }

  get settings() {
    return { userPoolId, clientId, fetch: this.fetch, now: this.now, sleep: this.sleep }
  }

  pass(seconds: number): void {
    this.time += seconds * 1000
  }
}

export function bearerRequest(token: string, url = 'https://app.example/posts'): Request {
  return new Request(url, { headers: { authorization: `Bearer ${token}` } })
}
