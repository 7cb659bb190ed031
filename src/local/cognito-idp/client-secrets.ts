import { readOptionalText, readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, State } from '../state/index.ts'
import { readClient, readPool } from './directory.ts'

/** The operations by which an app client's secret is rotated: two of them count at a time. */
export function clientSecretOperations(): Operations {
  return {
    'cognito-idp.AddUserPoolClientSecret': addSecret,
    'cognito-idp.DeleteUserPoolClientSecret': deleteSecret,
    'cognito-idp.ListUserPoolClientSecrets': (state, input, context) => {
      const client = readClient(readPool(state, input, context), input)
      return { ClientSecrets: listSecrets(client).map(({ id, createdAt }) => describe(id, createdAt)) }
    },
  }
}

/** A secret that Cognito makes is shown this once; one that was sent is never shown. */
function addSecret(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const client = readClient(pool, input)
  const given = readOptionalText(input, 'ClientSecret', { min: 24, max: 64, pattern: /^[\w+]+$/ })
  if (client.secret === undefined) throw invalidParameter('The app client is public: it has no client secret.')
  if (client.newSecret !== undefined) {
    throw new ServiceError('LimitExceededException', 'An app client has at most 2 client secrets.')
  }
  if (given === client.secret) throw invalidParameter('The app client has this client secret already.')
  const value = given ?? context.random.lowerAlphanumeric(51)
  const [{ id: oldId } = { id: '' }] = listSecrets(client)
  const first = `${client.clientId}--${Math.floor(context.now)}`
  const id = first === oldId ? `${client.clientId}--${Math.floor(context.now) + 1}` : first
  put(pool, { ...client, newSecret: { id, value, createdAt: context.now }, updatedAt: context.now })
  return {
    ClientSecretDescriptor: { ...describe(id, context.now), ...(given === undefined && { ClientSecretValue: value }) },
  }
}

function deleteSecret(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const client = readClient(pool, input)
  const id = readText(input, 'ClientSecretId', { min: 1 })
  const [first, second] = listSecrets(client)
  if (id !== first?.id && id !== second?.id) {
    throw new ServiceError('ResourceNotFoundException', `Client secret ${id} does not exist.`)
  }
  if (second === undefined) throw invalidParameter('The last client secret of an app client cannot be deleted.')
  const { newSecret, ...rest } = client
  const left = id === first?.id ? { secret: newSecret?.value, secretId: second.id, secretAt: second.createdAt } : {}
  put(pool, { ...rest, ...left, updatedAt: context.now })
  return {}
}

/** The secrets of a client, oldest first. */
function listSecrets(client: ClientState): readonly { readonly id: string; readonly createdAt: number }[] {
  const { clientId, secret, secretId, secretAt = client.createdAt, newSecret } = client
  const first = { id: secretId ?? `${clientId}--${Math.floor(secretAt)}`, createdAt: secretAt }
  return [...(secret === undefined ? [] : [first]), ...(newSecret === undefined ? [] : [newSecret])]
}

/** A `ClientSecretDescriptorType` without the value. */
function describe(id: string, createdAt: number): JsonObject {
  return { ClientSecretId: id, ClientSecretCreateDate: createdAt / 1000 }
}

function put(pool: PoolState, client: ClientState): void {
  pool.clients[client.clientId] = client
}
