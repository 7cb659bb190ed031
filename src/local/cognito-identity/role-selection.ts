import { isObject, type JsonObject } from '../json.ts'
import { invalidParameter, notAuthorized } from '../service-error.ts'
import type { IdentityPoolState } from '../state.ts'
import type { Login } from './logins.ts'

/**
 * The ARN of the role that an identity gets; undefined where the pool has none for it. Throws NotAuthorizedException
 * where the role mapping denies, or where the token does not hold the role that is asked for.
 */
export function selectRole(
  { roles, roleMappings }: IdentityPoolState,
  login: Login | undefined,
  customRoleArn: string | undefined,
): string | undefined {
  const mapping = login && roleMappings[`${login.provider}:${login.clientId}`]
  if (customRoleArn !== undefined && mapping?.['Type'] !== 'Token') {
    throw invalidParameter('CustomRoleArn is for providers with a role mapping of type Token.')
  }
  if (login === undefined) return roles['unauthenticated']
  if (mapping === undefined) return roles['authenticated']
  const chosen =
    mapping['Type'] === 'Token' ? roleInToken(login.claims, customRoleArn) : roleByRules(mapping, login.claims)
  if (chosen !== undefined) return chosen
  if (mapping['AmbiguousRoleResolution'] === 'AuthenticatedRole') return roles['authenticated']
  throw notAuthorized('The ambiguous role mapping rules denied this request.')
}

function roleInToken(claims: JsonObject, customRoleArn: string | undefined): string | undefined {
  const { 'cognito:roles': roles, 'cognito:preferred_role': preferred } = claims
  if (customRoleArn === undefined) return typeof preferred === 'string' ? preferred : undefined
  if (Array.isArray(roles) && roles.includes(customRoleArn)) return customRoleArn
  throw notAuthorized('The login token does not hold the role that CustomRoleArn names.')
}

/** The first rule that matches counts. A claim that is absent matches none, not `NotEqual` either. */
function roleByRules({ RulesConfiguration }: JsonObject, claims: JsonObject): string | undefined {
  const rules = isObject(RulesConfiguration) ? RulesConfiguration['Rules'] : undefined
  if (!Array.isArray(rules)) return undefined
  const rule: unknown = rules.find((candidate) => isObject(candidate) && matches(candidate, claims))
  return isObject(rule) ? String(rule['RoleARN']) : undefined
}

function matches({ Claim, MatchType, Value }: JsonObject, claims: JsonObject): boolean {
  const claim = claims[String(Claim)]
  if (claim === undefined || claim === null) return false
  const actual = Array.isArray(claim) ? `[${claim.join(', ')}]` : String(claim)
  const wanted = String(Value)
  if (MatchType === 'Equals') return actual === wanted
  if (MatchType === 'NotEqual') return actual !== wanted
  return MatchType === 'StartsWith' ? actual.startsWith(wanted) : actual.includes(wanted)
}
