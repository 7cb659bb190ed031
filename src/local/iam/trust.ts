import type { RoleState } from '../state.ts'
import type { Statement } from './document.ts'
import { evaluate } from './evaluation.ts'
import type { RequestContext } from './pattern.ts'

/** Somebody who wants to become a role. */
export interface TrustAttempt {
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity' | 'sts:SetSourceIdentity' | 'sts:TagSession'
  /** The identity provider that vouches for them, such as `cognito-identity.amazonaws.com`. */
  readonly federated?: string | undefined
  /** Their ARN in AWS; several where they are known by several, as the session of a role is by the role's too. */
  readonly aws?: string | readonly string[] | undefined
  /** By condition key, such as `cognito-identity.amazonaws.com:aud`. */
  readonly context: RequestContext
}

/**
 * Whether the role's trust policy lets them, as IAM evaluates it: denied by default, and an explicit `Deny` wins. A
 * statement with `NotPrincipal`, which IAM does not take here, makes the policy unreadable and so denies. What the
 * caller's own policies say is another question.
 */
export function trustAllows(role: Pick<RoleState, 'trustPolicy'>, attempt: TrustAttempt): boolean {
  const { action, context } = attempt
  return evaluate([role.trustPolicy], { action, context }, ({ principals }) => speaksOf(principals, attempt))
}

/** An account's id and the ARN of its root stand for everybody in it. */
function speaksOf(principals: Statement['principals'], { federated, aws }: TrustAttempt): boolean {
  if (principals === undefined) return false
  if (principals === '*' || principals['AWS']?.includes('*')) return true
  if (federated !== undefined && principals['Federated']?.includes(federated)) return true
  return [aws ?? []].flat().some((arn) => {
    const [, partition = '', account = ''] = /^arn:([^:]+):(?:iam|sts)::(\d{12}):/.exec(arn) ?? []
    const names = [arn, account, `arn:${partition}:iam::${account}:root`].filter((name) => name !== '')
    return names.some((name) => principals['AWS']?.includes(name))
  })
}
