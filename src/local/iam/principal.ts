import { federatedPrincipal, partitionOf } from '../hosts.ts'
import type { Caller } from '../operation.ts'
import {
  accountId,
  type IamUserState,
  type PolicyHolderState,
  type RoleState,
  type SessionCredentialsState,
  type State,
} from '../state/index.ts'
import { awsPolicyDocument } from './aws-policies.ts'
import { policyAllows, type RequestContext } from './evaluate.ts'

/** Who signed a request, and what that entitles to. */
export interface Principal {
  /** As GetCallerIdentity tells it. */
  readonly arn: string
  readonly userId: string
  /** The administrator may do everything: whoever signs with keys that are not of this world. */
  readonly kind: 'administrator' | 'user' | 'role' | 'federated-user'
  readonly role?: RoleState | undefined
  readonly user?: IamUserState | undefined
  /** The temporary credentials that signed, where temporary ones did. */
  readonly session?: SessionCredentialsState | undefined
  readonly grants: Grants
  /** What policies may ask about the caller, by condition key. */
  readonly context: RequestContext
}

/** What somebody may do: what every part of it allows, and no part denies. */
export interface Grants {
  /** Documents of the policies of the user, the user's groups, or the role; undefined for whoever may do everything. */
  readonly identity?: readonly string[] | undefined
  /** The document of the permissions boundary; undefined where there is none, and `null` for one that is not known here. */
  readonly boundary?: string | null | undefined
  /** Session policies; undefined where nothing narrows the session. */
  readonly session?: readonly string[] | undefined
}

/**
 * Who signed with these keys: a user's access key, temporary credentials, or else the administrator. Undefined for keys
 * of this world whose user or role is gone, and for access keys that were made inactive.
 */
export function findPrincipal(state: State, caller: Caller | undefined, region: string): Principal | undefined {
  const accessKeyId = caller?.accessKeyId ?? ''
  const session = state.sessionCredentials[accessKeyId]
  if (session !== undefined) return principalOfSession(state, session, region)
  const key = state.accessKeys[accessKeyId]
  if (key === undefined) return createAdministrator(region)
  const user = key.isActive ? state.iamUsers[key.user] : undefined
  return user && principalOfUser(state, user)
}

/** Whether a principal may do something. */
export function principalAllows(
  principal: Pick<Principal, 'grants' | 'context'>,
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): boolean {
  const { identity, boundary, session } = principal.grants
  const full = { ...attempt, context: { ...attempt.context, ...principal.context } }
  const limit = typeof boundary === 'string' ? [boundary] : []
  const parts = [identity, session, boundary === undefined ? undefined : limit]
  return parts.every((policies) => policies === undefined || policyAllows(policies, full))
}

/** The user of long-term keys that this world has not issued. */
function createAdministrator(region: string): Principal {
  const arn = `arn:${partitionOf(region)}:iam::${accountId()}:user/local`
  const context = { ...general(arn, 'User'), 'aws:username': 'local', 'aws:userid': 'AIDALOCALUSER00000000' }
  return { arn, userId: 'AIDALOCALUSER00000000', kind: 'administrator', grants: {}, context }
}

function principalOfUser(state: State, user: IamUserState): Principal {
  const { arn, id, name, tags } = user
  const context = { ...general(arn, 'User'), 'aws:username': name, 'aws:userid': id, ...principalTags(tags) }
  return { arn, userId: id, kind: 'user', user, grants: grantsOfUser(state, user), context }
}

function principalOfSession(state: State, session: SessionCredentialsState, region: string): Principal | undefined {
  if (session.roleId !== undefined) return principalOfRole(state, session)
  const user = session.userId === undefined ? undefined : userOfSession(state, session)
  if (session.userId !== undefined && user === undefined) return undefined
  const holder = user === undefined ? createAdministrator(region) : principalOfUser(state, user)
  const { federatedName, sessionPolicies } = session
  if (federatedName === undefined) return { ...holder, session }
  const arn = `arn:${partitionOf(region)}:sts::${accountId()}:federated-user/${federatedName}`
  const userId = `${accountId()}:${federatedName}`
  return {
    ...{ arn, userId, kind: 'federated-user', session },
    grants: { ...holder.grants, session: sessionPolicies ?? [] },
    context: { ...general(arn, 'FederatedUser'), 'aws:userid': userId, ...principalTags(session.tags) },
  }
}

function principalOfRole(state: State, session: SessionCredentialsState): Principal | undefined {
  const role = roleOfSession(state, session)
  if (role === undefined) return undefined
  const { sessionName, sessionPolicies, sourceIdentity } = session
  const userId = `${role.id}:${sessionName}`
  return {
    ...{ arn: sessionArn(role, sessionName), userId, kind: 'role', role, session },
    grants: { ...grantsOfRole(state, role), session: sessionPolicies },
    context: {
      ...general(role.arn, 'AssumedRole'),
      'aws:userid': userId,
      ...(sourceIdentity !== undefined && { 'aws:SourceIdentity': sourceIdentity }),
      ...principalTags({ ...role.tags, ...session.tags }),
      ...identityContext(session),
    },
  }
}

function general(arn: string, type: string): Record<string, string> {
  return { 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': accountId(), 'aws:PrincipalType': type }
}

function principalTags(tags: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]))
}

function identityContext({ identityId, identityPoolId }: SessionCredentialsState): Record<string, string> {
  if (identityId === undefined) return {}
  const federated = federatedPrincipal(identityId.slice(0, identityId.indexOf(':')))
  return {
    [`${federated}:sub`]: identityId,
    ...(identityPoolId !== undefined && { [`${federated}:aud`]: identityPoolId }),
  }
}

/** What a user may do, by the user's own policies and those of the groups. */
export function grantsOfUser(state: State, user: IamUserState): Grants {
  const groups = user.groups.flatMap((name) => state.iamGroups[name] ?? [])
  return {
    identity: [user, ...groups].flatMap((holder) => documentsOf(state, holder)),
    boundary: boundaryOf(state, user.permissionsBoundary),
  }
}

/** What a role may do. */
export function grantsOfRole(state: State, role: RoleState): Grants {
  return { identity: documentsOf(state, role), boundary: boundaryOf(state, role.permissionsBoundary) }
}

/** The documents of all policies of a role, a user or a group. AWS's own policies that are not known here grant nothing. */
export function documentsOf(state: State, { policies, managedPolicies }: PolicyHolderState): readonly string[] {
  return [...Object.values(policies), ...managedPolicies.flatMap((arn) => managedDocument(state, arn) ?? [])]
}

/** The document of a managed policy, the account's or AWS's own; undefined where it is not known. */
export function managedDocument(state: State, arn: string): string | undefined {
  return state.policies[arn]?.document ?? awsPolicyDocument(arn)
}

function boundaryOf(state: State, arn: string | undefined): string | null | undefined {
  return arn === undefined ? undefined : (managedDocument(state, arn) ?? null)
}

/** The role of a session; undefined where it is gone, even if there is another of its name. */
export function roleOfSession(state: State, { roleName, roleId }: SessionCredentialsState): RoleState | undefined {
  const role = state.roles[roleName?.toLowerCase() ?? '']
  return role?.id === roleId ? role : undefined
}

/** The IAM user of a session; undefined where the user is gone, even if there is another of the name. */
export function userOfSession(state: State, { user, userId }: SessionCredentialsState): IamUserState | undefined {
  const found = state.iamUsers[user ?? '']
  return found?.id === userId ? found : undefined
}

/** The ARN of a session, such as `arn:aws:sts::123456789012:assumed-role/reader/alice`. */
export function sessionArn(role: RoleState, sessionName: string): string {
  const [, partition, , , account] = role.arn.split(':')
  return `arn:${partition}:sts::${account}:assumed-role/${role.name}/${sessionName}`
}
