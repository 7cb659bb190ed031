import { type CallOptions, createIdentityPoolCall } from '../../aws/index.ts'
import { regionOfIdentityPool } from '../../internal/regions.ts'
import { checkOptions } from '../../internal/options.ts'
import { isSameJson } from '../iam/role.ts'
import { createWrite, malformed } from '../iam/writer.ts'
import type {
  IdentityPool,
  IdentityPoolChanges,
  IdentityPoolOptions,
  RoleMapping,
  RoleRule,
  UserPoolProvider,
} from './identity-pool.ts'
import { changesToWire, descriptionOf, mappingToWire, rolesOf } from './settings.ts'

/** Throws ConfigurationError, naming the option. Nothing is sent until something is asked for. */
export function createIdentityPool(options: IdentityPoolOptions): IdentityPool {
  checkOptions<IdentityPoolOptions>(
    'createIdentityPool',
    options,
    [
      'identityPoolId',
      'region',
      'endpoint',
      'credentials',
      'fips',
      'allowHttp',
      'retry',
      'fetch',
      'now',
      'sleep',
      'random',
    ],
    { useFipsEndpoint: 'it is called "fips".', userPoolId: 'createPoolAdmin takes it.' },
  )
  const { identityPoolId } = options
  const own = regionOfIdentityPool(identityPoolId)
  const { region = own } = options
  const call = createIdentityPoolCall({ ...options, region })
  const write = createWrite(options)
  const named = { IdentityPoolId: identityPoolId }
  // What is written back replaces everything: an answer that is not about this pool is never the start of it.
  const check = <T extends { readonly IdentityPoolId?: string | undefined }>(answer: T, operation: string): T => {
    if (answer.IdentityPoolId !== identityPoolId) {
      throw malformed(operation, operation.startsWith('Update') ? 'unknown' : 'failed')
    }
    // What is null is not set, and cannot be written back.
    return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== null)) as T
  }
  const readSettings = async (limits?: CallOptions) =>
    check(await call('DescribeIdentityPool', named, limits), 'DescribeIdentityPool')
  const readRoles = async (limits?: CallOptions) =>
    check(await call('GetIdentityPoolRoles', named, limits), 'GetIdentityPoolRoles')
  return {
    identityPoolId,
    region,
    describe: async (limits) => descriptionOf(await readSettings(limits)),
    roles: async (limits) => rolesOf(await readRoles(limits)),
    async update(changes, limits) {
      checkOptions<IdentityPoolChanges>('update', changes, [
        'name',
        'allowUnauthenticatedIdentities',
        'allowClassicFlow',
        'providers',
        'supportedLoginProviders',
        'developerProviderName',
        'openIdConnectProviderArns',
        'samlProviderArns',
        'tags',
      ])
      for (const provider of changes.providers ?? []) {
        checkOptions<UserPoolProvider>('update: providers', provider, [
          'providerName',
          'clientId',
          'serverSideTokenCheck',
        ])
      }
      const wire = changesToWire(changes)
      const settings = await write(
        limits,
        async (left) => {
          const found = await readSettings(left)
          return check(await call('UpdateIdentityPool', { ...found, ...wire }, left), 'UpdateIdentityPool')
        },
        async (left) => {
          const found = await readSettings(left)
          return isSameJson({ ...found, ...wire }, found) ? found : undefined
        },
      )
      return descriptionOf(settings)
    },
    async setRoleMapping(provider, mapping, limits) {
      if (mapping) checkOptions<RoleMapping>('setRoleMapping', mapping, ['type', 'ambiguousRoleResolution', 'rules'])
      for (const rule of mapping?.rules ?? []) {
        checkOptions<RoleRule>('setRoleMapping: rules', rule, ['claim', 'matchType', 'value', 'roleArn'])
      }
      const wanted = mapping && mappingToWire(mapping)
      await write(
        limits,
        async (left) => {
          const { Roles, RoleMappings } = await readRoles(left)
          const others = Object.entries(RoleMappings ?? {}).filter(([name]) => name !== provider)
          const mappings = Object.fromEntries(wanted ? [...others, [provider, wanted] as const] : others)
          return call('SetIdentityPoolRoles', { ...named, Roles: Roles ?? {}, RoleMappings: mappings }, left)
        },
        async (left) => {
          const { RoleMappings } = await readRoles(left)
          const found = new Map(Object.entries(RoleMappings ?? {})).get(provider)
          return isSameJson(found, wanted) ? {} : undefined
        },
      )
    },
    call,
  }
}
