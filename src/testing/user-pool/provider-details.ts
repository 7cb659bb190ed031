import { invalidParameter } from '../service-error.ts'

/** The types of identity provider (`IdentityProviderTypeType`). */
export function providerTypes() {
  return ['SAML', 'Facebook', 'Google', 'LoginWithAmazon', 'SignInWithApple', 'OIDC'] as const
}

/**
 * Throws InvalidParameterException where a provider's details lack what its type needs (CreateIdentityProvider,
 * `ProviderDetails`), or where the name of a social provider is not its type.
 */
export function checkProviderDetails(type: string, name: string, details: Readonly<Record<string, string>>): void {
  if (isSocial(type) && name !== type) {
    throw invalidParameter(`ProviderName must be ${type} for a provider of this type.`)
  }
  if (type === 'SAML' && !details['MetadataURL'] && !details['MetadataFile']) {
    throw invalidParameter('MetadataURL or MetadataFile is required for a SAML provider.')
  }
  const missing = requiredDetails(type).find((member) => !details[member])
  if (missing !== undefined) throw invalidParameter(`${missing} is required in ProviderDetails for ${type}.`)
}

function isSocial(type: string): boolean {
  return type !== 'SAML' && type !== 'OIDC'
}

function requiredDetails(type: string): readonly string[] {
  switch (type) {
    case 'SAML':
      return []
    case 'OIDC':
      return ['client_id', 'attributes_request_method', 'oidc_issuer', 'authorize_scopes']
    case 'SignInWithApple':
      return ['client_id', 'team_id', 'key_id', 'authorize_scopes']
    default:
      return ['client_id', 'client_secret', 'authorize_scopes']
  }
}
