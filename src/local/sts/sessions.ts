import { policyAllows, type RequestContext } from '../iam/evaluate.ts'
import { type Caller, type Context, ServiceError } from '../operation.ts'
import { putEnding } from '../sorted-pairs.ts'
import type { RoleState, SessionCredentialsState, State } from '../state.ts'

/** How the access key ids of this world's temporary credentials begin, so that they are known after they have left. */
const ownKeys = 'ASIALOCAL'

/** Who has temporary credentials, and for how long. */
export interface Session {
  /** The last part of the session's ARN. */
  readonly sessionName: string
  /** The identity of an identity pool that they are for. */
  readonly identityId?: string | undefined
  readonly sessionPolicies?: readonly string[] | undefined
  readonly seconds: number
}

/** Issues temporary credentials of a role; whether its trust policy allows that is the caller's business. */
export function issueCredentials(
  state: State,
  role: RoleState,
  { sessionName, identityId, sessionPolicies, seconds }: Session,
  { now, random }: Context,
): SessionCredentialsState {
  const credentials: SessionCredentialsState = {
    accessKeyId: `${ownKeys}${random.lowerAlphanumeric(11).toUpperCase()}`,
    secretAccessKey: random.alphanumeric(40),
    sessionToken: random.opaque(192),
    roleName: role.name,
    roleId: role.id,
    sessionName,
    ...(identityId !== undefined && { identityId }),
    ...(sessionPolicies !== undefined && { sessionPolicies }),
    until: now + seconds * 1000,
  }
  putEnding(state.sessionCredentials, credentials.accessKeyId, credentials, now)
  return credentials
}

/**
 * Throws for temporary credentials of this world if the session token is not the one that they were issued with, if they
 * have expired, or if the role was deleted. Other keys pass: they are the administrator's.
 */
export function checkSession(state: State, caller: Caller | undefined, now: number): void {
  const session = state.sessionCredentials[caller?.accessKeyId ?? '']
  if (session === undefined && !caller?.accessKeyId.startsWith(ownKeys)) return
  if (
    session === undefined ||
    session.sessionToken !== caller?.sessionToken ||
    roleOfSession(state, session) === undefined
  ) {
    throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
  if (now >= session.until) {
    throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired')
  }
}

/**
 * Whether what temporary credentials stand for may do something: the role's inline policies or the account's managed
 * ones allow it, and so do session policies where there are any. AWS's own policies grant nothing, since they are not
 * known here. With a permissions boundary nothing is allowed.
 */
export function sessionAllows(
  state: State,
  session: SessionCredentialsState,
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): boolean {
  const { sessionPolicies } = session
  const role = roleOfSession(state, session)
  if (role === undefined || role.permissionsBoundary !== undefined) return false
  const isNarrowed = sessionPolicies !== undefined && !policyAllows(sessionPolicies, attempt)
  const attached = role.managedPolicies.flatMap((arn) => state.policies[arn]?.document ?? [])
  return !isNarrowed && policyAllows([...Object.values(role.policies), ...attached], attempt)
}

/** The role of a session; undefined where it is gone, even if there is another of its name. */
export function roleOfSession(state: State, { roleName, roleId }: SessionCredentialsState): RoleState | undefined {
  const role = state.roles[roleName.toLowerCase()]
  return role?.id === roleId ? role : undefined
}

/** The ARN of a session, such as `arn:aws:sts::123456789012:assumed-role/reader/alice`. */
export function sessionArn(role: RoleState, sessionName: string): string {
  const [, partition, , , account] = role.arn.split(':')
  return `arn:${partition}:sts::${account}:assumed-role/${role.name}/${sessionName}`
}
