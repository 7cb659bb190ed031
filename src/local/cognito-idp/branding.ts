import { anyObject, flag, listOf, readOptional, readOptionalText, readText, structure, text } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import type { BrandingState, PoolState, State } from '../state/index.ts'
import { readClient, readPool } from './directory.ts'

/** The operations on how managed login looks: stored, and returned as it was sent. */
export function brandingOperations(): Operations {
  return {
    'cognito-idp.CreateManagedLoginBranding': createBranding,
    'cognito-idp.DeleteManagedLoginBranding': (state, input, context) => {
      const pool = readPool(state, input, context)
      delete pool.brandings[readBranding(pool, input).id]
      return undefined
    },
    'cognito-idp.DescribeManagedLoginBranding': (state, input, context) => {
      const pool = readPool(state, input, context)
      return { ManagedLoginBranding: describe(pool, readBranding(pool, input)) }
    },
    'cognito-idp.DescribeManagedLoginBrandingByClient': (state, input, context) => {
      const pool = readPool(state, input, context)
      const { clientId } = readClient(pool, input)
      const branding = Object.values(pool.brandings).find((one) => one.clientId === clientId)
      if (branding === undefined) throw notFound()
      return { ManagedLoginBranding: describe(pool, branding) }
    },
    'cognito-idp.GetUICustomization': getCustomization,
    'cognito-idp.SetUICustomization': setCustomization,
    'cognito-idp.UpdateManagedLoginBranding': updateBranding,
  }
}

/** An app client has one style. */
function createBranding(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { clientId } = readClient(pool, input)
  const sent = readSent(input)
  if (Object.values(pool.brandings).some((one) => one.clientId === clientId)) {
    throw new ServiceError('ManagedLoginBrandingExistsException', 'The app client has a style already.')
  }
  const times = { createdAt: context.now, updatedAt: context.now }
  const branding: BrandingState = {
    id: context.random.uuid(),
    clientId,
    usesDefaults: sent.usesDefaults ?? false,
    settings: sent.settings,
    assets: sent.assets ?? [],
    ...times,
  }
  pool.brandings[branding.id] = branding
  return { ManagedLoginBranding: describe(pool, branding) }
}

/** What is not sent stays; going back to Cognito's own values drops what was set. */
function updateBranding(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = readBranding(pool, input)
  const sent = readSent(input)
  const branding: BrandingState =
    sent.usesDefaults === true
      ? { ...old, usesDefaults: true, settings: undefined, assets: [], updatedAt: context.now }
      : {
          ...old,
          usesDefaults: sent.settings === undefined && sent.assets === undefined ? old.usesDefaults : false,
          settings: sent.settings ?? old.settings,
          assets: sent.assets ?? old.assets,
          updatedAt: context.now,
        }
  pool.brandings[old.id] = branding
  return { ManagedLoginBranding: describe(pool, branding) }
}

function readSent(input: JsonObject) {
  const asset = structure(
    { Category: text(), ColorMode: text(), Extension: text(), Bytes: text(), ResourceId: text() },
    ['Category', 'ColorMode', 'Extension'],
  )
  const usesDefaults = readOptional(input, 'UseCognitoProvidedValues', flag())
  const settings = readOptional(input, 'Settings', anyObject())
  const assets = readOptional(input, 'Assets', listOf(asset, 40))
  if (usesDefaults === true && (settings !== undefined || assets !== undefined)) {
    throw invalidParameter('Settings and Assets cannot be set together with UseCognitoProvidedValues.')
  }
  return { usesDefaults, settings, assets }
}

function readBranding({ brandings }: PoolState, input: JsonObject): BrandingState {
  const branding = brandings[readText(input, 'ManagedLoginBrandingId', { min: 1 })]
  if (branding === undefined) throw notFound()
  return branding
}

function notFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'Managed login branding does not exist.')
}

/** A `ManagedLoginBrandingType`. */
function describe({ userPoolId }: PoolState, branding: BrandingState): JsonObject {
  return {
    ManagedLoginBrandingId: branding.id,
    UserPoolId: userPoolId,
    UseCognitoProvidedValues: branding.usesDefaults,
    Settings: branding.settings,
    Assets: branding.assets,
    CreationDate: branding.createdAt / 1000,
    LastModifiedDate: branding.updatedAt / 1000,
  }
}

/** That of the app client, else that of all clients, else one without anything. */
function getCustomization(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const clientId = readClientOrAll(pool, input)
  const { customizations } = pool
  return { UICustomization: customizations[clientId] ?? customizations['ALL'] ?? { UserPoolId: pool.userPoolId } }
}

/** Needs a domain. Takes the place of what was there. */
function setCustomization(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const clientId = readClientOrAll(pool, input)
  const CSS = readOptionalText(input, 'CSS', { max: 131_072 })
  const image = readOptional(input, 'ImageFile', text({ max: 200_000 }))
  if (Object.keys(pool.domains).length === 0) {
    throw invalidParameter('There has to be an existing domain associated with this user pool')
  }
  const now = context.now / 1000
  const old = pool.customizations[clientId]
  const customization: JsonObject = {
    UserPoolId: pool.userPoolId,
    ClientId: clientId,
    ...(image !== undefined && { ImageUrl: `https://${pool.userPoolId}.example/${clientId}/logo.png` }),
    ...(CSS !== undefined && { CSS }),
    CSSVersion: new Date(context.now).toISOString().replaceAll(/\D/g, '').slice(0, 14),
    LastModifiedDate: now,
    CreationDate: isObject(old) ? old['CreationDate'] : now,
  }
  pool.customizations[clientId] = customization
  return { UICustomization: customization }
}

/** The app client that `ClientId` names; `ALL` where none or all are meant. */
export function readClientOrAll(pool: PoolState, input: JsonObject): string {
  const given = input['ClientId'] ?? 'ALL'
  return given === 'ALL' ? 'ALL' : readClient(pool, input).clientId
}
