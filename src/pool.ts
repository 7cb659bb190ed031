import { ConfigurationError } from './errors.ts'

/** The region of a user pool id, `<region>_<id>` as CreateUserPool returns it. Throws ConfigurationError. */
export function regionOf(userPoolId: string): string {
  const region = /^([a-z]{2,}(?:-[a-z]+)+-\d+)_[0-9A-Za-z]{1,45}$/.exec(userPoolId)?.[1]
  if (!region) {
    throw new ConfigurationError('userPoolId: expected an id such as eu-west-1_AbCdEfGhI.')
  }
  return region
}

/** The region of an identity pool id, `<region>:<uuid>` as CreateIdentityPool returns it. Throws ConfigurationError. */
export function regionOfIdentityPool(identityPoolId: string): string {
  const region = /^([a-z]{2,}(?:-[a-z]+)+-\d+):[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(identityPoolId)?.[1]
  if (!region) {
    throw new ConfigurationError(
      'identityPoolId: expected an id such as eu-west-1:01234567-89ab-cdef-0123-456789abcdef.',
    )
  }
  return region
}

/** The two issuers of a user pool's tokens. Which one a pool uses is its `IssuerConfigurationType`. */
export function issuersOf(userPoolId: string): readonly string[] {
  const host = `cognito-idp.${regionOf(userPoolId)}.amazonaws.com/${userPoolId}`
  return [`https://${host}`, `https://issuer-${host}`]
}

/** Where an issuer publishes its keys (OpenID Connect Discovery 1.0). */
export function jwksUrlOf(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`
}
