import { isNull, readText, text } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import type { OidcProviderState, State } from '../state/index.ts'
import { alreadyExists, createArn, describeTags, limitExceeded, noSuchEntity, toDate } from './entities.ts'
import { inQueryWords, invalidInput, readList, readTags } from './input.ts'

/** IAM's quotas: of OIDC providers in an account, and of client ids and thumbprints of a provider. */
const maxProviders = 100
const maxClientIds = 100
const maxThumbprints = 5

/** The operations on OpenID Connect providers of the account. */
export function oidcProviderOperations(): Operations {
  return inQueryWords({
    'iam.CreateOpenIDConnectProvider': createProvider,
    'iam.GetOpenIDConnectProvider': getProvider,
    'iam.ListOpenIDConnectProviders': listProviders,
    'iam.DeleteOpenIDConnectProvider': deleteProvider,
    'iam.UpdateOpenIDConnectProviderThumbprint': updateThumbprint,
    'iam.AddClientIDToOpenIDConnectProvider': addClientId,
    'iam.RemoveClientIDFromOpenIDConnectProvider': removeClientId,
  })
}

/** Without thumbprints AWS fetches the one of the provider's certificate authority; here none is then kept. */
function createProvider(state: State, input: JsonObject, context: Context): JsonObject {
  const url = readText(input, 'Url', { min: 1, max: 255 })
  const provider: OidcProviderState = {
    arn: createArn(`oidc-provider/${readPlace(url)}`, context),
    url: readPlace(url),
    clientIds: [...new Set(readClientIds(input) ?? [])],
    thumbprints: readThumbprints(input) ?? [],
    tags: createMap(readTags(input) ?? []),
    createdAt: context.now,
  }
  if (state.oidcProviders[provider.arn] !== undefined) throw alreadyExists(`Provider with url ${url} already exists.`)
  if (Object.keys(state.oidcProviders).length >= maxProviders) {
    throw limitExceeded(`Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${maxProviders}`)
  }
  putProvider(state, provider)
  return {
    OpenIDConnectProviderArn: provider.arn,
    ...(Object.keys(provider.tags).length > 0 && { Tags: describeTags(provider) }),
  }
}

/** The URL as ARNs have it: without the scheme, and without a slash at the end. */
function readPlace(url: string): string {
  const [, place] = /^https:\/\/([A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:\/[^\s?#]*)?)$/.exec(url) ?? []
  if (place === undefined) throw new ServiceError('ValidationError', 'Invalid Open ID Connect Provider URL')
  return place.replace(/\/$/, '')
}

function getProvider(state: State, input: JsonObject): JsonObject {
  const { url, clientIds, thumbprints, createdAt, tags } = readProvider(state, input)
  return {
    Url: url,
    ClientIDList: clientIds,
    ThumbprintList: thumbprints,
    CreateDate: toDate(createdAt),
    Tags: describeTags({ tags }),
  }
}

function listProviders(state: State): JsonObject {
  return { OpenIDConnectProviderList: Object.keys(state.oidcProviders).map((Arn) => ({ Arn })) }
}

/** As AWS documents it, it is no error that a provider is not there. */
function deleteProvider(state: State, input: JsonObject): undefined {
  delete state.oidcProviders[readArn(input)]
}

function updateThumbprint(state: State, input: JsonObject): undefined {
  const provider = readProvider(state, input)
  const thumbprints = readThumbprints(input)
  if (thumbprints === undefined) throw isNull('thumbprintList')
  putProvider(state, { ...provider, thumbprints })
}

function addClientId(state: State, input: JsonObject): undefined {
  const provider = readProvider(state, input)
  const id = readText(input, 'ClientID', { min: 1, max: 255 })
  if (provider.clientIds.includes(id)) return
  if (provider.clientIds.length >= maxClientIds) {
    throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${maxClientIds}`)
  }
  putProvider(state, { ...provider, clientIds: [...provider.clientIds, id] })
}

function removeClientId(state: State, input: JsonObject): undefined {
  const provider = readProvider(state, input)
  const id = readText(input, 'ClientID', { min: 1, max: 255 })
  putProvider(state, { ...provider, clientIds: provider.clientIds.filter((other) => other !== id) })
}

function readClientIds(input: JsonObject): readonly string[] | undefined {
  return readList(input, 'ClientIDList', text({ min: 1, max: 255 }), maxClientIds)
}

function readThumbprints(input: JsonObject): readonly string[] | undefined {
  const list = readList(input, 'ThumbprintList', text({ min: 40, max: 40 }), Number.POSITIVE_INFINITY)
  if (list !== undefined && list.length > maxThumbprints) {
    throw invalidInput(`Thumbprint list must contain fewer than ${maxThumbprints} entries.`)
  }
  return list
}

/** The provider that `OpenIDConnectProviderArn` names. Throws NoSuchEntity. */
export function readProvider(state: State, input: JsonObject): OidcProviderState {
  const arn = readArn(input)
  const provider = state.oidcProviders[arn]
  if (provider === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`)
  return provider
}

function readArn(input: JsonObject): string {
  return readText(input, 'OpenIDConnectProviderArn', { min: 20, max: 2048 })
}

/** Keeps a provider, in place of what it was. */
export function putProvider(state: State, provider: OidcProviderState): void {
  state.oidcProviders[provider.arn] = provider
}
