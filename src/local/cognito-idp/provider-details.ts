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

/** What Cognito adds to the details that were sent (CreateIdentityProvider, `ProviderDetails`). */
export function completeDetails(
  type: string,
  sent: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  switch (type) {
    case 'SAML': {
      const { MetadataFile: file = '' } = sent
      const [, at = ''] =
        /<[^<>]*SingleSignOnService\b(?=[^<>]*HTTP-Redirect)[^<>]*\bLocation="([^"<>]+)"/.exec(file) ?? []
      return at === '' ? sent : { ...sent, SSORedirectBindingURI: at }
    }
    case 'OIDC':
      return { attributes_url_add_attributes: 'false', ...sent }
    case 'Google':
      return {
        attributes_url: 'https://people.googleapis.com/v1/people/me?personFields=',
        attributes_url_add_attributes: 'true',
        authorize_url: 'https://accounts.google.com/o/oauth2/v2/auth',
        oidc_issuer: 'https://accounts.google.com',
        token_request_method: 'POST',
        token_url: 'https://www.googleapis.com/oauth2/v4/token',
        ...sent,
      }
    case 'LoginWithAmazon':
      return {
        attributes_url: 'https://api.amazon.com/user/profile',
        attributes_url_add_attributes: 'false',
        authorize_url: 'https://www.amazon.com/ap/oa',
        token_request_method: 'POST',
        token_url: 'https://api.amazon.com/auth/o2/token',
        ...sent,
      }
    case 'SignInWithApple':
      return {
        attributes_url_add_attributes: 'false',
        authorize_url: 'https://appleid.apple.com/auth/authorize',
        oidc_issuer: 'https://appleid.apple.com',
        token_request_method: 'POST',
        token_url: 'https://appleid.apple.com/auth/token',
        ...sent,
      }
    default: {
      const { api_version: version = 'v17.0' } = sent
      return {
        api_version: version,
        attributes_url: `https://graph.facebook.com/${version}/me?fields=`,
        attributes_url_add_attributes: 'true',
        authorize_url: `https://www.facebook.com/${version}/dialog/oauth`,
        token_request_method: 'GET',
        token_url: `https://graph.facebook.com/${version}/oauth/access_token`,
        ...sent,
      }
    }
  }
}

/** Every provider but SAML gives the user name by the claim that names its users, unless another one is mapped. */
export function completeMapping(
  type: string,
  sent: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  if (type === 'SAML') return sent ?? {}
  const username = type === 'Facebook' ? 'id' : type === 'LoginWithAmazon' ? 'user_id' : 'sub'
  return { username, ...sent }
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
