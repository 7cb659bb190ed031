import { type ClientOptions, createQueryCall, iamPlaceOf, type QueryService } from '../../aws/index.ts'
import { checkOptions } from '../../internal/options.ts'
import { readXml } from '../xml.ts'
import type { Iam, IamOptions } from './iam.ts'
import { createRoles } from './roles.ts'
import { createWrite, malformed } from './writer.ts'

/** Throws ConfigurationError, naming the option. Nothing is sent until something is asked for. */
export function createIam(options: IamOptions): Iam {
  checkOptions<IamOptions>(
    'createIam',
    options,
    [
      'region',
      'endpoint',
      'stsEndpoint',
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
  const { region = 'us-east-1', now, sleep, random } = options
  const client: Omit<ClientOptions, 'region' | 'endpoint' | 'fips'> = options
  const place = iamPlaceOf({ ...options, region })
  // The shape of the answers is AWS's promise, of which the reader checks the parts that it understands.
  const call = createQueryCall(iamService(), { ...client, ...place.iam }, readXml) as Iam['call']
  const sts = createQueryCall(stsService(), { ...client, ...place.sts }, readXml)
  return {
    region,
    roles: createRoles(call, createWrite(options)),
    seams: { now, sleep, random },
    async caller(limits) {
      const identity: { Account?: unknown; Arn?: unknown; UserId?: unknown } = await sts(
        'GetCallerIdentity',
        {},
        limits,
      )
      const { Account: account, Arn: arn, UserId: userId } = identity
      if (
        typeof account !== 'string' ||
        typeof arn !== 'string' ||
        typeof userId !== 'string' ||
        !/^\d{12}$/.test(account)
      ) {
        throw malformed('GetCallerIdentity')
      }
      return { account, arn, userId }
    },
    call,
  }
}

function iamService(): QueryService {
  return {
    service: 'iam',
    version: '2010-05-08',
    lists: [
      'Roles',
      'Tags',
      'PolicyNames',
      'AttachedPolicies',
      'RoleDetailList',
      'RolePolicyList',
      'AttachedManagedPolicies',
      'InstanceProfileList',
    ],
    numbers: ['MaxSessionDuration'],
    flags: ['IsTruncated'],
    times: ['CreateDate', 'LastUsedDate'],
  }
}

function stsService(): QueryService {
  return { service: 'sts', version: '2011-06-15', lists: [], numbers: [], flags: [], times: [] }
}
