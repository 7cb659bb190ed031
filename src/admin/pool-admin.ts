import { type ClientOptions, createPoolCall, keepClock, type PoolCall } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { regionOf } from '../internal/regions.ts'
import { type AttributeMap, createAttributeNames, createUsers, toUser, type Users } from './users.ts'
import { type AppClients, createAppClients } from './app-clients.ts'
import { createGroups, type PoolGroups } from './groups.ts'
import { createIdentityProviders, type IdentityProviders } from './identity-providers.ts'
import { createPoolResources } from './pool-resources.ts'

/** Which pool to administer, and with whose credentials. */
export interface PoolAdminOptions extends Omit<ClientOptions, 'region'> {
  readonly userPoolId: string
  /** Default: the one in `userPoolId`. */
  readonly region?: string | undefined
  /** Our names of attributes to Cognito's, such as `{ tier: 'custom:tier' }`. Default: Cognito's names everywhere. */
  readonly attributeMap?: AttributeMap | undefined
}

/** Administers one user pool. */
export interface PoolAdmin {
  readonly userPoolId: string
  readonly region: string
  readonly groups: PoolGroups
  readonly users: Users
  readonly identityProviders: IdentityProviders
  readonly clients: AppClients
  /** Any operation of the API, in AWS's own names and shapes. If the response to a write is lost, the write is not repeated. */
  readonly call: PoolCall
  readonly attributeMap: AttributeMap | undefined
}

/**
 * Administers one user pool without the AWS SDK. Nothing is sent until you call a method. Throws ConfigurationError, naming the
 * option.
 *
 * @example
 * ```ts
 * import { createPoolAdmin } from 'cognigate/admin'
 *
 * const admin = createPoolAdmin({
 *   userPoolId: 'eu-west-1_AbCdEfGhI',
 *   credentials: { accessKeyId, secretAccessKey }, // or an async function
 * })
 * await admin.users.addToGroup('alice', 'editor')
 * for await (const group of admin.groups.list()) console.log(group.name)
 * ```
 */
export function createPoolAdmin(options: PoolAdminOptions): PoolAdmin {
  checkOptions<PoolAdminOptions>('createPoolAdmin', options, [
    'userPoolId',
    'region',
    'endpoint',
    'allowHttp',
    'fips',
    'credentials',
    'retry',
    'attributeMap',
    'fetch',
    'now',
    'sleep',
    'random',
  ])
  const { userPoolId, region = regionOf(userPoolId), attributeMap } = options
  assertConfig('userPoolId', userPoolId, 'an id.')
  const call = createPoolCall(userPoolId, { ...options, region })
  const resources = createPoolResources(call, options)
  const names = createAttributeNames(attributeMap)
  const admin: PoolAdmin = {
    userPoolId,
    region,
    groups: createGroups(resources, (wire) => toUser(wire, names)),
    users: createUsers(resources, names),
    identityProviders: createIdentityProviders(resources),
    clients: createAppClients(resources),
    call,
    attributeMap,
  }
  return keepClock(admin, options)
}
