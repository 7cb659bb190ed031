import type { RequestContext } from '../iam/evaluate.ts'
import { findPrincipal, principalAllows } from '../iam/principal.ts'
import { type Caller, type Context, ServiceError } from '../operation.ts'
import { putEnding } from '../sorted-pairs.ts'
import type { RoleState, SessionCredentialsState, State } from '../state/index.ts'

/** How the access key ids of this world's temporary credentials begin, so that they are known after they have left. */
const ownKeys = 'ASIALOCAL'

/** Who has temporary credentials, and for how long. */
export interface Session
  extends Omit<SessionCredentialsState, 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'until'> {
  readonly seconds: number
}

/** Issues temporary credentials; whether somebody may have them is the caller's business. */
export function issueSession(
  state: State,
  { seconds, ...holder }: Session,
  { now, random }: Context,
): SessionCredentialsState {
  const given = Object.fromEntries(Object.entries(holder).filter(([, value]) => value !== undefined))
  const credentials: SessionCredentialsState = {
    accessKeyId: `${ownKeys}${random.lowerAlphanumeric(11).toUpperCase()}`,
    secretAccessKey: random.alphanumeric(40),
    sessionToken: random.opaque(192),
    sessionName: holder.sessionName,
    ...given,
    until: now + seconds * 1000,
  }
  putEnding(state.sessionCredentials, credentials.accessKeyId, credentials, now)
  return credentials
}

/** The same for a role. */
export function issueCredentials(
  state: State,
  role: RoleState,
  session: Omit<Session, 'roleName' | 'roleId'>,
  context: Context,
): SessionCredentialsState {
  return issueSession(state, { roleName: role.name, roleId: role.id, ...session }, context)
}

/**
 * Throws for temporary credentials of this world if the session token is not the one that they were issued with, if they
 * have expired, or if the role or user was deleted; and for access keys that were made inactive or came with a session
 * token. Other keys pass: they are the administrator's.
 */
export function checkSession(state: State, caller: Caller | undefined, now: number): void {
  const session = state.sessionCredentials[caller?.accessKeyId ?? '']
  const key = state.accessKeys[caller?.accessKeyId ?? '']
  if (session === undefined && key === undefined && !caller?.accessKeyId.startsWith(ownKeys)) return
  const isRight = caller?.sessionToken === session?.sessionToken && (session !== undefined || key !== undefined)
  if (!isRight || findPrincipal(state, caller, 'us-east-1') === undefined) {
    throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
  if (session !== undefined && now >= session.until) {
    throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired')
  }
}

/** Whether what temporary credentials stand for may do something. AWS's policies whose documents are not known here grant nothing. */
export function sessionAllows(
  state: State,
  session: SessionCredentialsState,
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): boolean {
  const { accessKeyId, sessionToken } = session
  const principal = findPrincipal(state, { accessKeyId, sessionToken }, 'us-east-1')
  return principal !== undefined && principalAllows(principal, attempt)
}
