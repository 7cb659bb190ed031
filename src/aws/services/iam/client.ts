import { checkOptions } from '../../../internal/options.ts'
import type { CallOptions, ClientOptions } from '../../client/call.ts'
import { resolveIamEndpoints } from '../../client/endpoint.ts'
import { createQueryCall, type QueryService } from '../../client/query.ts'
import { keepClock } from '../../client/retry.ts'
import { createWrite, type WriteRules } from '../../client/write.ts'
import { type CallerIdentity, createCallerLookup } from '../sts/client.ts'
import { createRoles, type Roles } from './roles.ts'
import type { IamCall } from './wire-types.ts'

/** How to reach IAM and STS, and with whose credentials. */
export interface IamClientOptions
  extends Pick<ClientOptions, 'credentials' | 'fetch' | 'retry' | 'now' | 'sleep' | 'random' | 'fips' | 'allowHttp'> {
  /** Chooses the partition, and the STS that is asked. Default us-east-1. */
  readonly region?: string | undefined
  /** Replaces IAM's own host: the URL of an emulator, a proxy or a VPC endpoint. */
  readonly endpoint?: string | undefined
  /** Replaces the host of STS. Default: `endpoint`, if given. */
  readonly stsEndpoint?: string | undefined
}

/** IAM's roles, and who the caller is to AWS. */
export interface IamClient {
  readonly region: string
  readonly roles: Roles
  /** Whose credentials these are (STS GetCallerIdentity). Throws AwsError. */
  caller(options?: CallOptions): Promise<CallerIdentity>
  /**
   * Calls an operation of IAM, in AWS's own names and shapes; dates are in seconds since the epoch. Throws AwsError. If the
   * response to a write is lost, the write is not repeated.
   */
  readonly call: IamCall
}

/**
 * A client of IAM's roles. Nothing is sent until you call a method. Throws ConfigurationError, naming the option.
 *
 * @example
 * ```ts
 * import { createIamClient } from 'cognigate/provision'
 *
 * const iam = createIamClient({ credentials: { accessKeyId, secretAccessKey } })
 * const { account } = await iam.caller()
 * for await (const role of iam.roles.list({ pathPrefix: '/cognigate/' })) console.log(account, role.name)
 * ```
 */
export function createIamClient(options: IamClientOptions): IamClient {
  checkOptions<IamClientOptions>(
    'createIamClient',
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
  const { region = 'us-east-1' } = options
  const client: Omit<ClientOptions, 'region' | 'endpoint' | 'fips'> = options
  const endpoints = resolveIamEndpoints({ ...options, region })
  // Answers are not fully checked against their types.
  const call = createQueryCall(iamService(), { ...client, ...endpoints.iam }) as IamCall
  const iam: IamClient = {
    region,
    roles: createRoles(call, createWrite(options, writeRules())),
    caller: createCallerLookup({ ...client, ...endpoints.sts }),
    call,
  }
  return keepClock(iam, options)
}

/** IAM may refuse a role that a lost call created as existing already, and anything that another call is changing. */
function writeRules(): WriteRules {
  return {
    mayBeOurs: ({ code }) => code.startsWith('EntityAlreadyExists'),
    isConflict: ({ code }) => /^(ConcurrentModification|EntityTemporarilyUnmodifiable)/.test(code),
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
