import { checkOptions } from '../../internal/options.ts'
import { listSetting } from '../cognito-idp/clients.ts'
import { deviceSettings, passkeySettings } from '../cognito-idp/pool-settings.ts'
import { emptyPool } from '../cognito-idp/pools.ts'
import { serversOf } from '../cognito-idp/resource-servers.ts'
import { standardAttributes } from '../cognito-idp/schema.ts'
import { isRegion } from '../hosts.ts'
import { createMap, isObject } from '../json.ts'
import type {
  AliasAttribute,
  DeviceTracking,
  IssuerKind,
  MfaMethod,
  PasskeySettings,
  PasswordPolicy,
  PoolState,
  UsernameAttribute,
} from '../state/index.ts'
import { type LocalTriggers, triggerNames } from '../triggers.ts'
import { createContext, type World } from '../world.ts'
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
import { createClients, type LocalClient, type MainClient } from './clients.ts'
import { createGroups, type LocalGroups } from './groups.ts'
import type { LocalIdentityPool } from './identity-pool.ts'
import { createUsers, type LocalUsers } from './users.ts'

/** A user pool to be set up in memory. */
export interface LocalPoolSettings {
  readonly groups?: LocalGroups | undefined
  readonly users?: LocalUsers | undefined
  /** Default: that of `userPoolId`, or eu-west-1. */
  readonly region?: string | undefined
  /** Default: the region, an underscore and nine characters at random. */
  readonly userPoolId?: string | undefined
  /** The app client that stands in `settings` and gets tokens by default. Default: 26 characters at random. */
  readonly clientId?: string | undefined
  /** Further app clients, or the one of `clientId` in more detail. */
  readonly clients?: readonly LocalClient[] | undefined
  /**
   * The prefix of the managed-login domain, in which the token endpoint is. Default: `local-` and the second half of
   * the pool's id in lower case.
   */
  readonly domain?: string | undefined
  /**
   * The pool's `IssuerConfigurationType`: `original` for tokens of `cognito-idp.<region>.amazonaws.com`, `updated` for
   * tokens of `issuer-cognito-idp.<region>.amazonaws.com`. Default `original`.
   */
  readonly issuer?: IssuerKind | undefined
  /** Whether the issuer host that the pool does not use answers 403, as Cognito's may. Default false: both serve. */
  readonly strictIssuer?: boolean | undefined
  /** Whether user names that differ only in case are different. Default true. */
  readonly caseSensitive?: boolean | undefined
  /** Attributes that name a user like a user name does. Default: none. */
  readonly aliases?: readonly AliasAttribute[] | undefined
  /**
   * What users have instead of a user name of their own; their user name is then their sub. Not together with
   * `aliases`. Default: none.
   */
  readonly usernameAttributes?: readonly UsernameAttribute[] | undefined
  /** The custom attributes of the schema, such as `custom:tier`. Default: any will do. */
  readonly customAttributes?: readonly string[] | undefined
  /** Standard attributes that users must have once they have chosen a password. Default: none. */
  readonly requiredAttributes?: readonly string[] | undefined
  readonly passwordPolicy?: LocalPasswordPolicy | undefined
  /**
   * Whether every user needs a second factor (`MfaConfiguration: 'ON'`). Those without one set up a TOTP application
   * when they sign in. Default false: users with a second factor are asked for it.
   */
  readonly mfaRequired?: boolean | undefined
  /** The second factors that users may have. Default: all three. Those for codes by application and by mail can be set up in a sign-in. */
  readonly mfaMethods?: readonly MfaMethod[] | undefined
  /** Whether the pool remembers devices: `off`, `opt-in` (where the user agrees) or `always`. Default `off`. */
  readonly deviceTracking?: DeviceTracking | undefined
  /**
   * Whether users can register passkeys, and sign in with them by USER_AUTH. Default: no.
   *
   * @example
   * ```ts
   * const pool = await createLocalPool({
   *   users: { alice: { password: 'Correct-h0rse' } },
   *   passkeys: { relyingPartyId: 'example.com', userVerification: 'required' },
   * })
   * ```
   */
  readonly passkeys?: LocalPasskeys | undefined
  /**
   * How many sessions a user may have at a time: they are then tracked, listed and revoked one by one, and a further
   * sign-in ends the one that was used least recently. Default: sessions are not tracked.
   */
  readonly maxSessions?: number | undefined
  /** Whether sign-ins are logged, for AdminListUserAuthEvents. Risks are judged by nobody. Default false. */
  readonly threatProtection?: boolean | undefined
  /**
   * The Lambda triggers of the pool as functions, by their names in `LambdaConfig`. Default: none.
   *
   * @example
   * ```ts
   * const pool = await createLocalPool({
   *   users: ['alice'],
   *   clients: [{ clientId: 'app', authFlows: ['ALLOW_CUSTOM_AUTH'] }],
   *   triggers: {
   *     DefineAuthChallenge(event) {
   *       event.response.challengeName = 'CUSTOM_CHALLENGE'
   *       return event
   *     },
   *   },
   * })
   * ```
   */
  readonly triggers?: LocalTriggers | undefined
  /** The pool's name. Default: its id. */
  readonly name?: string | undefined
  /** The identity pool that gives the pool's users credentials of AWS. Default: one without roles. */
  readonly identityPool?: LocalIdentityPool | undefined
}

/** The members of LocalPoolSettings. */
export function settingNames() {
  return [
    ...([
      'groups',
      'users',
      'region',
      'userPoolId',
      'clientId',
      'clients',
      'domain',
      'issuer',
      'strictIssuer',
    ] as const),
    ...(['caseSensitive', 'aliases', 'usernameAttributes', 'customAttributes', 'requiredAttributes'] as const),
    ...([
      'passwordPolicy',
      'mfaRequired',
      'mfaMethods',
      'deviceTracking',
      'passkeys',
      'maxSessions',
      'threatProtection',
      'triggers',
      'name',
      'identityPool',
    ] as const),
  ]
}

/** What a new pool is made of: its state, its domain, and the id of its main client. */
export interface NewPool {
  readonly pool: PoolState
  readonly domain: string
  readonly clientId: string
}

/** A new pool. Throws ConfigurationError, naming the option. */
export function createPoolState(world: World, settings: LocalPoolSettings, mainClient: MainClient = {}): NewPool {
  checkOptions<LocalPoolSettings>('createPool', settings, settingNames())
  checkTriggers(settings.triggers)
  const { random } = world
  const region = checkRegion(settings)
  const userPoolId = settings.userPoolId ?? `${region}_${random.alphanumeric(9)}`
  const { now } = createContext(world, region)
  const [clientId, clients] = createClients(settings, mainClient, random, now)
  const caseSensitive = checkFlag('caseSensitive', settings.caseSensitive, true)
  const groups = createGroups(settings.groups, now)
  const names = namesOf(settings, caseSensitive)
  const domain = checkDomain(settings.domain) ?? `local-${userPoolId.slice(region.length + 1).toLowerCase()}`
  const issuer = checkChoice('issuer', settings.issuer, ['original', 'updated'], 'original')
  const tracking = checkChoice('deviceTracking', settings.deviceTracking, ['off', 'opt-in', 'always'], 'off')
  const name = checkOptionalText('name', settings.name, { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }) ?? userPoolId
  const passkeys = createPasskeySettings(settings.passkeys)
  const empty = emptyPool({ userPoolId, name, region }, now)
  const pool: PoolState = {
    ...empty,
    domain,
    domains: createMap([[domain, { domain, managedLoginVersion: 1, createdAt: now }]]),
    settings: {
      ...empty.settings,
      AutoVerifiedAttributes: ['email', 'phone_number'],
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP'] },
      ...passkeySettings(passkeys),
      ...deviceSettings(tracking),
      ...(checkFlag('threatProtection', settings.threatProtection, false) && {
        UserPoolTier: 'PLUS',
        UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' },
      }),
      UsernameConfiguration: { CaseSensitive: caseSensitive },
      ...(issuer === 'updated' && { IssuerConfiguration: { Type: 'UPDATED' } }),
    },
    issuer,
    strictIssuer: checkFlag('strictIssuer', settings.strictIssuer, false),
    ...names,
    ...schemaOf(settings),
    passwordPolicy: createPolicy(settings.passwordPolicy),
    clients,
    groups,
    resourceServers: serversOf(Object.values(clients).flatMap((client) => listSetting(client, 'AllowedOAuthScopes'))),
    users: createUsers(settings.users, { groups, pool: names, random, now }),
    mfa: checkFlag('mfaRequired', settings.mfaRequired, false) ? 'ON' : 'OPTIONAL',
    mfaMethods: createMethods(settings.mfaMethods),
    deviceTracking: tracking,
    passkeys,
    sessionTracking: createTracking(settings.maxSessions),
  }
  checkUnique(world, pool)
  return { pool, domain, clientId }
}

function checkTriggers(triggers: LocalTriggers | undefined): void {
  if (triggers === undefined) return
  checkOptions<LocalTriggers>('triggers', triggers, triggerNames())
  for (const name of triggerNames()) {
    const trigger: unknown = triggers[name]
    if (trigger === undefined || typeof trigger === 'function') continue
    if (name !== 'PreTokenGeneration' || !isObject(trigger)) refuse(`triggers.${name}`, 'expected a function.')
    checkMembers(`triggers.${name}`, trigger, ['version', 'handler'])
    checkChoice(`triggers.${name}.version`, trigger['version'] ?? null, ['V1_0', 'V2_0', 'V3_0'], 'V1_0')
    if (typeof trigger['handler'] !== 'function') refuse(`triggers.${name}.handler`, 'expected a function.')
  }
}

function createMethods(given: readonly MfaMethod[] | undefined): readonly MfaMethod[] {
  const all = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const
  if (given === undefined) return all
  return checkList('mfaMethods', given).map((method, index) => {
    return checkChoice(`mfaMethods[${index}]`, method ?? null, all, 'SMS_MFA')
  })
}

function createTracking(maxSessions: number | undefined): PoolState['sessionTracking'] {
  const maxPerUser = checkOptionalInteger('maxSessions', maxSessions, 1)
  if (maxPerUser !== undefined && maxPerUser > 100) refuse('maxSessions', 'expected at most 100.')
  return maxPerUser === undefined ? undefined : { isEnabled: true, maxPerUser }
}

function checkRegion({ region, userPoolId }: LocalPoolSettings): string {
  const ofPool =
    userPoolId === undefined ? undefined : regionOfPool(checkText('userPoolId', userPoolId, { min: 1, max: 55 }))
  const given = checkOptionalText('region', region, { min: 1, max: 55 })
  if (given !== undefined && !isRegion(given)) refuse('region', 'expected a region of AWS, such as eu-west-1.')
  if (given !== undefined && ofPool !== undefined && given !== ofPool) {
    refuse('region', 'the userPoolId names another region.')
  }
  return given ?? ofPool ?? 'eu-west-1'
}

function regionOfPool(userPoolId: string): string {
  const region = /^([a-z\d-]+)_[0-9A-Za-z]{1,45}$/.exec(userPoolId)?.[1]
  if (region === undefined || !isRegion(region)) refuse('userPoolId', 'expected an id such as eu-west-1_AbCdEfGhI.')
  return region
}

function checkDomain(domain: string | undefined): string | undefined {
  return checkOptionalText('domain', domain, { min: 1, max: 63, pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/ })
}

function checkUnique(world: World, pool: PoolState): void {
  for (const other of Object.values(world.state.pools)) {
    if (other.userPoolId === pool.userPoolId) refuse('userPoolId', 'the world has a pool of this id already.')
    if (other.domain === pool.domain && other.region === pool.region) {
      refuse('domain', 'another pool of the world has this domain already.')
    }
  }
}

/** How users of the pool are named. Throws ConfigurationError, naming the option. */
export function namesOf(
  settings: Pick<LocalPoolSettings, 'aliases' | 'usernameAttributes'>,
  caseSensitive: boolean,
): Pick<PoolState, 'aliases' | 'usernameAttributes' | 'caseSensitive'> {
  const choicesOf = <T extends string>(path: string, given: unknown, choices: readonly [T, ...T[]]) =>
    checkList(path, given).map((name, index) => {
      if (name === undefined) refuse(`${path}[${index}]`, 'expected the name of an attribute.')
      return checkChoice(`${path}[${index}]`, name, choices, choices[0])
    })
  const aliases = choicesOf('aliases', settings.aliases, ['email', 'phone_number', 'preferred_username'])
  const usernameAttributes = choicesOf('usernameAttributes', settings.usernameAttributes, ['email', 'phone_number'])
  if (aliases.length > 0 && usernameAttributes.length > 0) refuse('usernameAttributes', 'not together with aliases.')
  return { aliases, usernameAttributes, caseSensitive }
}

/** The attributes of the pool's users. Throws ConfigurationError, naming the option. */
export function schemaOf({
  customAttributes,
  requiredAttributes,
}: Pick<LocalPoolSettings, 'customAttributes' | 'requiredAttributes'>): Pick<
  PoolState,
  'schema' | 'takesAnyAttribute' | 'requiredAttributes'
> {
  const custom = { min: 1, max: 32, pattern: /^(dev:)?custom:./s }
  const names = checkList('customAttributes', customAttributes).map((name, index) =>
    checkText(`customAttributes[${index}]`, name, custom),
  )
  return {
    schema: createMap(names.map((name) => [name, { name, type: 'String', isMutable: true }])),
    takesAnyAttribute: customAttributes === undefined,
    requiredAttributes: checkList('requiredAttributes', requiredAttributes).map((name, index) => {
      const path = `requiredAttributes[${index}]`
      const known = standardAttributes().find((standard) => standard === name)
      return known ?? refuse(path, 'expected the name of a standard attribute.')
    }),
  }
}

/** What a local pool demands of passwords that are set over its API. */
export interface LocalPasswordPolicy {
  /** 6 to 99. Default 8. */
  readonly minLength?: number | undefined
  /** Default true. */
  readonly requireLowercase?: boolean | undefined
  /** Default true. */
  readonly requireUppercase?: boolean | undefined
  /** Default true. */
  readonly requireNumbers?: boolean | undefined
  /** Default true. */
  readonly requireSymbols?: boolean | undefined
  /** How long a temporary password works, in days, at most 365. Default 7. */
  readonly temporaryDays?: number | undefined
}

/** The policy of a pool. Throws ConfigurationError, naming the option. */
export function createPolicy(policy: LocalPasswordPolicy | undefined): PasswordPolicy {
  const given = checkObject('passwordPolicy', policy ?? {})
  const flags = ['requireLowercase', 'requireUppercase', 'requireNumbers', 'requireSymbols']
  checkMembers('passwordPolicy', given, ['minLength', ...flags, 'temporaryDays'])
  const required = (name: string) => checkFlag(`passwordPolicy.${name}`, given[name], true)
  const between = (name: string, min: number, max: number, fallback: number) => {
    const value = checkOptionalInteger(`passwordPolicy.${name}`, given[name], min) ?? fallback
    return value > max ? refuse(`passwordPolicy.${name}`, `expected at most ${max}.`) : value
  }
  return {
    minLength: between('minLength', 6, 99, 8),
    requireLowercase: required('requireLowercase'),
    requireUppercase: required('requireUppercase'),
    requireNumbers: required('requireNumbers'),
    requireSymbols: required('requireSymbols'),
    temporaryDays: between('temporaryDays', 1, 365, 7),
  }
}

/** Passkeys of a local pool (`WebAuthnConfiguration`). */
export interface LocalPasskeys {
  /** The domain that passkeys are made for, such as `example.com`. Default: the host of the managed login. */
  readonly relyingPartyId?: string | undefined
  /** Whether authenticators have to verify their user, by a PIN or a fingerprint. Default `preferred`. */
  readonly userVerification?: 'required' | 'preferred' | undefined
  /** Whether a passkey with user verification counts as two factors. Default false. */
  readonly multiFactor?: boolean | undefined
}

function createPasskeySettings(given: LocalPasskeys | undefined): PasskeySettings | undefined {
  if (given === undefined) return undefined
  const details = checkObject('passkeys', given)
  checkMembers('passkeys', details, ['relyingPartyId', 'userVerification', 'multiFactor'], {
    rpId: 'it is called "relyingPartyId".',
  })
  const { relyingPartyId, userVerification, multiFactor } = details
  const rules = { min: 1, max: 127, pattern: /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/ }
  const path = 'passkeys.userVerification'
  return {
    rpId: checkOptionalText('passkeys.relyingPartyId', relyingPartyId, rules),
    userVerification: checkChoice(path, userVerification, ['required', 'preferred'], 'preferred'),
    isMultiFactor: checkFlag('passkeys.multiFactor', multiFactor, false),
  }
}
