import { regionOf, serviceHost } from '../internal/regions.ts'

/** The two issuers of a user pool's tokens. Which one a pool uses is its `IssuerConfigurationType`. */
export function issuersOf(userPoolId: string): readonly string[] {
  const host = `${serviceHost('cognito-idp', regionOf(userPoolId))}/${userPoolId}`
  return [`https://${host}`, `https://issuer-${host}`]
}

/** Where an issuer publishes its keys (OpenID Connect Discovery 1.0). */
export function jwksUrlOf(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`
}
