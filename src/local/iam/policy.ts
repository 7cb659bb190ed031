import { evaluate } from './evaluation.ts'
import type { RequestContext } from './pattern.ts'

/**
 * Whether identity policies, as JSON text, allow an action on a resource: denied by default, an explicit `Deny` in any
 * of them wins. Policy variables such as `${cognito-identity.amazonaws.com:sub}` are read from the context.
 */
export function policyAllows(
  policies: readonly string[],
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): boolean {
  const { action, resource, context = {} } = attempt
  return evaluate(policies, { action, resource, context }, ({ principals }) => principals === undefined)
}
