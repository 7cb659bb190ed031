import { createMap } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import type { ClientState } from '../state.ts'
import { checkList, checkMembers, checkObject, checkOptionalInteger, checkText, refuse } from './check.ts'

/** An app client of a local pool, beside the one of `clientId`. */
export interface LocalClient {
  readonly clientId: string
  /** The client secret; true for one at random. Default: none, as public clients are. */
  readonly secret?: string | true | undefined
  /** Custom scopes that the client may be granted as a machine, such as `orders/read`. Default: none over the wire. */
  readonly scopes?: readonly string[] | undefined
  /** The life of its ID and access tokens in seconds. Default 3600. */
  readonly expiresIn?: number | undefined
}

/** Cognito's default life of ID and access tokens, in seconds. */
const defaultExpiresIn = 3600

/** The client of `clientId` and all others, by id. */
export function createClients(
  clientId: string | undefined,
  clients: readonly LocalClient[] | undefined,
  random: Randomness,
): [string, Record<string, ClientState>] {
  const map = createMap<ClientState>()
  const generated = random.lowerAlphanumeric(26)
  for (const [index, client] of checkList('clients', clients).entries()) {
    const path = `clients[${index}]`
    const state = createClient(path, client, random)
    if (map[state.clientId] !== undefined) refuse(path, `the client ${state.clientId} is given twice.`)
    map[state.clientId] = state
  }
  const main = clientId === undefined ? generated : checkText('clientId', clientId, clientIdRules())
  map[main] ??= { clientId: main, expiresIn: defaultExpiresIn }
  return [main, map]
}

function createClient(path: string, client: unknown, random: Randomness): ClientState {
  const details = checkObject(path, client)
  checkMembers(path, details, ['clientId', 'secret', 'scopes', 'expiresIn'])
  const { secret, scopes } = details
  const generated = random.lowerAlphanumeric(51)
  return {
    clientId: checkText(`${path}.clientId`, details['clientId'], clientIdRules()),
    secret:
      secret === true
        ? generated
        : secret === undefined
          ? undefined
          : checkText(`${path}.secret`, secret, { min: 1, max: 64 }),
    scopes:
      scopes === undefined
        ? undefined
        : checkList(`${path}.scopes`, scopes).map((scope, at) =>
            checkText(`${path}.scopes[${at}]`, scope, scopeRules()),
          ),
    expiresIn: checkOptionalInteger(`${path}.expiresIn`, details['expiresIn'], 1) ?? defaultExpiresIn,
  }
}

/** Cognito's ids have 26 characters; any length will do here. */
function clientIdRules() {
  return { min: 1, max: 128, pattern: /^[\w+]+$/ }
}

/** A scope token (RFC 6749 section 3.3). */
function scopeRules() {
  return { min: 1, max: 256, pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/ }
}
