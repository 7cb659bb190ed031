import type { CallOptions, UpdateUserPoolClientRequest, UserPoolClientType } from '../aws/index.ts'
import { checkOptions } from '../internal/options.ts'
import { createResource, type PoolResources, type Camel, toWire } from './pool-resources.ts'

type Dates = 'CreationDate' | 'LastModifiedDate'

/** Members of an app client that cannot be changed. */
export type FixedOfClient = Dates | 'ClientSecret' | 'ClientType'

/** An app client. `clientSecret` is a secret: keep it out of logs and responses. */
export type AppClient = Camel<Omit<UserPoolClientType, Dates | 'UserPoolId'>> & {
  readonly createdAt?: Date | undefined
  readonly updatedAt?: Date | undefined
}

/** Changes to an app client. Undefined keeps a value. */
export type AppClientChanges = Camel<Omit<UpdateUserPoolClientRequest, 'UserPoolId' | 'ClientId'>>

/** The app clients of a pool. Every method throws AwsError. */
export interface AppClients {
  /** DescribeUserPoolClient. */
  describe(clientId: string, options?: CallOptions): Promise<AppClient>
  /**
   * Changes what you name and keeps the rest. Cognito resets every setting that is not sent, so the client is read first and
   * its settings are sent with the changes (DescribeUserPoolClient, UpdateUserPoolClient).
   */
  update(clientId: string, changes: AppClientChanges, options?: CallOptions): Promise<AppClient>
}

/** What can be changed. Cognito passes over names that it does not know. */
const CHANGES = [
  ...(['clientName', 'refreshTokenValidity', 'accessTokenValidity', 'idTokenValidity', 'tokenValidityUnits'] as const),
  ...(['readAttributes', 'writeAttributes', 'explicitAuthFlows', 'supportedIdentityProviders'] as const),
  ...(['callbackURLs', 'logoutURLs', 'defaultRedirectURI', 'allowedOAuthFlows', 'allowedOAuthScopes'] as const),
  ...(['allowedOAuthFlowsUserPoolClient', 'analyticsConfiguration', 'preventUserExistenceErrors'] as const),
  ...(['enableTokenRevocation', 'enablePropagateAdditionalUserContextData', 'authSessionValidity'] as const),
  'refreshTokenRotation',
] as const

/** The part of the administration that is about app clients. */
export function createAppClients(resources: PoolResources): AppClients {
  const { read, get, save } = createResource<AppClient>(
    resources,
    'DescribeUserPoolClient',
    'ClientId',
    'UserPoolClient',
  )
  return {
    describe: get,
    async update(clientId, changes, options) {
      checkOptions<AppClientChanges>('clients.update', changes, CHANGES)
      const { ClientSecret, ClientType, CreationDate, LastModifiedDate, ...known } = await read(clientId, options)
      const wanted = toWire(changes)
      return save('UpdateUserPoolClient', { ...known, ...wanted, ClientId: clientId }, options, wanted)
    },
  }
}
