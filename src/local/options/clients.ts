import { type AuthFlow, explicitAuthFlows, withDefaults } from '../cognito-idp/clients.ts'
import { clientIdRules, clientNameRules, scopeRules } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import type { ClientState } from '../state.ts'
import {
  checkChoice,
  checkFlag,
  checkList,
  checkMembers,
  checkObject,
  checkOptionalInteger,
  checkOptionalText,
  checkText,
  refuse,
} from './check.ts'

/** An app client of a local pool, beside the one of `clientId`. */
export interface LocalClient {
  readonly clientId: string
  /** Default: the client's id. */
  readonly name?: string | undefined
  /** The client secret; true for one at random. Default: none, as public clients are. */
  readonly secret?: string | true | undefined
  /** Custom scopes that the client may be granted as a machine, such as `orders/read`. Default: none over the wire. */
  readonly scopes?: readonly string[] | undefined
  /** The life of its ID and access tokens in seconds. Default 3600. */
  readonly expiresIn?: number | undefined
  /** How users may sign in. Default: with their password, sent or by SRP, as administrator too, and by refresh token. */
  readonly authFlows?: readonly AuthFlow[] | undefined
  /** `PreventUserExistenceErrors`: unknown users get the answer of wrong passwords. Default false, as by the API. */
  readonly hideUnknownUsers?: boolean | undefined
}

/** The client of `clientId` and all others, by id. */
export function createClients(
  clientId: string | undefined,
  clients: readonly LocalClient[] | undefined,
  random: Randomness,
  now: number,
): [string, Record<string, ClientState>] {
  const map = createMap<ClientState>()
  const generated = random.lowerAlphanumeric(26)
  for (const [index, client] of checkList('clients', clients).entries()) {
    const path = `clients[${index}]`
    const state = createClient(path, client, random, now)
    if (map[state.clientId] !== undefined) refuse(path, `the client ${state.clientId} is given twice.`)
    map[state.clientId] = state
  }
  const main = clientId === undefined ? generated : checkText('clientId', clientId, clientIdRules())
  map[main] ??= { clientId: main, name: main, settings: readSettings('', {}), createdAt: now, updatedAt: now }
  return [main, map]
}

function createClient(path: string, client: unknown, random: Randomness, now: number): ClientState {
  const details = checkObject(path, client)
  checkMembers(path, details, ['clientId', 'name', 'secret', 'scopes', 'expiresIn', 'authFlows', 'hideUnknownUsers'])
  const { secret } = details
  const generated = random.lowerAlphanumeric(51)
  const clientId = checkText(`${path}.clientId`, details['clientId'], clientIdRules())
  const given = secret === true ? generated : secret
  return {
    clientId,
    name: checkOptionalText(`${path}.name`, details['name'], clientNameRules()) ?? clientId,
    secret: given === undefined ? undefined : checkText(`${path}.secret`, given, { min: 1, max: 64 }),
    settings: readSettings(path, details),
    createdAt: now,
    updatedAt: now,
  }
}

function readSettings(path: string, { scopes, expiresIn, authFlows, hideUnknownUsers }: JsonObject): JsonObject {
  const life = checkOptionalInteger(`${path}.expiresIn`, expiresIn, 1)
  const names = scopes === undefined ? undefined : readScopes(`${path}.scopes`, scopes)
  return withDefaults({
    ExplicitAuthFlows: authFlows === undefined ? defaultFlows() : readFlows(`${path}.authFlows`, authFlows),
    ...(checkFlag(`${path}.hideUnknownUsers`, hideUnknownUsers, false) && { PreventUserExistenceErrors: 'ENABLED' }),
    ...(life !== undefined && {
      AccessTokenValidity: life,
      IdTokenValidity: life,
      TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds' },
    }),
    ...(names !== undefined && { AllowedOAuthScopes: names }),
    ...(names !== undefined &&
      names.length > 0 && { AllowedOAuthFlows: ['client_credentials'], AllowedOAuthFlowsUserPoolClient: true }),
  })
}

function readScopes(path: string, scopes: unknown): string[] {
  return checkList(path, scopes).map((scope, index) => checkText(`${path}[${index}]`, scope, scopeRules()))
}

function readFlows(path: string, flows: unknown): string[] {
  return checkList(path, flows).map((flow, index) => {
    const at = `${path}[${index}]`
    if (flow === undefined) refuse(at, 'expected the name of a flow.')
    return checkChoice(at, flow, explicitAuthFlows(), 'ALLOW_REFRESH_TOKEN_AUTH')
  })
}

function defaultFlows(): readonly AuthFlow[] {
  return [
    'ALLOW_ADMIN_USER_PASSWORD_AUTH',
    'ALLOW_REFRESH_TOKEN_AUTH',
    'ALLOW_USER_PASSWORD_AUTH',
    'ALLOW_USER_SRP_AUTH',
  ]
}
