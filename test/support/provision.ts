import { createPoolAdmin } from '../../src/admin/index.ts'
import {
  createIamClient,
  createIdentityPoolClient,
  type Definitions,
  type GroupPlan,
  type IdentityPoolClient,
  type PlanOptions,
  planGroups,
  type ProvisionClients,
} from '../../src/provision/index.ts'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import { credentials } from './aws.ts'

/** All clients of a local pool. */
export interface LocalClients extends ProvisionClients {
  readonly identityPool: IdentityPoolClient
}

/** Answers a request, as `fetch` does. */
export type Fetch = (request: Request) => Promise<Response>

/** A policy that allows these actions on reports. */
export function policyOf(...actions: string[]) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::reports/*' }],
  }
}

/** A trust policy that has nothing to do with groups. */
export function strangersTrust() {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
}

/** What a plan would do, a line each. */
export function linesOf({ changes }: GroupPlan): string[] {
  return changes.map((change) => {
    const what = change.kind === 'role' ? change.name : change.kind === 'group' ? change.group : ''
    return `${change.action} ${change.kind} ${what}`.trim()
  })
}

/** Definitions of groups that may all read reports; the precedence of each is its place among `all`. */
export function allReading(names: readonly string[], all = names) {
  return {
    groups: Object.fromEntries(names.map((name) => [name, { precedence: all.indexOf(name) }])),
    policies: Object.fromEntries(names.map((name) => [name, policyOf('s3:GetObject')])),
  }
}

/** A plan whose findings are all accepted. */
export async function planAccepting(definitions: Definitions, options: PlanOptions): Promise<GroupPlan> {
  const { findings } = await planGroups(definitions, options)
  return planGroups(definitions, { ...options, acceptFindings: findings.map(({ id }) => id) })
}

/** Looks after each call that writes. */
export function afterWrites(fetch: Fetch, look: () => Promise<unknown>): Fetch {
  return async (request) => {
    const writes = await isWrite(request)
    const response = await fetch(request)
    if (writes) await look()
    return response
  }
}

/** Whether a call changes anything. */
export async function isWrite(request: Request): Promise<boolean> {
  return !/[.=](Get|List|Describe)[A-Z]/.test(await saidBy(request))
}

/** Does something before a call whose operation or body has this text, once. */
export function justBefore(fetch: Fetch, text: string, work: () => Promise<unknown>): Fetch {
  let isDone = false
  return async (request) => {
    if (!isDone && (await saidBy(request)).includes(text)) {
      isDone = true
      await work()
    }
    return fetch(request)
  }
}

async function saidBy(request: Request): Promise<string> {
  return `${request.headers.get('x-amz-target')} ${await request.clone().text()}`
}

/** The clients of a local pool, by a clock that only waiting moves. Theirs is `ahead` of it by some milliseconds. */
export function clientsOf(
  pool: LocalPool,
  fetch: Fetch = pool.fetch,
  ahead = 0,
  by: { readonly accessKeyId: string; readonly secretAccessKey: string } = credentials,
): LocalClients {
  const { userPoolId } = pool.settings
  const now = () => pool.settings.now() + ahead
  const sleep = async (milliseconds: number) => pool.advance(milliseconds / 1000)
  const testOptions = { credentials: by, fetch, now, sleep, random: () => 0.5 }
  return {
    admin: createPoolAdmin({ userPoolId, ...testOptions }),
    iam: createIamClient(testOptions),
    identityPool: createIdentityPoolClient({ identityPoolId: pool.identityPoolId, ...testOptions }),
  }
}

/** A local pool with the clients that provision it. */
export async function provisioned(options: LocalPoolOptions = {}): Promise<LocalClients & { pool: LocalPool }> {
  const pool = await createLocalPool({ now: () => Date.UTC(2026, 0, 1), ...options })
  return { pool, ...clientsOf(pool) }
}

/** A role without what differs from one creation to the next. */
export interface RoleView {
  readonly trustPolicy: unknown
  readonly tags: Readonly<Record<string, string>>
  readonly permissionsBoundary: string | undefined
  readonly policies: Readonly<Record<string, unknown>>
  readonly managedPolicies: readonly string[]
}

/** All that provisioning can change. */
export interface Snapshot {
  readonly groups: Readonly<Record<string, unknown>>
  readonly roles: Readonly<Record<string, RoleView>>
  readonly identityPool: unknown
}

/** The whole state, as the clients read it. */
export async function snapshot({ admin, iam, identityPool }: LocalClients): Promise<Snapshot> {
  const groups = await admin.groups.list().toArray()
  const roles = await iam.roles.list().toArray()
  return {
    groups: Object.fromEntries(
      groups.map(({ name, description, precedence, roleArn }) => [name, { description, precedence, roleArn }]),
    ),
    roles: Object.fromEntries(
      await Promise.all(roles.map(async ({ name }) => [name, await viewOf(iam, name)] as const)),
    ),
    identityPool: [await identityPool.describe(), await identityPool.roles()],
  }
}

async function viewOf({ roles }: LocalClients['iam'], name: string): Promise<RoleView> {
  const { trustPolicy, tags, permissionsBoundary } = await roles.get(name)
  const policies: Record<string, unknown> = {}
  for await (const policy of roles.policies(name)) policies[policy] = await roles.policy(name, policy)
  return {
    trustPolicy,
    tags,
    permissionsBoundary,
    policies,
    managedPolicies: await roles.managedPolicies(name).toArray(),
  }
}
