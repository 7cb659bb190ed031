import { type Group, type IdentityProvider, isAwsError, paginate, type PoolAdmin } from '../../admin/index.ts'
import type { IdentityPoolDescription, PolicyDocument, PoolRoles } from '../../provision/index.ts'
import type { Connection } from '../connection.ts'
import type { DefinitionsFile } from '../definitions-file.ts'
import type { Progress } from '../progress.ts'

/** A user pool's settings, as DescribeUserPool answers them. */
export type PoolSettings = NonNullable<Awaited<ReturnType<typeof describePool>>>

/** An app client's settings, as DescribeUserPoolClient answers them, without its secret. */
export type ClientSettings = Awaited<ReturnType<typeof readClients>>[number]

/** The role of a group. */
export interface GroupRole {
  readonly arn: string
  readonly name: string
  readonly groups: readonly string[]
  readonly trustPolicy?: PolicyDocument | undefined
  readonly policies?: readonly PolicyDocument[] | undefined
  /** ARNs of managed policies. */
  readonly managedPolicies?: readonly string[] | undefined
}

/** What the checks look at. A part is undefined where it was not read. */
export interface PoolWorld {
  readonly userPoolId: string
  readonly account: string | undefined
  readonly pool: PoolSettings | undefined
  readonly clients: readonly ClientSettings[]
  readonly groups: readonly Group[]
  readonly providers: readonly Pick<IdentityProvider, 'name'>[]
  readonly identityPool: IdentityPoolDescription | undefined
  readonly poolRoles: PoolRoles | undefined
  readonly roles: readonly GroupRole[]
  /** The clients that guards accept, where they were given. */
  readonly listedClients: readonly string[] | undefined
  /** The claims that conditions of the definitions use, where definitions were given. */
  readonly claims: readonly string[]
  /** IAM actions that were refused, or whose part was not asked for; each with why. */
  readonly unread: ReadonlyMap<string, string>
}

/** Reads everything that the checks need, and remembers what was refused. Throws AwsError for any other failure. */
export async function readWorld(
  { admin, iam, identityPool, userPoolId }: Connection,
  given: { readonly definitions?: DefinitionsFile | undefined; readonly listedClients?: readonly string[] | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<PoolWorld> {
  const unread = new Map<string, string>()
  const options = { signal, timeout: 300 }
  let done = 0
  const attempt = async <T>(actions: string, read: () => Promise<T>): Promise<T | undefined> => {
    progress.show('reading', { done: ++done })
    try {
      return await read()
    } catch (error) {
      if (
        !isAwsError(error) ||
        !/^(AccessDenied|AccessDeniedException|NotAuthorizedException|UnauthorizedOperation)$/.test(error.code)
      )
        throw error
      for (const action of actions.split(' ')) unread.set(action, `${error.operation} was refused`)
      return undefined
    }
  }
  const pool = await attempt('cognito-idp:DescribeUserPool', () => describePool(admin, options))
  const clients = await attempt('cognito-idp:ListUserPoolClients cognito-idp:DescribeUserPoolClient', () =>
    readClients(admin, options),
  )
  const groups = await attempt('cognito-idp:ListGroups', () => admin.groups.list(options).toArray())
  const providers = await attempt('cognito-idp:ListIdentityProviders', async () => {
    const listed = await paginate(admin, 'ListIdentityProviders', {}, options).toArray()
    return listed.map(({ ProviderName = '' }) => ({ name: ProviderName }))
  })
  if (identityPool === undefined) {
    for (const action of ['cognito-identity:DescribeIdentityPool', 'cognito-identity:GetIdentityPoolRoles']) {
      unread.set(action, 'no identity pool was named (--identity-pool)')
    }
  }
  const described =
    identityPool && (await attempt('cognito-identity:DescribeIdentityPool', () => identityPool.describe(options)))
  const poolRoles =
    identityPool && (await attempt('cognito-identity:GetIdentityPoolRoles', () => identityPool.roles(options)))
  const linked = new Map<string, string[]>()
  for (const { name, roleArn } of groups ?? []) {
    if (roleArn !== undefined) linked.set(roleArn, [...(linked.get(roleArn) ?? []), name])
  }
  const account =
    linked.size === 0
      ? undefined
      : await attempt('sts:GetCallerIdentity', async () => (await iam.caller(options)).account)
  const roles: GroupRole[] = []
  for (const [arn, names] of linked) {
    const name = arn.slice(arn.lastIndexOf('/') + 1)
    const role = await attempt('iam:GetRole', () => iam.roles.find(name, options))
    const policies = await attempt('iam:ListRolePolicies iam:GetRolePolicy', async () => {
      const documents: PolicyDocument[] = []
      for await (const policy of iam.roles.policies(name, options)) {
        const document = await iam.roles.policy(name, policy, options)
        if (document !== undefined) documents.push(document)
      }
      return documents
    })
    const managedPolicies = await attempt('iam:ListAttachedRolePolicies', () =>
      iam.roles.managedPolicies(name, options).toArray(),
    )
    roles.push({ arn, name, groups: names, trustPolicy: role?.trustPolicy, policies, managedPolicies })
  }
  return {
    userPoolId,
    account,
    pool,
    clients: clients ?? [],
    groups: groups ?? [],
    providers: providers ?? [],
    identityPool: described,
    poolRoles,
    roles,
    listedClients: given.listedClients,
    claims: given.definitions ? readClaims(given.definitions) : [],
    unread,
  }
}

type Limits = { readonly signal: AbortSignal; readonly timeout: number }

async function describePool(admin: PoolAdmin, options: Limits) {
  const { UserPool } = await admin.call('DescribeUserPool', {}, options)
  return UserPool
}

async function readClients(admin: PoolAdmin, options: Limits) {
  const listed = await paginate(admin, 'ListUserPoolClients', {}, options).toArray()
  const clients = []
  for (const { ClientId = '' } of listed) {
    const { UserPoolClient = {} } = await admin.call('DescribeUserPoolClient', { ClientId }, options)
    const { ClientSecret, ...settings } = UserPoolClient
    clients.push({ ...settings, ClientId, isPublic: ClientSecret === undefined })
  }
  return clients
}

/** The claims that conditions read, beside those of the token itself. */
function readClaims({ groups }: DefinitionsFile): string[] {
  const { definitions, options, names } = groups
  const conditions = [
    ...Object.values(options.require),
    ...names.flatMap((name) =>
      (definitions[name]?.allow ?? []).map((rule) => (typeof rule === 'string' ? undefined : rule.when)),
    ),
  ]
  const used = new Set(conditions.flatMap((condition) => (typeof condition === 'object' ? Object.keys(condition) : [])))
  // What a predicate reads is not known: it may read any trusted claim.
  const hasPredicate = conditions.some((condition) => typeof condition === 'function')
  return options.trustedClaims.filter((claim) => hasPredicate || used.has(claim))
}
