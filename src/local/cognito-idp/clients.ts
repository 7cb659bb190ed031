import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { ClientState, PoolState, State } from '../state.ts'
import { checkClient } from './client-checks.ts'
import { settingsShape, withDefaults } from './client-settings.ts'
import { readFlag, readOptionalText, readText } from './input.ts'
import { readClient, readPool } from './lookup.ts'
import { readPage } from './paging.ts'
import { clientNameRules } from './rules.ts'

/** Cognito's quota of app clients in a pool. */
const maxClients = 1000

/** The operations on app clients. */
export function clientOperations(): Operations {
  return {
    'cognito-idp.CreateUserPoolClient': createClient,
    'cognito-idp.DeleteUserPoolClient': deleteClient,
    'cognito-idp.DescribeUserPoolClient': describeClient,
    'cognito-idp.ListUserPoolClients': listClients,
    'cognito-idp.UpdateUserPoolClient': updateClient,
  }
}

function createClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const name = readText(input, 'ClientName', clientNameRules())
  const wantsSecret = readFlag(input, 'GenerateSecret')
  const given = readOptionalText(input, 'ClientSecret', { min: 24, max: 64, pattern: /^[\w+]+$/ })
  if (wantsSecret && given !== undefined) throw invalidParameter('Give either GenerateSecret or ClientSecret.')
  const settings = withDefaults(settingsShape()(input, ''))
  const { random, now } = context
  const clientId = random.lowerAlphanumeric(26)
  const secret = wantsSecret ? random.lowerAlphanumeric(51) : given
  const client: ClientState = { clientId, name, secret, settings, createdAt: now, updatedAt: now }
  checkClient(pool, client)
  if (Object.keys(pool.clients).length >= maxClients) {
    throw new ServiceError('LimitExceededException', 'The pool has as many app clients as it may have.')
  }
  pool.clients[clientId] = client
  return { UserPoolClient: describe(pool, client) }
}

/** Whatever is not sent goes back to its default; the name stays, and so does the secret. */
function updateClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = readClient(pool, input)
  const client: ClientState = {
    ...old,
    name: readOptionalText(input, 'ClientName', clientNameRules()) ?? old.name,
    settings: withDefaults(settingsShape()(input, '')),
    updatedAt: context.now,
  }
  checkClient(pool, client)
  pool.clients[client.clientId] = client
  return { UserPoolClient: describe(pool, client) }
}

function describeClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  return { UserPoolClient: describe(pool, readClient(pool, input)) }
}

/** Its sessions and refresh tokens are of no use without it, and leave when they end. */
function deleteClient(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  const { clientId } = readClient(pool, input)
  delete pool.clients[clientId]
}

function listClients(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.clients), ({ clientId }) => clientId, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['ListUserPoolClients', pool.userPoolId],
  })
  const UserPoolClients = page.items.map(({ clientId, name }) => {
    return { ClientId: clientId, UserPoolId: pool.userPoolId, ClientName: name }
  })
  return { UserPoolClients, ...page.next }
}

/** A `UserPoolClientType`. Times are in seconds since the epoch, with fractions. */
function describe({ userPoolId }: PoolState, client: ClientState): JsonObject {
  return {
    UserPoolId: userPoolId,
    ClientName: client.name,
    ClientId: client.clientId,
    ClientSecret: client.secret,
    LastModifiedDate: client.updatedAt / 1000,
    CreationDate: client.createdAt / 1000,
    ...client.settings,
  }
}
