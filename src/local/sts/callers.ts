import type { Context } from '../operation.ts'
import { partitionOf } from '../partitions.ts'
import { ServiceError } from '../service-error.ts'
import { accountId, type RoleState, type SessionCredentialsState, type State } from '../state.ts'
import { roleOfSession, sessionArn } from './sessions.ts'

/** Who calls STS. */
export interface StsCaller {
  readonly arn: string
  readonly userId: string
  /** Present where temporary credentials of a role signed the call. */
  readonly session?: { readonly credentials: SessionCredentialsState; readonly role: RoleState } | undefined
}

/**
 * Who signed the request: a role's session, or for long-term keys the one user of the account, who may do everything.
 * Throws InvalidClientTokenId for temporary credentials that this world did not issue, or whose role is gone.
 */
export function readCaller(state: State, { caller, region }: Context): StsCaller {
  const credentials = state.sessionCredentials[caller?.accessKeyId ?? '']
  const role = credentials && roleOfSession(state, credentials)
  if (credentials !== undefined && role !== undefined) {
    const { sessionName } = credentials
    return { arn: sessionArn(role, sessionName), userId: `${role.id}:${sessionName}`, session: { credentials, role } }
  }
  if (credentials !== undefined || caller?.accessKeyId.startsWith('ASIA') || caller?.sessionToken !== undefined) {
    throw new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)
  }
  return { arn: `arn:${partitionOf(region)}:iam::${accountId()}:user/local`, userId: 'AIDALOCALUSER00000000' }
}
