import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { verifyWithJwks } from 'hono/jwt'
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import type { Material } from '../material.ts'
import { clientId, issuer, userPoolId } from '../settings.ts'

/** Verifies an access token of the pool and its client; throws or rejects otherwise. */
export type Verify = (token: string) => unknown

/** Peers that run everywhere, each with its keys at hand and made to check the same claims. */
export function peerVerifiers({ jwk }: Pick<Material, 'jwk'>): Record<string, Verify> {
  return { jose: withJose(jwk), 'aws-jwt-verify': withAwsJwtVerify(jwk), 'hono/jwk': withHono(jwk) }
}

export function withJose(jwk: Material['jwk']): Verify {
  const keys = createLocalJWKSet({ keys: [jwk] })
  return async (token) => checkAccess((await jwtVerify(token, keys, { issuer, algorithms: ['RS256'] })).payload)
}

export function withAwsJwtVerify(jwk: Material['jwk']): Verify {
  const verifier = CognitoJwtVerifier.create({ userPoolId, tokenUse: 'access', clientId })
  verifier.cacheJwks({ keys: [jwk] })
  return (token) => verifier.verify(token)
}

function withHono(jwk: Material['jwk']): Verify {
  const options = { keys: [jwk], allowedAlgorithms: ['RS256' as const], verification: { iss: issuer } }
  return async (token) => checkAccess(await verifyWithJwks(token, options))
}

/** What general verifiers do not know of Cognito's access tokens. */
export function checkAccess(payload: JWTPayload): JWTPayload {
  if (payload.token_use !== 'access' || payload.client_id !== clientId)
    throw new Error('Not an access token of the client.')
  return payload
}
