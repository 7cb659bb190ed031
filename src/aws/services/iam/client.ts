import { checkOptions } from '../../../internal/options.ts'
import { readXml } from '../../client/query.ts'
import {
  type CallOptions,
  type ClientOptions,
  createList,
  createQueryCall,
  iamPlaceOf,
  type List,
  type QueryService,
} from '../../index.ts'
import type { Iam, IamOptions, Role, RoleInput, Roles, RoleSettings } from './iam.ts'
import type { Paged, Position } from './operations.ts'
import { createRolePolicies } from './role-policies.ts'
import { creationOf, isSameJson, roleOf, tagsOf } from './role.ts'
import { createWrite, malformed, orNothing, type Write } from './writer.ts'

/** Throws ConfigurationError, naming the option. Nothing is sent until something is asked for. */
export function createIamClient(options: IamOptions): Iam {
  checkOptions<IamOptions>(
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

/** The part of IAM that is about roles. */
export function createRoles(call: Iam['call'], write: Write): Roles {
  const get: Roles['get'] = async (name, options) => {
    const role = roleOf((await call('GetRole', { RoleName: name }, options)).Role)
    if (role === undefined) throw malformed('GetRole')
    return role
  }
  const find: Roles['find'] = (name, options) => orNothing(get(name, options))
  /** Changes a role; took effect where it is so then. */
  const change = async (
    name: string,
    options: CallOptions | undefined,
    send: (limits: CallOptions) => Promise<object | undefined>,
    isSo: (role: Role) => boolean,
  ): Promise<void> => {
    await write(options, send, async (limits) => {
      const role = await find(name, limits)
      return role !== undefined && isSo(role) ? {} : undefined
    })
  }
  return {
    ...createRolePolicies(call, write),
    list: ({ pathPrefix, ...options } = {}) =>
      createMarkerList(
        'ListRoles',
        (position) => call('ListRoles', { PathPrefix: pathPrefix, ...position }, options),
        ({ Roles }) =>
          Roles?.map((wire) => {
            const role = roleOf(wire)
            if (role === undefined) throw malformed('ListRoles')
            return role
          }),
      ),
    get,
    find,
    async create(input, options) {
      checkOptions<RoleInput>('roles.create', input, [
        'name',
        'trustPolicy',
        'path',
        'tags',
        'permissionsBoundary',
        'description',
        'maxSessionDuration',
      ])
      return write(
        options,
        async (limits) => {
          const role = roleOf((await call('CreateRole', creationOf(input), limits)).Role)
          if (role === undefined) throw malformed('CreateRole', 'unknown')
          return role
        },
        async (limits) => {
          const role = await find(input.name, limits)
          return role && isMade(role, input) ? role : undefined
        },
      )
    },
    async delete(name, options) {
      await write(
        options,
        async (limits) => (await orNothing(call('DeleteRole', { RoleName: name }, limits))) ?? {},
        async (limits) => ((await find(name, limits)) ? undefined : {}),
      )
    },
    async update(name, settings, options) {
      checkOptions<RoleSettings>('roles.update', settings, ['description', 'maxSessionDuration'])
      const role = await get(name, options)
      const { description = role.description, maxSessionDuration = role.maxSessionDuration } = settings
      // AWS's documentation has UpdateRole reset what is left out.
      const wire = { RoleName: name, Description: description, MaxSessionDuration: maxSessionDuration }
      await change(
        name,
        options,
        (limits) => call('UpdateRole', wire, limits),
        (found) => found.description === (description || undefined) && found.maxSessionDuration === maxSessionDuration,
      )
    },
    async setTrustPolicy(name, policy, options) {
      const wire = { RoleName: name, PolicyDocument: JSON.stringify(policy) }
      await change(
        name,
        options,
        (limits) => call('UpdateAssumeRolePolicy', wire, limits),
        ({ trustPolicy }) => isSameJson(trustPolicy, policy),
      )
    },
    async setPermissionsBoundary(name, arn, options) {
      await change(
        name,
        options,
        (limits) => {
          return arn === undefined
            ? orNothing(call('DeleteRolePermissionsBoundary', { RoleName: name }, limits))
            : call('PutRolePermissionsBoundary', { RoleName: name, PermissionsBoundary: arn }, limits)
        },
        ({ permissionsBoundary }) => permissionsBoundary === arn,
      )
    },
    async tag(name, tags, options) {
      const wire = { RoleName: name, Tags: tagsOf(tags) }
      if (wire.Tags.length === 0) return
      await change(
        name,
        options,
        (limits) => call('TagRole', wire, limits),
        (role) => wire.Tags.every(({ Key, Value }) => Object.hasOwn(role.tags, Key) && role.tags[Key] === Value),
      )
    },
    async untag(name, keys, options) {
      if (keys.length === 0) return
      await change(
        name,
        options,
        (limits) => call('UntagRole', { RoleName: name, TagKeys: keys }, limits),
        (role) => !keys.some((key) => Object.hasOwn(role.tags, key)),
      )
    },
  }
}

/** Whether a role is just as an input would create it. */
function isMade(role: Role, input: RoleInput): boolean {
  const { path = '/', description, tags = {}, maxSessionDuration = role.maxSessionDuration } = input
  return (
    role.name === input.name &&
    role.path === path &&
    role.description === (description || undefined) &&
    role.permissionsBoundary === input.permissionsBoundary &&
    role.maxSessionDuration === maxSessionDuration &&
    isSameJson(role.tags, tags) &&
    isSameJson(role.trustPolicy, input.trustPolicy)
  )
}

/** A list that is read by `Marker` and `MaxItems`. Iterating throws AwsError where it is cut off without a marker. */
export function createMarkerList<A extends Paged, T>(
  operation: string,
  read: (position: Position) => Promise<A>,
  itemsIn: (answer: A) => readonly T[] | undefined,
): List<T> {
  return createList(operation, async ({ token, limit } = {}) => {
    const answer = await read({ Marker: token, MaxItems: limit })
    if (answer.IsTruncated && !answer.Marker) throw malformed(operation)
    return { items: itemsIn(answer) ?? [], token: answer.IsTruncated ? answer.Marker : undefined }
  })
}
