import { regionOf, serviceHost } from '../internal/regions.ts'

/**
 * The issuers of a user pool's tokens: the two of its own region, of which its `IssuerConfigurationType` says one, and where
 * the pool is replicated, one for each other region. Throws ConfigurationError for a region that there is not.
 */
export function issuersOf(userPoolId: string, replicaRegions: readonly string[] = []): readonly string[] {
  const [own, ...replicas] = [regionOf(userPoolId), ...replicaRegions].map(
    (region) => `${serviceHost('cognito-idp', region)}/${userPoolId}`,
  )
  return [`https://${own}`, `https://issuer-${own}`, ...replicas.map((host) => `https://${host}`)]
}

/** Where an issuer publishes its keys (OpenID Connect Discovery 1.0). */
export function jwksUrlOf(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`
}
