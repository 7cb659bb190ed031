import { type CallOptions, isAwsError, paginate, type Group, type PoolAdmin } from '../../admin/index.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import type { IdentityPoolDescription, PoolRoles } from '../../provision/index.ts'
import type { Connection } from '../connection.ts'
import type { DefinitionsFile } from '../definitions-file.ts'
import type { Progress, Step } from '../progress.ts'
import { createLimits } from '../transfer/lines.ts'
import type { Input } from './check.ts'
import { type LinkedRole, linkRoles, readRoles } from './read-roles.ts'

/** A user pool's settings, as DescribeUserPool answers them. */
export type PoolSettings = NonNullable<Awaited<ReturnType<typeof describePool>>>

/** An app client's settings, as DescribeUserPoolClient answers them, without its secret. */
export type ClientSettings = NonNullable<Awaited<ReturnType<typeof readClient>>>

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
  /** Whether roles may be read by GetAccountAuthorizationDetails, which takes far fewer calls. */
  readonly accountDetails?: boolean | undefined
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
  { definitions, listedClients, accountDetails = false, timeout = 3600 }: Given,
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
    if (items.length > 0) begin(what, items.length)
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

  const { roles, missingRoles } = await readRoles(iam, linkRoles(groups, poolRoles), {
    accountDetails,
    limits,
    attempt,
    each,
  })
  return {
    ...{ userPoolId, identityPoolId, pool, groups, identityPool: described, poolRoles, listedClients },
    ...{ roles, refused, missingRoles },
    clients: (clients ?? [])
      .filter((client) => client !== undefined)
      .toSorted((a, b) => compare(a.ClientName ?? '', b.ClientName ?? '') || compare(a.ClientId, b.ClientId)),
    providers: (providers ?? []).map(({ ProviderName = '' }) => ProviderName),
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
