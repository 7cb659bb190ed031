import { inQueryWords } from '../iam/input.ts'
import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { accountId, type State } from '../state.ts'
import { assumeRole, assumeRoleWithWebIdentity } from './assume-role.ts'
import { readCaller } from './callers.ts'

/** The operations of STS. */
export function stsOperations(): Operations {
  return inQueryWords({
    'sts.AssumeRole': assumeRole,
    'sts.AssumeRoleWithWebIdentity': assumeRoleWithWebIdentity,
    'sts.GetCallerIdentity': getCallerIdentity,
  })
}

function getCallerIdentity(state: State, _: JsonObject, context: Context): JsonObject {
  const { arn, userId } = readCaller(state, context)
  return { Arn: arn, UserId: userId, Account: accountId() }
}
