import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { clientId, issuer } from './settings.ts'

/** How many tokens there are: more than a guard remembers, so that in turn each of them is always a first-seen one. */
export const tokenCount = 2000

/** How many of them the cases for seen tokens use. */
export const seenCount = 64

/** What all runtimes are given, as JSON. */
export interface Material {
  readonly jwk: {
    readonly kty: 'RSA'
    readonly kid: string
    readonly n: string
    readonly e: string
    readonly alg: 'RS256'
    readonly use: 'sig'
  }
  /** The same key as PEM. */
  readonly pem: string
  /** Access tokens of different users, as Cognito issues them, good for a day. */
  readonly tokens: readonly string[]
}

/** A fresh key, and tokens signed by it. */
export async function createMaterial(): Promise<Material> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const { n = '', e = '' } = await exportJWK(publicKey)
  const kid = 'benchKeyBenchKeyBenchKeyBenchKeyBenchKeyBen='
  const issuedAt = Math.floor(Date.now() / 1000)
  const tokens = Array.from({ length: tokenCount }, (_, user) =>
    new SignJWT(accessClaims(user, issuedAt)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey),
  )
  const jwk = { kty: 'RSA', kid, n, e, alg: 'RS256', use: 'sig' } as const
  return { jwk, pem: await exportSPKI(publicKey), tokens: await Promise.all(tokens) }
}

function accessClaims(user: number, issuedAt: number): Record<string, unknown> {
  return {
    sub: crypto.randomUUID(),
    'cognito:groups': ['editor', `team-${user % 20}`, `region-${user % 5}`],
    iss: issuer,
    version: 2,
    client_id: clientId,
    origin_jti: crypto.randomUUID(),
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin openid profile',
    auth_time: issuedAt,
    exp: issuedAt + 86_400,
    iat: issuedAt,
    jti: crypto.randomUUID(),
    username: `user-${user}`,
  }
}
