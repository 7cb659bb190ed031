import { ConfigurationError } from '../../../errors.ts'
import { isSameJson } from '../../../internal/json.ts'
import { checkOptions } from '../../../internal/options.ts'
import { regionOfIdentityPool } from '../../../internal/regions.ts'
import { type CallOptions, type ClientOptions, createCall, jsonProtocol } from '../../client/call.ts'
import { malformed, quoteReason } from '../../client/error.ts'
import { createSigning } from '../../client/sign.ts'
import { createWrite } from '../../client/write.ts'
import type {
  IdentityPoolInputs,
  IdentityPoolOutputs,
  IdentityPoolRoles,
  IdentityPoolSettings,
  RoleMapping as WireMapping,
} from './wire-types.ts'

/** Which identity pool, and with whose credentials. */
export interface IdentityPoolClientOptions extends Omit<ClientOptions, 'region'> {
  /** `<region>:<uuid>`. */
  readonly identityPoolId: string
  /** Default: the one in `identityPoolId`. */
  readonly region?: string | undefined
}

/**
 * A client of one identity pool. AWS replaces all settings, or all roles, with every write, so each write here reads first and
 * keeps what it does not change, including members that this library does not know. Every write can be run again. Throws
 * AwsError.
 */
export interface IdentityPoolClient {
  readonly identityPoolId: string
  readonly region: string
  /** Its settings (DescribeIdentityPool). */
  describe(options?: CallOptions): Promise<IdentityPoolDescription>
  /** Its roles, and how they are chosen (GetIdentityPoolRoles). */
  roles(options?: CallOptions): Promise<PoolRoles>
  /** Changes settings and keeps the others (DescribeIdentityPool, UpdateIdentityPool). */
  update(changes: IdentityPoolChanges, options?: CallOptions): Promise<IdentityPoolDescription>
  /**
   * Sets how the role of a provider's users is chosen, or with undefined takes that away; the roles and other providers'
   * mappings stay (GetIdentityPoolRoles, SetIdentityPoolRoles).
   */
  setRoleMapping(provider: string, mapping: RoleMapping | undefined, options?: CallOptions): Promise<void>
  /** Any operation of the API, in AWS's own names and shapes. If the response to a write is lost, the write is not repeated. */
  readonly call: IdentityPoolCall
}

/**
 * A client of one identity pool. Nothing is sent until you call a method. Throws ConfigurationError, naming the option.
 *
 * @example
 * ```ts
 * import { createIdentityPoolClient } from 'cognigate/provision'
 *
 * const identityPool = createIdentityPoolClient({
 *   identityPoolId: 'eu-west-1:01234567-89ab-cdef-0123-456789abcdef',
 *   credentials: { accessKeyId, secretAccessKey },
 * })
 * await identityPool.update({ allowClassicFlow: false })
 * ```
 */
export function createIdentityPoolClient(options: IdentityPoolClientOptions): IdentityPoolClient {
  checkOptions<IdentityPoolClientOptions>(
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
  const write = createWrite(options, { isConflict: ({ code }) => code.startsWith('ConcurrentModification') })
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
    describe: async (limits) => toDescription(await readSettings(limits)),
    roles: async (limits) => toRoles(await readRoles(limits)),
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
      const wire = toWireChanges(changes)
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
      return toDescription(settings)
    },
    async setRoleMapping(provider, mapping, limits) {
      if (mapping) checkOptions<RoleMapping>('setRoleMapping', mapping, ['type', 'ambiguousRoleResolution', 'rules'])
      for (const rule of mapping?.rules ?? []) {
        checkOptions<RoleRule>('setRoleMapping: rules', rule, ['claim', 'matchType', 'value', 'roleArn'])
      }
      const wanted = mapping && toWireMapping(mapping)
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

/** An app client of a user pool whose users the identity pool takes. */
export interface UserPoolProvider {
  /** `cognito-idp.<region>.amazonaws.com/<user pool id>` */
  readonly providerName: string
  readonly clientId: string
  /** Whether each exchange asks the user pool if the user is still enabled. */
  readonly serverSideTokenCheck: boolean
}

/** The settings that can be changed. */
export interface IdentityPoolChanges {
  readonly name?: string | undefined
  /** Whether there are identities for callers without a login. */
  readonly allowUnauthenticatedIdentities?: boolean | undefined
  /** Whether callers may choose among all roles that trust the pool (GetOpenIdToken and AssumeRoleWithWebIdentity). */
  readonly allowClassicFlow?: boolean | undefined
  readonly providers?: readonly UserPoolProvider[] | undefined
  /** App ids of Facebook, Google and the like, by their domain. */
  readonly supportedLoginProviders?: Readonly<Record<string, string>> | undefined
  readonly developerProviderName?: string | undefined
  readonly openIdConnectProviderArns?: readonly string[] | undefined
  readonly samlProviderArns?: readonly string[] | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** The settings of an identity pool. */
export interface IdentityPoolDescription extends IdentityPoolChanges {
  readonly identityPoolId: string
  readonly name: string
  readonly allowUnauthenticatedIdentities: boolean
  /** True also if the setting was never made: AWS then allows it, at least to pools without role mappings. */
  readonly allowClassicFlow: boolean
  readonly providers: readonly UserPoolProvider[]
  readonly supportedLoginProviders: Readonly<Record<string, string>>
  readonly openIdConnectProviderArns: readonly string[]
  readonly samlProviderArns: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** As DescribeIdentityPool answers it. */
  readonly raw: IdentityPoolSettings
}

/** A rule that chooses a role by a claim. */
export interface RoleRule {
  readonly claim: string
  readonly matchType: 'Contains' | 'Equals' | 'NotEqual' | 'StartsWith'
  readonly value: string
  readonly roleArn: string
}

/** How the role of a provider's users is chosen: by the token's `cognito:preferred_role`, or by rules. */
export interface RoleMapping {
  readonly type: 'Rules' | 'Token'
  /** What happens where that gives no role. Default, where a mapping is set: Deny. */
  readonly ambiguousRoleResolution?: 'AuthenticatedRole' | 'Deny' | undefined
  /** Of type `Rules`. */
  readonly rules?: readonly RoleRule[] | undefined
}

/** The roles of an identity pool. */
export interface PoolRoles {
  /** The ARNs of `authenticated` and `unauthenticated`, as far as they are set. */
  readonly roles: Readonly<Record<string, string>>
  /** By provider, which is `<provider name>:<client id>` for a user pool. */
  readonly roleMappings: Readonly<Record<string, RoleMapping>>
  /** As GetIdentityPoolRoles answers it. */
  readonly raw: IdentityPoolRoles
}

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
      quote: quoteReason,
      isSigned: (operation) => !/^(Get(Id|OpenIdToken|CredentialsForIdentity)|UnlinkIdentity)$/.test(operation),
      // GetId answers the same identity for the same logins.
      isRead: (operation) => /^(Get|Describe)/.test(operation),
    },
    options,
    createSigning('cognito-identity', { ...options, credentials }),
  )
  // Answers are not checked against their types.
  return call as IdentityPoolCall
}

function missing(): never {
  throw new ConfigurationError('credentials: needed for an operation that is signed.')
}

/** Settings of the wire in our terms. */
export function toDescription(raw: IdentityPoolSettings): IdentityPoolDescription {
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
export function toWireChanges(changes: IdentityPoolChanges): Partial<IdentityPoolSettings> {
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
export function toRoles(raw: IdentityPoolRoles): PoolRoles {
  const mappings = Object.entries(raw.RoleMappings ?? {}).map(([provider, mapping]) => [provider, toMapping(mapping)])
  return { roles: raw.Roles ?? {}, roleMappings: Object.fromEntries(mappings), raw }
}

function toMapping({ Type, AmbiguousRoleResolution, RulesConfiguration }: WireMapping): RoleMapping {
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
export function toWireMapping({ type, ambiguousRoleResolution, rules }: RoleMapping): WireMapping {
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
