import { type CallOptions, isAwsError, paginate, type Group, type PoolAdmin } from '../../admin/index.ts'
import { findOrUndefined, parseDocument } from '../../aws/index.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import type { IamClient, IdentityPoolDescription, PolicyDocument, PoolRoles } from '../../provision/index.ts'
import type { Connection } from '../connection.ts'
import type { DefinitionsFile } from '../definitions-file.ts'
import type { Progress, Step } from '../progress.ts'
import { createLimits } from '../transfer/lines.ts'
import type { Input } from './check.ts'

/** A user pool's settings, as DescribeUserPool answers them. */
export type PoolSettings = NonNullable<Awaited<ReturnType<typeof describePool>>>

/** An app client's settings, as DescribeUserPoolClient answers them, without its secret. */
export type ClientSettings = NonNullable<Awaited<ReturnType<typeof readClient>>>

/** A role that users get. */
export interface LinkedRole {
  readonly arn: string
  readonly name: string
  /** Those whose members have it. */
  readonly groups: readonly string[]
  /** Where the identity pool gives it to all of them. */
  readonly users?: 'all users' | 'guests' | undefined
  readonly trustPolicy: PolicyDocument | undefined
  /** Its own policies, as far as they were read. */
  readonly policies: readonly PolicyDocument[]
  /** Those that are attached, as far as they were read. */
  readonly managedPolicies: readonly { readonly arn: string; readonly document: PolicyDocument | undefined }[]
}

/** What the checks look at. A part is undefined, or empty, where it was not read. */
export interface PoolWorld {
  readonly userPoolId: string
  readonly identityPoolId: string | undefined
  readonly pool: PoolSettings | undefined
  readonly clients: readonly ClientSettings[]
  readonly groups: readonly Group[]
  /** The names of the pool's identity providers. */
  readonly providers: readonly string[]
  readonly identityPool: IdentityPoolDescription | undefined
  readonly poolRoles: PoolRoles | undefined
  readonly roles: readonly LinkedRole[]
  /** Roles that groups name and IAM does not have. */
  readonly missingRoles: readonly string[]
  /** The clients that guards accept, where they were given. */
  readonly listedClients: readonly string[] | undefined
  /** The claims that conditions of the definitions depend on, and where. */
  readonly conditions: readonly { readonly claim: string; readonly path: string }[]
  /** IAM actions that were refused, with the roles and policies for which they were. */
  readonly refused: ReadonlyMap<string, readonly string[]>
  /** What was not named, and how to name it. */
  readonly unnamed: ReadonlyMap<Input, string>
}

/** What is known beside the pool. */
export interface Given {
  readonly definitions?: DefinitionsFile | undefined
  readonly listedClients?: readonly string[] | undefined
  /** In seconds. */
  readonly timeout?: number | undefined
}

/** How many clients or roles are read at once: more would only meet Cognito's quotas. */
const CONCURRENCY = 5

/**
 * Reads everything that the checks need, and remembers what was refused. Throttles are waited out. Throws AwsError for any other
 * failure.
 */
export async function readWorld(
  { admin, iam, identityPool, identityPoolId, userPoolId }: Connection,
  { definitions, listedClients, timeout = 3600 }: Given,
  progress: Progress,
  signal: AbortSignal,
): Promise<PoolWorld> {
  const refused = new Map<string, string[]>()
  const at: Step & { what: string; done: number; total?: number } = { what: 'settings', done: 0 }
  const { call: limits } = createLimits({ stop: signal, timeout }, progress, () => at)
  const begin = (what: string, total?: number) => {
    Object.assign(at, { what, done: 0, total })
    progress.show(what, at)
  }
  const attempt = async <T>(service: string, read: () => Promise<T>, what?: string): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      if (!isAwsError(error) || !/^(AccessDenied|AccessDeniedException|NotAuthorizedException)$/.test(error.code))
        throw error
      const action = `${service}:${error.operation}`
      refused.set(action, [...(refused.get(action) ?? []), ...(what === undefined ? [] : [what])])
      return undefined
    }
  }
  const each = async <T, R>(what: string, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
    begin(what, items.length)
    return await mapConcurrent(items, CONCURRENCY, async (item) => {
      const result = await work(item)
      at.done++
      progress.show(what, at)
      return result
    })
  }

  begin('settings')
  const pool = await attempt('cognito-idp', () => describePool(admin, limits()))
  const listed = await attempt('cognito-idp', () => paginate(admin, 'ListUserPoolClients', {}, limits()).toArray())
  const ids = (listed ?? []).map(({ ClientId = '' }) => ClientId)
  const clients = await attempt('cognito-idp', () => each('clients', ids, (id) => readClient(admin, id, limits())))
  begin('groups')
  const groups = (await attempt('cognito-idp', () => admin.groups.list(limits()).toArray())) ?? []
  const providers = await attempt('cognito-idp', () => paginate(admin, 'ListIdentityProviders', {}, limits()).toArray())
  const described = identityPool && (await attempt('cognito-identity', () => identityPool.describe(limits())))
  const poolRoles = identityPool && (await attempt('cognito-identity', () => identityPool.roles(limits())))

  const linked = [...linkRoles(groups, poolRoles)]
  const missingRoles: string[] = []
  const read = await each('roles', linked, async ([arn, holders]) => {
    const name = arn.slice(arn.lastIndexOf('/') + 1)
    const role = `role/${name}`
    const found = await attempt('iam', async () => (await iam.roles.find(name, limits())) ?? null, role)
    if (found === null) missingRoles.push(role)
    const policies = await attempt('iam', () => readPolicies(iam, name, limits), role)
    const attached = await attempt(
      'iam',
      () => findOrUndefined(iam.roles.managedPolicies(name, limits()).toArray()),
      role,
    )
    return {
      arn,
      name,
      ...holders,
      trustPolicy: found?.trustPolicy,
      policies: policies ?? [],
      attached: attached ?? [],
    }
  })
  const arns = [...new Set(read.flatMap(({ attached }) => attached))]
  const documents = new Map(
    await each('policies', arns, async (arn): Promise<readonly [string, PolicyDocument | undefined]> => {
      const policy = arn.slice(arn.indexOf(':policy/') + 1)
      return [arn, await attempt('iam', () => readManagedPolicy(iam, arn, limits), policy)]
    }),
  )
  return {
    ...{ userPoolId, identityPoolId, pool, groups, identityPool: described, poolRoles, listedClients },
    ...{ refused, missingRoles },
    clients: (clients ?? [])
      .filter((client) => client !== undefined)
      .toSorted((a, b) => compare(a.ClientName ?? '', b.ClientName ?? '') || compare(a.ClientId, b.ClientId)),
    providers: (providers ?? []).map(({ ProviderName = '' }) => ProviderName),
    roles: read.map(({ attached, ...role }) => ({
      ...role,
      managedPolicies: attached.map((arn) => ({ arn, document: documents.get(arn) })),
    })),
    conditions: definitions ? readConditions(definitions) : [],
    unnamed: new Map<Input, string>([
      ...(identityPool ? [] : [['identityPool', 'no identity pool is named: --identity-pool'] as const]),
      ...(listedClients ? [] : [['clients', 'the clients that guards list are not named: --client'] as const]),
      ...(definitions ? [] : [['definitions', 'no definitions file is named, and conditions are in it'] as const]),
    ]),
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

type Limits = () => CallOptions

async function describePool(admin: PoolAdmin, options: CallOptions) {
  const { UserPool } = await admin.call('DescribeUserPool', {}, options)
  return UserPool
}

/** Undefined where it has been deleted meanwhile. */
async function readClient(admin: PoolAdmin, ClientId: string, options: CallOptions) {
  try {
    const { UserPoolClient = {} } = await admin.call('DescribeUserPoolClient', { ClientId }, options)
    const { ClientSecret, ...settings } = UserPoolClient
    return { ...settings, ClientId, isPublic: ClientSecret === undefined }
  } catch (error) {
    if (isAwsError(error) && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** The roles that users get, each with whose it is. */
function linkRoles(groups: readonly Group[], poolRoles: PoolRoles | undefined) {
  const linked = new Map<string, Pick<LinkedRole, 'users'> & { groups: string[] }>()
  for (const { name, roleArn } of groups) {
    if (roleArn === undefined) continue
    const there = linked.get(roleArn)
    if (there) there.groups.push(name)
    else linked.set(roleArn, { groups: [name] })
  }
  for (const [kind, users] of [
    ['authenticated', 'all users'],
    ['unauthenticated', 'guests'],
  ] as const) {
    const arn = poolRoles?.roles[kind]
    if (arn !== undefined) linked.set(arn, { groups: linked.get(arn)?.groups ?? [], users })
  }
  return linked
}

async function readPolicies(iam: IamClient, role: string, limits: Limits): Promise<PolicyDocument[]> {
  const documents: PolicyDocument[] = []
  const names = await findOrUndefined(iam.roles.policies(role, limits()).toArray())
  for (const name of names ?? []) {
    const document = await iam.roles.policy(role, name, limits())
    if (document !== undefined) documents.push(document)
  }
  return documents
}

async function readManagedPolicy(iam: IamClient, arn: string, limits: Limits): Promise<PolicyDocument | undefined> {
  const found = await findOrUndefined(iam.call('GetPolicy', { PolicyArn: arn }, limits()))
  const version = found?.Policy.DefaultVersionId
  if (version === undefined) return undefined
  const { PolicyVersion } = await iam.call('GetPolicyVersion', { PolicyArn: arn, VersionId: version }, limits())
  return parseDocument(PolicyVersion.Document)
}

/**
 * The trusted claims that conditions read, each with the first place. `email` is none of them: it counts only where it is verified,
 * and Cognito takes that away when a user changes it.
 */
function readConditions({ groups }: DefinitionsFile): PoolWorld['conditions'] {
  const { definitions, options, names } = groups
  const trusted = options.trustedClaims.filter((claim) => claim !== 'email')
  const places = new Map<string, string>()
  const add = (condition: unknown, path: string) => {
    // What a predicate reads is not known: it may read any trusted claim.
    const used = typeof condition === 'function' ? trusted : Object.keys(Object(condition))
    for (const claim of used) {
      if (!trusted.includes(claim) || places.has(claim)) continue
      places.set(claim, typeof condition === 'function' ? path : `${path}[${JSON.stringify(claim)}]`)
    }
  }
  for (const name of names) {
    for (const [index, rule] of (definitions[name]?.allow ?? []).entries()) {
      if (typeof rule !== 'string') add(rule.when, `groups[${JSON.stringify(name)}].allow[${index}].when`)
    }
  }
  for (const [permission, condition] of Object.entries(options.require)) {
    add(condition, `require[${JSON.stringify(permission)}]`)
  }
  return [...places].map(([claim, path]) => ({ claim, path }))
}
