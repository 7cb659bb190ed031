import { ConfigurationError } from '../../../errors.ts'
import { checkOptions } from '../../../internal/options.ts'
import { regionOfIdentityPool } from '../../../internal/regions.ts'
import { type CallOptions, type ClientOptions, createCall, jsonProtocol } from '../../client/call.ts'
import { isSameJson } from '../iam/role.ts'
import { createWrite, malformed } from '../iam/writer.ts'
import type {
  IdentityPool,
  IdentityPoolChanges,
  IdentityPoolDescription,
  IdentityPoolOptions,
  PoolRoles,
  RoleMapping,
  RoleRule,
  UserPoolProvider,
} from './identity-pool.ts'
import type {
  IdentityPoolInputs,
  IdentityPoolOutputs,
  IdentityPoolRoles,
  IdentityPoolSettings,
  RoleMapping as WireMapping,
} from './wire-types.ts'

/** The name of an operation of the identity-pool API. */
export type IdentityPoolOperation = keyof IdentityPoolInputs

/** Calls an operation of the identity-pool API, in AWS's own names and shapes. */
export type IdentityPoolCall = <O extends IdentityPoolOperation>(
  operation: O,
  input: IdentityPoolInputs[O],
  options?: CallOptions,
) => Promise<IdentityPoolOutputs[O]>

/** How identity pools are reached. */
export interface IdentityPoolCallOptions extends Omit<ClientOptions, 'credentials'> {
  /** Not needed for GetId, GetOpenIdToken, GetCredentialsForIdentity and UnlinkIdentity, which are not signed. */
  readonly credentials?: ClientOptions['credentials'] | undefined
}

/**
 * Calls of the identity-pool API (`cognito-identity`). Throws ConfigurationError, naming the option; so does a call that is
 * signed where there are no credentials. Calls throw AwsError; where the answer to a write was lost, with outcome
 * `unknown` and without having repeated it.
 */
export function createIdentityPoolCall(options: IdentityPoolCallOptions): IdentityPoolCall {
  const { credentials = missing } = options
  const call = createCall(
    {
      service: 'cognito-identity',
      ...jsonProtocol('AWSCognitoIdentityService.'),
      isSigned: (operation) => !/^(Get(Id|OpenIdToken|CredentialsForIdentity)|UnlinkIdentity)$/.test(operation),
      // GetId answers the same identity for the same logins.
      isRead: (operation) => /^(Get|Describe)/.test(operation),
    },
    { ...options, credentials },
  )
  // The shape of the answer is AWS's promise, which nothing here can check.
  return call as IdentityPoolCall
}

function missing(): never {
  throw new ConfigurationError('credentials: needed for an operation that is signed.')
}

/** Throws ConfigurationError, naming the option. Nothing is sent until something is asked for. */
export function createIdentityPoolClient(options: IdentityPoolOptions): IdentityPool {
  checkOptions<IdentityPoolOptions>(
    'createIdentityPoolClient',
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

/** Settings of the wire in our terms. */
export function descriptionOf(raw: IdentityPoolSettings): IdentityPoolDescription {
  return {
    identityPoolId: raw.IdentityPoolId,
    name: raw.IdentityPoolName,
    allowUnauthenticatedIdentities: raw.AllowUnauthenticatedIdentities ?? false,
    allowClassicFlow: raw.AllowClassicFlow ?? true,
    providers: (raw.CognitoIdentityProviders ?? []).map((provider) => ({
      providerName: provider.ProviderName ?? '',
      clientId: provider.ClientId ?? '',
      serverSideTokenCheck: provider.ServerSideTokenCheck ?? false,
    })),
    supportedLoginProviders: raw.SupportedLoginProviders ?? {},
    developerProviderName: raw.DeveloperProviderName,
    openIdConnectProviderArns: raw.OpenIdConnectProviderARNs ?? [],
    samlProviderArns: raw.SamlProviderARNs ?? [],
    tags: raw.IdentityPoolTags ?? {},
    raw,
  }
}

/** Changes as they are on the wire, without what they do not name. */
export function changesToWire(changes: IdentityPoolChanges): Partial<IdentityPoolSettings> {
  const wire: Partial<IdentityPoolSettings> = {
    IdentityPoolName: changes.name,
    AllowUnauthenticatedIdentities: changes.allowUnauthenticatedIdentities,
    AllowClassicFlow: changes.allowClassicFlow,
    CognitoIdentityProviders: changes.providers?.map((provider) => ({
      ProviderName: provider.providerName,
      ClientId: provider.clientId,
      ServerSideTokenCheck: provider.serverSideTokenCheck,
    })),
    SupportedLoginProviders: changes.supportedLoginProviders,
    DeveloperProviderName: changes.developerProviderName,
    OpenIdConnectProviderARNs: changes.openIdConnectProviderArns,
    SamlProviderARNs: changes.samlProviderArns,
    IdentityPoolTags: changes.tags,
  }
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined))
}

/** Roles of the wire in our terms. */
export function rolesOf(raw: IdentityPoolRoles): PoolRoles {
  const mappings = Object.entries(raw.RoleMappings ?? {}).map(([provider, mapping]) => [provider, mappingOf(mapping)])
  return { roles: raw.Roles ?? {}, roleMappings: Object.fromEntries(mappings), raw }
}

function mappingOf({ Type, AmbiguousRoleResolution, RulesConfiguration }: WireMapping): RoleMapping {
  return {
    type: Type,
    ambiguousRoleResolution: AmbiguousRoleResolution,
    rules: RulesConfiguration?.Rules?.map((rule) => ({
      claim: rule.Claim,
      matchType: rule.MatchType,
      value: rule.Value,
      roleArn: rule.RoleARN,
    })),
  }
}

/** A mapping as it is on the wire. */
export function mappingToWire({ type, ambiguousRoleResolution, rules }: RoleMapping): WireMapping {
  return {
    Type: type,
    AmbiguousRoleResolution: ambiguousRoleResolution ?? 'Deny',
    ...(rules && {
      RulesConfiguration: {
        Rules: rules.map((rule) => ({
          Claim: rule.claim,
          MatchType: rule.matchType,
          Value: rule.value,
          RoleARN: rule.roleArn,
        })),
      },
    }),
  }
}
