import { isObject, type JsonObject } from '../json.ts'
import type { ClientState } from '../state.ts'
import { arnRules, providerNameRules, scopeRules } from './rules.ts'
import { choice, flag, integer, listOf, type Reader, structure, text } from './shape.ts'

/** The three kinds of token, as `TokenValidityUnits` names them. */
export type TokenKind = 'AccessToken' | 'IdToken' | 'RefreshToken'

/** What CreateUserPoolClient and UpdateUserPoolClient both take, beside the name. */
export function settingsShape(): Reader<JsonObject> {
  const urls = () => listOf(text(urlRules()), 100)
  const names = () => listOf(text({ min: 1, max: 2048 }))
  const units = () => choice(['seconds', 'minutes', 'hours', 'days'])
  return structure({
    RefreshTokenValidity: integer({ min: 0, max: 315_360_000 }),
    AccessTokenValidity: integer({ min: 1, max: 86_400 }),
    IdTokenValidity: integer({ min: 1, max: 86_400 }),
    TokenValidityUnits: structure({ AccessToken: units(), IdToken: units(), RefreshToken: units() }),
    ReadAttributes: names(),
    WriteAttributes: names(),
    ExplicitAuthFlows: listOf(choice(explicitAuthFlows())),
    SupportedIdentityProviders: listOf(text(providerNameRules())),
    CallbackURLs: urls(),
    LogoutURLs: urls(),
    DefaultRedirectURI: text(urlRules()),
    AllowedOAuthFlows: listOf(choice(['code', 'implicit', 'client_credentials']), 3),
    AllowedOAuthScopes: listOf(text(scopeRules()), 50),
    AllowedOAuthFlowsUserPoolClient: flag(),
    AnalyticsConfiguration: structure({
      ApplicationId: text({ pattern: /^[0-9a-fA-F]+$/ }),
      ApplicationArn: text(arnRules()),
      RoleArn: text(arnRules()),
      ExternalId: text(),
      UserDataShared: flag(),
    }),
    PreventUserExistenceErrors: choice(['LEGACY', 'ENABLED']),
    EnableTokenRevocation: flag(),
    EnablePropagateAdditionalUserContextData: flag(),
    AuthSessionValidity: integer({ min: 3, max: 15 }),
    RefreshTokenRotation: structure(
      { Feature: choice(['ENABLED', 'DISABLED']), RetryGracePeriodSeconds: integer({ min: 0, max: 60 }) },
      ['Feature'],
    ),
  })
}

/** What a client has where nothing was said: at its creation, and again at every update. */
export function withDefaults(settings: JsonObject): JsonObject {
  return {
    RefreshTokenValidity: 30,
    ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
    AllowedOAuthFlowsUserPoolClient: false,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
    ...settings,
  }
}

/** The life of a client's tokens, in seconds. */
export function lifeOf({ settings }: ClientState, kind: TokenKind): number {
  const validity = settings[`${kind}Validity`]
  const units = settings['TokenValidityUnits']
  const unit = isObject(units) ? units[kind] : undefined
  if (typeof validity !== 'number' || validity === 0) return kind === 'RefreshToken' ? 30 * 86_400 : 3600
  switch (unit ?? (kind === 'RefreshToken' ? 'days' : 'hours')) {
    case 'seconds':
      return validity
    case 'minutes':
      return validity * 60
    case 'hours':
      return validity * 3600
    default:
      return validity * 86_400
  }
}

/** A list of texts among the settings; empty where there is none. */
export function listSetting({ settings }: ClientState, name: string): readonly string[] {
  const list = settings[name]
  return Array.isArray(list) ? list.map(String) : []
}

/** The custom scopes that a client may be granted as a machine; undefined where nothing was said. */
export function machineScopes(client: ClientState): readonly string[] | undefined {
  if (client.settings['AllowedOAuthScopes'] === undefined) return undefined
  return listSetting(client, 'AllowedOAuthScopes').filter((scope) => !systemScopes().includes(scope))
}

/** The scopes that every pool has. */
export function systemScopes(): readonly string[] {
  return ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']
}

/** A sign-in flow that an app client allows (`ExplicitAuthFlows`). Those without ALLOW_ cannot be mixed with those that have it. */
export type AuthFlow =
  | 'ADMIN_NO_SRP_AUTH'
  | 'CUSTOM_AUTH_FLOW_ONLY'
  | 'USER_PASSWORD_AUTH'
  | 'ALLOW_ADMIN_USER_PASSWORD_AUTH'
  | 'ALLOW_CUSTOM_AUTH'
  | 'ALLOW_USER_PASSWORD_AUTH'
  | 'ALLOW_USER_SRP_AUTH'
  | 'ALLOW_REFRESH_TOKEN_AUTH'
  | 'ALLOW_USER_AUTH'

export function explicitAuthFlows(): readonly AuthFlow[] {
  return [
    'ADMIN_NO_SRP_AUTH',
    'CUSTOM_AUTH_FLOW_ONLY',
    'USER_PASSWORD_AUTH',
    'ALLOW_ADMIN_USER_PASSWORD_AUTH',
    'ALLOW_CUSTOM_AUTH',
    'ALLOW_USER_PASSWORD_AUTH',
    'ALLOW_USER_SRP_AUTH',
    'ALLOW_REFRESH_TOKEN_AUTH',
    'ALLOW_USER_AUTH',
  ]
}

function urlRules() {
  return { min: 1, max: 1024, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u }
}
