import { isRegion, partitionOf } from '../hosts.ts'
import {
  choice,
  flag,
  integer,
  listOf,
  mapOf,
  readMember,
  readOptional,
  readOptionalText,
  readText,
  structure,
  text,
} from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, Deferred, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { accountId, type PoolState, type ReplicaState, type State } from '../state/index.ts'
import { readClientOrAll } from './branding.ts'
import { createCertificate } from './certificate.ts'
import { readPool } from './directory.ts'
import { poolSetting } from './pool-settings.ts'
import { poolArn } from './pools.ts'
import { checkTags } from './tags.ts'

/** Operations on what a pool has beside users: stored and returned, without an effect on signing in. */
export function poolFeatureOperations(): Operations {
  return {
    'cognito-idp.CreateUserPoolReplica': createReplica,
    'cognito-idp.DeleteUserPoolReplica': deleteReplica,
    'cognito-idp.DescribeRiskConfiguration': describeRisk,
    'cognito-idp.GetLogDeliveryConfiguration': (state, input, context) => describeLogs(readPool(state, input, context)),
    'cognito-idp.GetProvisionedLimit': getLimit,
    'cognito-idp.GetSigningCertificate': getCertificate,
    'cognito-idp.ListUserPoolReplicas': listReplicas,
    'cognito-idp.SetLogDeliveryConfiguration': setLogs,
    'cognito-idp.SetRiskConfiguration': setRisk,
    'cognito-idp.UpdateProvisionedLimit': updateLimit,
    'cognito-idp.UpdateUserPoolReplica': updateReplica,
  }
}

function createReplica(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const region = readText(input, 'RegionName', { min: 1, max: 32 })
  const tags = readOptional(input, 'UserPoolTags', mapOf(text(), text())) ?? {}
  if (!isRegion(region) || partitionOf(region) !== partitionOf(pool.region)) {
    throw invalidParameter(`${region} is no region that the user pool can be replicated to.`)
  }
  if (region === pool.region || pool.replicas[region] !== undefined) {
    throw invalidParameter(`The user pool is in ${region} already.`)
  }
  const replica: ReplicaState = { region, status: 'INACTIVE', tags: checkTags({}, tags) }
  pool.replicas[region] = replica
  return { UserPoolReplica: describeReplica(pool, replica) }
}

function updateReplica(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const replica = readReplica(pool, input)
  const status = readMember(input, 'Status', choice(['ACTIVE', 'INACTIVE']))
  const changed = { ...replica, status }
  pool.replicas[replica.region] = changed
  return { UserPoolReplica: describeReplica(pool, changed) }
}

function deleteReplica(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const replica = readReplica(pool, input)
  if (replica.status === 'ACTIVE') throw invalidParameter('Only an inactive replica can be deleted.')
  delete pool.replicas[replica.region]
  return { UserPoolReplica: { ...describeReplica(pool, replica), Status: 'DELETING' } }
}

/** The pool itself is the primary one of its replicas. There are never more than fit on a page. */
function listReplicas(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const replicas = Object.values(pool.replicas)
  if (replicas.length === 0) return { UserPoolReplicas: [] }
  const primary = { RegionName: pool.region, Status: 'ACTIVE', Role: 'PRIMARY', UserPoolArn: poolArn(pool) }
  return { UserPoolReplicas: [primary, ...replicas.map((replica) => describeReplica(pool, replica))] }
}

function readReplica(pool: PoolState, input: JsonObject): ReplicaState {
  const region = readText(input, 'RegionName', { min: 1, max: 32 })
  const replica = pool.replicas[region]
  if (replica === undefined) {
    throw new ServiceError('ResourceNotFoundException', `The user pool has no replica in ${region}.`)
  }
  return replica
}

/** A `UserPoolReplicaType`. A replica keeps the id of the pool. */
function describeReplica(pool: PoolState, { region, status }: ReplicaState): JsonObject {
  const UserPoolArn = `arn:${partitionOf(region)}:cognito-idp:${region}:${accountId()}:userpool/${pool.userPoolId}`
  return { RegionName: region, Status: status, Role: 'SECONDARY', UserPoolArn }
}

/** That of the app client, or that of the pool. */
function describeRisk(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const clientId = readClientOrAll(pool, input)
  checkThreatProtection(pool)
  const none = { UserPoolId: pool.userPoolId, ...(clientId !== 'ALL' && { ClientId: clientId }) }
  return { RiskConfiguration: pool.riskConfigurations[clientId] ?? none }
}

/** Takes the place of what was there. */
function setRisk(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const clientId = readClientOrAll(pool, input)
  const mail = () => structure({ Subject: text(), HtmlBody: text(), TextBody: text() }, ['Subject'])
  const action = () =>
    structure({ Notify: flag(), EventAction: choice(['BLOCK', 'MFA_IF_CONFIGURED', 'MFA_REQUIRED', 'NO_ACTION']) }, [
      'Notify',
      'EventAction',
    ])
  const sent = structure({
    CompromisedCredentialsRiskConfiguration: structure(
      {
        EventFilter: listOf(choice(['SIGN_IN', 'PASSWORD_CHANGE', 'SIGN_UP'])),
        Actions: structure({ EventAction: choice(['BLOCK', 'NO_ACTION']) }, ['EventAction']),
      },
      ['Actions'],
    ),
    AccountTakeoverRiskConfiguration: structure(
      {
        NotifyConfiguration: structure(
          {
            From: text(),
            ReplyTo: text(),
            SourceArn: text(),
            BlockEmail: mail(),
            NoActionEmail: mail(),
            MfaEmail: mail(),
          },
          ['SourceArn'],
        ),
        Actions: structure({ LowAction: action(), MediumAction: action(), HighAction: action() }),
      },
      ['Actions'],
    ),
    RiskExceptionConfiguration: structure({
      BlockedIPRangeList: listOf(text(), 200),
      SkippedIPRangeList: listOf(text(), 200),
    }),
  })(input, '')
  checkThreatProtection(pool)
  const configuration: JsonObject = {
    UserPoolId: pool.userPoolId,
    ...(clientId !== 'ALL' && { ClientId: clientId }),
    ...sent,
    LastModifiedDate: context.now / 1000,
  }
  pool.riskConfigurations[clientId] = configuration
  return { RiskConfiguration: configuration }
}

/** Throws UserPoolAddOnNotEnabledException unless the pool has threat protection. */
export function checkThreatProtection(pool: PoolState): void {
  const { AdvancedSecurityMode: mode } = poolSetting(pool, 'UserPoolAddOns')
  if (mode === 'AUDIT' || mode === 'ENFORCED') return
  throw new ServiceError('UserPoolAddOnNotEnabledException', 'Threat protection is not enabled for the user pool.')
}

function setLogs(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const configuration = structure(
    {
      LogLevel: choice(['ERROR', 'INFO']),
      EventSource: choice(['userNotification', 'userAuthEvents']),
      CloudWatchLogsConfiguration: structure({ LogGroupArn: text() }),
      S3Configuration: structure({ BucketArn: text() }),
      FirehoseConfiguration: structure({ StreamArn: text() }),
    },
    ['LogLevel', 'EventSource'],
  )
  const logConfigurations = readMember(input, 'LogConfigurations', listOf(configuration, 2))
  const sources = logConfigurations.map(({ EventSource }) => EventSource)
  if (new Set(sources).size < sources.length) throw invalidParameter('LogConfigurations: each EventSource once.')
  if (sources.includes('userAuthEvents') && pool.settings['UserPoolTier'] !== 'PLUS') {
    throw new ServiceError('FeatureUnavailableInTierException', 'Logs of userAuthEvents need the feature plan PLUS.')
  }
  const changed: PoolState = { ...pool, logConfigurations }
  state.pools[pool.userPoolId] = changed
  return describeLogs(changed)
}

function describeLogs({ userPoolId, logConfigurations }: PoolState): JsonObject {
  return { LogDeliveryConfiguration: { UserPoolId: userPoolId, LogConfigurations: logConfigurations } }
}

/** The certificate by which SAML requests are signed, in base64 without the lines of PEM. It is good for ten years. */
function getCertificate(state: State, input: JsonObject, context: Context): JsonObject {
  const { userPoolId, createdAt } = readPool(state, input, context)
  const Certificate = new Deferred(userPoolId, async (keys) => {
    return createCertificate({
      name: userPoolId,
      from: createdAt,
      until: createdAt + 10 * 365 * 86_400_000,
      publicKey: await keys.publicKeyInfo(),
      sign: (bytes) => keys.signBytes(bytes),
    })
  })
  return { Certificate }
}

/** Requests a second that an account has for nothing, by category of operations (Cognito's quotas). */
function freeLimits(): Readonly<Record<string, number>> {
  return {
    UserAuthentication: 120,
    UserCreation: 50,
    UserFederation: 25,
    UserAccountRecovery: 30,
    UserRead: 120,
    UserUpdate: 25,
    UserToken: 120,
    UserResourceRead: 50,
    UserResourceUpdate: 25,
    UserList: 30,
    UserPoolRead: 15,
    UserPoolUpdate: 15,
    UserPoolResourceRead: 20,
    UserPoolResourceUpdate: 15,
    UserPoolClientRead: 15,
    UserPoolClientUpdate: 15,
    ClientAuthentication: 150,
  }
}

function getLimit(state: State, input: JsonObject, { region }: Context): JsonObject {
  return describeLimit(state, region, readCategory(input))
}

/** Between what is free and ten times that; a higher maximum has to be asked for at AWS. */
function updateLimit(state: State, input: JsonObject, { region }: Context): JsonObject {
  const category = readCategory(input)
  const free = freeLimits()[category] ?? 0
  const value = readMember(input, 'RequestedLimitValue', integer({ min: 0 }))
  if (value < free) throw invalidParameter(`RequestedLimitValue: expected at least ${free}.`)
  if (value > free * 10) {
    throw new ServiceError('ServiceQuotaExceededException', `RequestedLimitValue: expected at most ${free * 10}.`)
  }
  state.provisionedLimits[`${region}/${category}`] = value
  return describeLimit(state, region, category)
}

function readCategory(input: JsonObject): string {
  const definition = readMember(
    input,
    'LimitDefinition',
    structure({ LimitClass: choice(['API_CATEGORY']), Attributes: mapOf(text(), text()) }, [
      'LimitClass',
      'Attributes',
    ]),
  )
  const { Attributes: attributes } = definition
  const category = isObject(attributes) ? readOptionalText(attributes, 'Category', {}) : undefined
  if (category === undefined) throw invalidParameter('LimitDefinition: Attributes needs a Category.')
  if (!Object.hasOwn(freeLimits(), category)) {
    throw new ServiceError('ResourceNotFoundException', 'There is no limit of this category.')
  }
  return category
}

function describeLimit(state: State, region: string, category: string): JsonObject {
  const free = freeLimits()[category] ?? 0
  return {
    Limit: {
      LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: category } },
      ProvisionedLimitValue: state.provisionedLimits[`${region}/${category}`] ?? free,
      FreeLimitValue: free,
    },
  }
}
