import { partitionOf } from '../hosts.ts'
import { accessKeyIdRules } from '../iam/access-keys.ts'
import { trustAllows, type TrustAttempt } from '../iam/evaluate.ts'
import { inQueryWords, readTags, readWhole } from '../iam/input.ts'
import { findPrincipal, type Principal, principalAllows } from '../iam/principal.ts'
import { findRole } from '../iam/roles.ts'
import { readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { accountId, type RoleState, type State } from '../state/index.ts'
import {
  accessDenied,
  type AssumeRoleDetails,
  describeCredentials,
  describeIssued,
  readDetails,
  readRoleRequest,
  readSessionPolicies,
  type RoleRequest,
} from './requests.ts'
import { issueCredentials, issueSession } from './sessions.ts'
import { webIdentityOperations } from './web-identity.ts'

/** The operations of STS. */
export function stsOperations(): Operations {
  return {
    ...inQueryWords({
      'sts.AssumeRole': assumeRole,
      'sts.GetAccessKeyInfo': getAccessKeyInfo,
      'sts.GetCallerIdentity': getCallerIdentity,
      'sts.GetFederationToken': getFederationToken,
      'sts.GetSessionToken': getSessionToken,
    }),
    ...webIdentityOperations(),
  }
}

function getCallerIdentity(state: State, _: JsonObject, context: Context): JsonObject {
  const { arn, userId } = readPrincipal(state, context)
  return { Arn: arn, UserId: userId, Account: accountId() }
}

/** AWS tells the account from the key itself, whether or not there is such a key. There is one account here. */
function getAccessKeyInfo(_: State, input: JsonObject): JsonObject {
  readText(input, 'AccessKeyId', accessKeyIdRules())
  return { Account: accountId() }
}

/** How long the session of a role that was assumed by another role may last, in seconds. */
const maxChained = 3600

/**
 * A role for a caller that its trust policy lets. A user or a role's session also needs `sts:AssumeRole` in its own
 * policies, even where the trust policy names it, which is stricter than AWS. Roles that are not there are denied like
 * others. A session keeps its source identity and its transitive tags when it assumes another role.
 */
function assumeRole(state: State, input: JsonObject, context: Context): JsonObject {
  const request = readRoleRequest(state, input)
  const caller = readPrincipal(state, context)
  const details = inherit(readDetails(input), caller)
  const role = findRole(state, request.roleArn, context)
  if (role === undefined || !mayAssume(caller, role, request, details)) {
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${request.roleArn}`,
    )
  }
  if (details.serialNumber !== undefined) throw accessDenied('MultiFactorAuthentication failed, there are no devices.')
  const { sourceIdentity, tags, transitiveTags } = details
  const { sessionName, sessionPolicies } = request
  const issue = (seconds: number) => {
    const session = { sessionName, sessionPolicies, sourceIdentity, seconds }
    const tagged = tags.size === 0 ? {} : { tags: Object.fromEntries(tags) }
    const kept = transitiveTags.length === 0 ? {} : { transitiveTags }
    return issueCredentials(state, role, { ...session, ...tagged, ...kept }, context)
  }
  const isChained = caller.kind === 'role'
  return { ...describeIssued(role, request, issue, isChained ? maxChained : undefined), SourceIdentity: sourceIdentity }
}

/** What the session of a role passes on to the next one. */
function inherit(details: AssumeRoleDetails, { session }: Principal): AssumeRoleDetails {
  const kept = session?.transitiveTags ?? []
  const tags = new Map(details.tags)
  for (const key of tags.keys()) {
    if (kept.includes(key.toLowerCase()))
      throw invalidParameter('One of the specified transitive tag keys cannot be set.')
  }
  const unknown = details.transitiveTags.find((key) => !tags.has(key))
  if (unknown !== undefined)
    throw invalidParameter('The specified transitive tag key must be included in the requested tags.')
  for (const [key, value] of Object.entries(session?.tags ?? {})) {
    if (kept.includes(key.toLowerCase())) tags.set(key, value)
  }
  const transitiveTags = [...kept, ...details.transitiveTags.map((key) => key.toLowerCase())]
  const given = session?.sourceIdentity
  if (given !== undefined && details.sourceIdentity !== undefined && details.sourceIdentity !== given) {
    throw accessDenied('The source identity of a session cannot be changed.')
  }
  return { ...details, tags, transitiveTags, sourceIdentity: given ?? details.sourceIdentity }
}

function mayAssume(
  caller: Principal,
  role: RoleState,
  { sessionName }: RoleRequest,
  { externalId, sourceIdentity, tags }: AssumeRoleDetails,
): boolean {
  const aws = caller.role === undefined ? caller.arn : [caller.arn, caller.role.arn]
  const context = {
    ...caller.context,
    'sts:RoleSessionName': sessionName,
    ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
    ...(tags.size > 0 && { 'aws:TagKeys': [...tags.keys()] }),
    ...Object.fromEntries([...tags].map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  }
  const actions: TrustAttempt['action'][] = ['sts:AssumeRole']
  if (tags.size > 0) actions.push('sts:TagSession')
  if (sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity')
  return actions.every((action) => {
    return (
      trustAllows(role, { action, aws, context }) && principalAllows(caller, { action, resource: role.arn, context })
    )
  })
}

/** Limits and default of tokens for long-term keys, in seconds. */
const tokenSeconds = { min: 900, max: 129_600, usual: 43_200 }

function getSessionToken(state: State, input: JsonObject, context: Context): JsonObject {
  const caller = readLongTermCaller(state, context, 'GetSessionToken')
  const seconds = readWhole(input, 'DurationSeconds', tokenSeconds) ?? tokenSeconds.usual
  if (input['SerialNumber'] !== undefined || input['TokenCode'] !== undefined) {
    throw accessDenied('MultiFactorAuthentication failed, there are no devices.')
  }
  return { Credentials: describeCredentials(issueSession(state, { ...holderOf(caller), seconds }, context)) }
}

/** Nobody gets more by it than both the caller and the session policies allow; without session policies that is nothing. */
function getFederationToken(state: State, input: JsonObject, context: Context): JsonObject {
  const caller = readLongTermCaller(state, context, 'GetFederationToken')
  const name = readText(input, 'Name', { min: 2, max: 32, pattern: /^[\w+=,.@-]*$/ })
  const seconds = readWhole(input, 'DurationSeconds', tokenSeconds) ?? tokenSeconds.usual
  const arn = `arn:${partitionOf(context.region)}:sts::${accountId()}:federated-user/${name}`
  if (!principalAllows(caller, { action: 'sts:GetFederationToken', resource: arn })) {
    throw accessDenied(`User: ${caller.arn} is not authorized to perform: sts:GetFederationToken on resource: ${arn}`)
  }
  const tags = Object.fromEntries(readTags(input) ?? [])
  const session = {
    ...holderOf(caller),
    federatedName: name,
    sessionPolicies: readSessionPolicies(state, input) ?? [],
    ...(Object.keys(tags).length > 0 && { tags }),
    seconds,
  }
  return {
    Credentials: describeCredentials(issueSession(state, session, context)),
    FederatedUser: { FederatedUserId: `${accountId()}:${name}`, Arn: arn },
  }
}

function holderOf({ user }: Principal) {
  return { sessionName: '', ...(user !== undefined && { user: user.name.toLowerCase(), userId: user.id }) }
}

function readLongTermCaller(state: State, context: Context, operation: string): Principal {
  const caller = readPrincipal(state, context)
  if (caller.session === undefined) return caller
  throw accessDenied(`Cannot call ${operation} with session credentials`)
}

/** Who signed the request. Throws InvalidClientTokenId for temporary credentials that this world did not issue, or whose holder is gone. */
function readPrincipal(state: State, context: Context): Principal {
  const { caller, region } = context
  const principal = findPrincipal(state, caller, region)
  const isTemporary = caller?.accessKeyId.startsWith('ASIA') || caller?.sessionToken !== undefined
  if (principal === undefined || (isTemporary && principal.session === undefined)) {
    throw new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)
  }
  return principal
}
