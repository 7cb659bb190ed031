import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { State } from '../state.ts'
import { inQueryWords, invalidInput } from './input.ts'
import { readMarkedPage } from './paging.ts'
import { describeRole, encodeDocument, isYoung } from './roles.ts'

/** GetAccountAuthorizationDetails: the roles of the account with all that they hold. There is nothing else to tell. */
export function accountDetailsOperations(): Operations {
  return inQueryWords({ 'iam.GetAccountAuthorizationDetails': getAccountAuthorizationDetails })
}

function getAccountAuthorizationDetails(state: State, input: JsonObject, context: Context): JsonObject {
  const { Filter: filter = [] } = input
  const kinds: unknown[] = Array.isArray(filter) ? filter : [filter]
  const known = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']
  if (!kinds.every((kind) => typeof kind === 'string' && known.includes(kind))) {
    throw invalidInput(`Filter: expected some of ${known.join(', ')}.`)
  }
  const isAsked = kinds.length === 0 || kinds.includes('Role')
  const there = isAsked ? Object.values(state.roles).filter((role) => !isYoung(role, context)) : []
  const page = readMarkedPage(input, there, ({ name }) => name.toLowerCase(), ['GetAccountAuthorizationDetails'])
  const details = page.items.map((role): JsonObject => {
    const { Description: _, MaxSessionDuration: __, ...described } = describeRole(role)
    return {
      ...described,
      InstanceProfileList: [],
      RolePolicyList: Object.entries(role.policies).map(([PolicyName, text]) => {
        return { PolicyName, PolicyDocument: encodeDocument(text) }
      }),
      AttachedManagedPolicies: role.managedPolicies.map((PolicyArn) => {
        return { PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1), PolicyArn }
      }),
    }
  })
  return { UserDetailList: [], GroupDetailList: [], RoleDetailList: details, Policies: [], ...page.more }
}
