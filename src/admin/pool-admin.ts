import { type ClientOptions, createPoolCall, type PoolCall } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { regionOf } from '../internal/regions.ts'
import { type AttributeMap, createAttributeNames, createUsers, userOf, type Users } from './users.ts'
import { type Clients, createClients } from './clients.ts'
import { createGroups, type Groups } from './groups.ts'
import { createIdentityProviders, type IdentityProviders } from './identity-providers.ts'
import { createOperator } from './operator.ts'

/** Which pool is administered, and as whom. */
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
  readonly groups: Groups
  readonly users: Users
  readonly identityProviders: IdentityProviders
  readonly clients: Clients
  /** Any operation of the API, in AWS's own names and shapes. A write whose answer was lost is not repeated. */
  readonly call: PoolCall
  readonly attributeMap: AttributeMap | undefined
  /** The clock, the timer, the chance and the endpoint that this object was given. */
  readonly seams: Pick<ClientOptions, 'now' | 'sleep' | 'random' | 'endpoint'>
}

/** Throws ConfigurationError, naming the option. Nothing is sent until something is asked for. */
export function createPoolAdmin(options: PoolAdminOptions): PoolAdmin {
  checkOptions<PoolAdminOptions>('createPoolAdmin', options, [
    ...(['userPoolId', 'region', 'endpoint', 'allowHttp', 'fips', 'credentials', 'retry', 'attributeMap'] as const),
    ...(['fetch', 'now', 'sleep', 'random'] as const),
  ])
  const { userPoolId, region = regionOf(userPoolId), retry, attributeMap, now, sleep, random, endpoint } = options
  if (!userPoolId) throw new ConfigurationError('userPoolId: expected an id.')
  const call = createPoolCall(userPoolId, { ...options, region })
  const operator = createOperator(call, retry, now)
  const names = createAttributeNames(attributeMap)
  return {
    userPoolId,
    region,
    groups: createGroups(operator, (wire) => userOf(wire, names)),
    users: createUsers(operator, names),
    identityProviders: createIdentityProviders(operator),
    clients: createClients(operator),
    call,
    attributeMap,
    seams: { now, sleep, random, endpoint },
  }
}
