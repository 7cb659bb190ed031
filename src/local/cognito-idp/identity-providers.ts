import {
  choice,
  listOf,
  mapOf,
  providerNameRules,
  readMember,
  readOptional,
  readText,
  text,
  type TextRules,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { PoolState, ProviderState, State } from '../state/index.ts'
import { readPool } from './directory.ts'
import { isInSchema } from './schema.ts'

/** Cognito's quota of identity providers in a pool. */
const maxProviders = 300

/** The operations on identity providers. */
export function identityProviderOperations(): Operations {
  return {
    'cognito-idp.CreateIdentityProvider': createProvider,
    'cognito-idp.DeleteIdentityProvider': deleteProvider,
    'cognito-idp.DescribeIdentityProvider': describeProvider,
    'cognito-idp.GetIdentityProviderByIdentifier': getByIdentifier,
    'cognito-idp.ListIdentityProviders': listProviders,
    'cognito-idp.UpdateIdentityProvider': updateProvider,
  }
}

function createProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const name = readText(input, 'ProviderName', newNameRules())
  const type = readMember(input, 'ProviderType', choice(providerTypes()))
  const details = readMember(input, 'ProviderDetails', mapOf(text(), text()))
  const { attributeMapping, identifiers } = readRest(pool, input)
  checkProviderDetails(type, name, details)
  if (pool.providers[name] !== undefined || name === 'COGNITO') {
    throw new ServiceError('DuplicateProviderException', `A provider with the name ${name} already exists.`)
  }
  checkIdentifiers(pool, name, identifiers)
  if (Object.keys(pool.providers).length >= maxProviders) {
    throw new ServiceError('LimitExceededException', 'The pool has as many identity providers as it may have.')
  }
  const times = { createdAt: context.now, updatedAt: context.now }
  const provider: ProviderState = {
    name,
    type,
    details: completeDetails(type, details),
    ...times,
    attributeMapping: completeMapping(type, attributeMapping),
    identifiers: identifiers ?? [],
  }
  pool.providers[name] = provider
  return { IdentityProvider: describe(pool, provider) }
}

/** What is not sent stays as it is; what is sent replaces the whole member. */
function updateProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const details = readOptional(input, 'ProviderDetails', mapOf(text(), text()))
  const rest = readRest(pool, input)
  const old = readProvider(pool, input)
  if (details !== undefined) checkProviderDetails(old.type, old.name, details)
  checkIdentifiers(pool, old.name, rest.identifiers)
  const provider: ProviderState = {
    ...old,
    details: details === undefined ? old.details : completeDetails(old.type, details),
    attributeMapping: rest.attributeMapping ? completeMapping(old.type, rest.attributeMapping) : old.attributeMapping,
    identifiers: rest.identifiers ?? old.identifiers,
    updatedAt: context.now,
  }
  pool.providers[old.name] = provider
  return { IdentityProvider: describe(pool, provider) }
}

function describeProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  return { IdentityProvider: describe(pool, readProvider(pool, input)) }
}

function getByIdentifier(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const identifier = readText(input, 'IdpIdentifier', identifierRules())
  const provider = Object.values(pool.providers).find(({ identifiers }) => identifiers?.includes(identifier))
  if (provider === undefined) throw notFound(`Identity provider ${identifier} does not exist.`)
  return { IdentityProvider: describe(pool, provider) }
}

function deleteProvider(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  delete pool.providers[readProvider(pool, input).name]
}

function listProviders(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.providers), ({ name }) => name, {
    token: 'NextToken',
    limit: 'MaxResults',
    max: 60,
    scope: ['ListIdentityProviders', pool.userPoolId],
  })
  const Providers = page.items.map(({ name, type, createdAt, updatedAt }) => {
    return {
      ProviderName: name,
      ProviderType: type,
      LastModifiedDate: updatedAt / 1000,
      CreationDate: createdAt / 1000,
    }
  })
  return { Providers, ...page.next }
}

function readProvider(pool: PoolState, input: JsonObject): ProviderState {
  const name = readText(input, 'ProviderName', providerNameRules())
  const provider = pool.providers[name]
  if (provider === undefined) throw notFound(`Identity provider ${name} does not exist.`)
  return provider
}

function readRest(pool: PoolState, input: JsonObject): Pick<ProviderState, 'attributeMapping' | 'identifiers'> {
  const attributeMapping = readOptional(input, 'AttributeMapping', mapOf(text({ min: 1, max: 32 }), text()))
  const unknown = Object.keys(attributeMapping ?? {}).find((name) => name !== 'username' && !isInSchema(pool, name))
  if (unknown !== undefined) throw invalidParameter(`Invalid attribute mapping: ${unknown} is not in the schema.`)
  return {
    attributeMapping,
    identifiers: readOptional(input, 'IdpIdentifiers', listOf(text(identifierRules()), 50)),
  }
}

function checkIdentifiers(pool: PoolState, name: string, identifiers: readonly string[] = []): void {
  const others = Object.values(pool.providers).filter((provider) => provider.name !== name)
  const taken = identifiers.find((identifier) => others.some((other) => other.identifiers?.includes(identifier)))
  if (taken !== undefined) throw invalidParameter(`The identifier ${taken} is in use by another identity provider.`)
}

/** An `IdentityProviderType`, without the private key that it signs in with. Times are in seconds since the epoch, with fractions. */
function describe({ userPoolId }: PoolState, provider: ProviderState): JsonObject {
  const { private_key: _, ...details } = provider.details
  return {
    UserPoolId: userPoolId,
    ProviderName: provider.name,
    ProviderType: provider.type,
    ProviderDetails: details,
    AttributeMapping: provider.attributeMapping,
    IdpIdentifiers: provider.identifiers,
    LastModifiedDate: provider.updatedAt / 1000,
    CreationDate: provider.createdAt / 1000,
  }
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message)
}

/** Names of new providers: three characters or more, none at either end that is an underscore or a separator. */
function newNameRules(): TextRules {
  return { min: 1, max: 32, pattern: /^[^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+$/u }
}

function identifierRules(): TextRules {
  return { min: 1, max: 40, pattern: /^[\w\s+=.@-]+$/ }
}

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
