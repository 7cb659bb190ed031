import type { CallOptions, Group } from '../../admin/index.ts'
import {
  createMarkerList,
  findOrUndefined,
  isAwsError,
  malformed,
  parseDocument,
  type WireRoleDetail,
} from '../../aws/index.ts'
import type { IamClient, PolicyDocument, PoolRoles } from '../../provision/index.ts'

/** A role that users get. */
export interface LinkedRole extends Holders {
  readonly arn: string
  readonly name: string
  readonly trustPolicy: PolicyDocument | undefined
  /** Its own policies, as far as they were read. */
  readonly policies: readonly PolicyDocument[]
  /** Those that are attached, as far as they were read. */
  readonly managedPolicies: readonly { readonly arn: string; readonly document: PolicyDocument | undefined }[]
}

/** Who has a role. */
interface Holders {
  /** The groups whose members have it. */
  readonly groups: readonly string[]
  /** Where the identity pool gives it to all of them. */
  readonly users?: 'all users' | 'guests' | undefined
}

/** How roles are read. */
interface Reader {
  readonly accountDetails: boolean
  readonly limits: Limits
  /** Undefined where IAM refuses; `what` is then remembered. */
  attempt<T>(service: 'iam', read: () => Promise<T>, what?: string): Promise<T | undefined>
  /** Works at several items at once, and tells progress. */
  each<T, R>(what: string, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]>
}

type Limits = () => CallOptions

/** A role as it was read: undefined parts were refused, and null is a role that is not there. */
interface ReadRole {
  readonly trustPolicy: PolicyDocument | undefined | null
  readonly policies?: readonly PolicyDocument[] | undefined
  readonly attached?: readonly string[] | undefined
}

/** Reads roles and their policies. A policy that is attached to several is read once. */
export async function readRoles(
  iam: IamClient,
  linked: ReadonlyMap<string, Holders>,
  reader: Reader,
): Promise<{ readonly roles: readonly LinkedRole[]; readonly missingRoles: readonly string[] }> {
  const { limits, attempt, each } = reader
  const details = reader.accountDetails && linked.size > 0 ? await readDetails(iam, limits) : undefined
  const missingRoles: string[] = []
  const read = await each('roles', [...linked], async ([arn, holders]) => {
    const name = arn.slice(arn.lastIndexOf('/') + 1)
    const detail = details === undefined ? await readRole(iam, name, reader) : fromDetail(details.get(name))
    const { trustPolicy, policies = [], attached = [] } = detail
    if (trustPolicy === null) missingRoles.push(`role/${name}`)
    return { arn, name, ...holders, trustPolicy: trustPolicy ?? undefined, policies, attached }
  })
  const arns = [...new Set(read.flatMap(({ attached }) => attached))]
  const documents = new Map(
    await each('policies', arns, async (arn): Promise<readonly [string, PolicyDocument | undefined]> => {
      const policy = arn.slice(arn.indexOf(':policy/') + 1)
      return [arn, await attempt('iam', () => readManagedPolicy(iam, arn, limits), policy)]
    }),
  )
  const roles = read.map(({ attached, ...role }) => ({
    ...role,
    managedPolicies: attached.map((arn) => ({ arn, document: documents.get(arn) })),
  }))
  return { roles, missingRoles }
}

/** All roles of the account by name; undefined where that is refused, since they can be read one by one. */
async function readDetails(iam: IamClient, limits: Limits): Promise<Map<string, WireRoleDetail> | undefined> {
  const operation = 'GetAccountAuthorizationDetails'
  try {
    const details = createMarkerList(
      operation,
      (position) => iam.call(operation, { Filter: ['Role'], ...position, MaxItems: 200 }, limits()),
      ({ RoleDetailList }) => RoleDetailList,
    )
    return new Map((await details.toArray()).map((detail) => [detail.RoleName, detail]))
  } catch (error) {
    if (isAwsError(error) && error.code.startsWith('AccessDenied')) return undefined
    throw error
  }
}

function fromDetail(detail: WireRoleDetail | undefined): ReadRole {
  if (detail === undefined) return { trustPolicy: null }
  return {
    trustPolicy: toDocument('GetAccountAuthorizationDetails', detail.AssumeRolePolicyDocument),
    policies: (detail.RolePolicyList ?? []).map(({ PolicyDocument: text }) =>
      toDocument('GetAccountAuthorizationDetails', text),
    ),
    attached: (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn }) => PolicyArn),
  }
}

async function readRole(iam: IamClient, name: string, { limits, attempt }: Reader): Promise<ReadRole> {
  const what = `role/${name}`
  const { roles } = iam
  const trustPolicy = await attempt('iam', async () => readTrust(await roles.find(name, limits())), what)
  if (trustPolicy === null) return { trustPolicy }
  const policies = await attempt('iam', () => readPolicies(iam, name, limits), what)
  const attached = await attempt('iam', () => findOrUndefined(roles.managedPolicies(name, limits()).toArray()), what)
  return { trustPolicy, policies, attached }
}

function readTrust(role: { readonly trustPolicy: PolicyDocument } | undefined): PolicyDocument | null {
  return role === undefined ? null : role.trustPolicy
}

/** The roles that users get, each with whose it is. */
export function linkRoles(groups: readonly Group[], poolRoles: PoolRoles | undefined) {
  const linked = new Map<string, Holders & { readonly groups: string[] }>()
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
  return toDocument('GetPolicyVersion', PolicyVersion.Document)
}

/** Throws AwsError for what is no document, since a policy that is not understood is not a good one. */
function toDocument(operation: string, text: unknown): PolicyDocument {
  const document = parseDocument(text)
  if (document === undefined) throw malformed(operation)
  return document
}
