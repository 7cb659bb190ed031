import { federatedPrincipal, partitionOf } from '../hosts.ts'
import { checkIdentityPolicy } from '../iam/document-checks.ts'
import { trustAllows, type TrustAttempt } from '../iam/evaluate.ts'
import { inQueryWords, readList, readTags, readWhole } from '../iam/input.ts'
import { roleOfSession, sessionArn } from '../iam/principal.ts'
import { findRole } from '../iam/roles.ts'
import { readOptionalText, readText, structure, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { accountId, type OpenIdTokenState, type RoleState, type SessionCredentialsState, type State } from '../state.ts'
import { issueCredentials, sessionAllows } from './sessions.ts'

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

/** How long the session of a role that was assumed by another role may last, in seconds. */
const maxChained = 3600

/**
 * A role for a caller that its trust policy lets. A role's session also needs `sts:AssumeRole` in its own policies,
 * even where the trust policy names it, which is stricter than AWS. Roles that are not there are denied like others.
 */
export function assumeRole(state: State, input: JsonObject, context: Context): JsonObject {
  const request = readRoleRequest(input)
  const details = readDetails(input)
  const caller = readCaller(state, context)
  const role = findRole(state, request.roleArn, context)
  if (role === undefined || !mayAssume(state, caller, role, request, details)) {
    throw accessDenied('The caller is not authorized to perform: sts:AssumeRole')
  }
  if (details.serialNumber !== undefined) throw accessDenied('MultiFactorAuthentication failed, there are no devices.')
  const { sourceIdentity: SourceIdentity } = details
  return { ...issue(state, role, request, context, caller.session && maxChained), SourceIdentity }
}

/** A role for an identity of an identity pool, by a token of GetOpenIdToken. */
export function assumeRoleWithWebIdentity(state: State, input: JsonObject, context: Context): JsonObject {
  const request = readRoleRequest(input)
  const token = readToken(state, input, context)
  const role = findRole(state, request.roleArn, context)
  const federated = federatedPrincipal(token.identityPoolId.slice(0, token.identityPoolId.indexOf(':')))
  const attempt: TrustAttempt = {
    action: 'sts:AssumeRoleWithWebIdentity',
    federated,
    context: {
      [`${federated}:aud`]: token.identityPoolId,
      [`${federated}:amr`]: token.amr,
      [`${federated}:sub`]: token.identityId,
      'sts:RoleSessionName': request.sessionName,
    },
  }
  if (role === undefined || !trustAllows(role, attempt)) {
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity')
  }
  return {
    SubjectFromWebIdentityToken: token.identityId,
    Audience: token.identityPoolId,
    Provider: federated,
    ...issue(state, role, { ...request, identityId: token.identityId }, context),
  }
}

function mayAssume(
  state: State,
  { arn, session }: StsCaller,
  role: RoleState,
  { sessionName }: RoleRequest,
  { externalId, sourceIdentity, tags }: AssumeRoleDetails,
): boolean {
  const aws = session === undefined ? arn : [arn, session.role.arn]
  const context = {
    'aws:PrincipalArn': session?.role.arn ?? arn,
    'aws:PrincipalAccount': accountId(),
    'aws:PrincipalType': session === undefined ? 'User' : 'AssumedRole',
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
    if (!trustAllows(role, { action, aws, context })) return false
    return session === undefined || sessionAllows(state, session.credentials, { action, resource: role.arn, context })
  })
}

function readToken(state: State, input: JsonObject, { now }: Context): OpenIdTokenState {
  const token = state.openIdTokens[readText(input, 'WebIdentityToken', { min: 4, max: 20_000 })]
  if (token === undefined) {
    throw new ServiceError('InvalidIdentityToken', 'The web identity token is not one of an identity pool here.')
  }
  if (now >= token.until) throw new ServiceError('ExpiredTokenException', 'The web identity token has expired.')
  return token
}

function issue(
  state: State,
  role: RoleState,
  request: RoleRequest & { readonly identityId?: string | undefined },
  context: Context,
  limit = role.maxSessionDuration,
): JsonObject {
  const { sessionName, identityId, sessionPolicies, seconds = 3600 } = request
  if (seconds > limit) {
    throw invalidParameter('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  const session = { sessionName, identityId, sessionPolicies, seconds }
  return {
    Credentials: describeCredentials(issueCredentials(state, role, session, context)),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: sessionArn(role, sessionName) },
  }
}

function describeCredentials({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  until,
}: SessionCredentialsState): JsonObject {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(Math.floor(until / 1000) * 1000),
  }
}

function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDenied', message, 403)
}

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

/** What AssumeRole and AssumeRoleWithWebIdentity both read. */
export interface RoleRequest {
  readonly roleArn: string
  readonly sessionName: string
  /** Undefined where none is asked for. */
  readonly seconds: number | undefined
  readonly sessionPolicies: readonly string[] | undefined
}

/** Throws a ServiceError where the input breaks the service model, or a session policy is none. */
export function readRoleRequest(input: JsonObject): RoleRequest {
  return {
    roleArn: readText(input, 'RoleArn', { min: 20, max: 2048 }),
    sessionName: readText(input, 'RoleSessionName', { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ }),
    seconds: readWhole(input, 'DurationSeconds', { min: 900, max: 43_200 }),
    sessionPolicies: readSessionPolicies(input),
  }
}

/** What else AssumeRole reads. */
export interface AssumeRoleDetails {
  readonly externalId: string | undefined
  readonly serialNumber: string | undefined
  readonly sourceIdentity: string | undefined
  readonly tags: ReadonlyMap<string, string>
}

/** Throws a ServiceError where the input breaks the service model. */
export function readDetails(input: JsonObject): AssumeRoleDetails {
  return {
    externalId: readOptionalText(input, 'ExternalId', { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/ }),
    serialNumber: readOptionalText(input, 'SerialNumber', { min: 9, max: 256, pattern: /^[\w+=/:,.@-]*$/ }),
    sourceIdentity: readOptionalText(input, 'SourceIdentity', { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ }),
    tags: readTags(input) ?? new Map(),
  }
}

/** Managed session policies count as policies that grant nothing, since the local pool holds none. */
function readSessionPolicies(input: JsonObject): readonly string[] | undefined {
  const arns = readList(input, 'PolicyArns', structure({ arn: text({ min: 20, max: 2048 }) }), 10) ?? []
  const policy = readOptionalText(input, 'Policy', { min: 1, max: 2048, pattern: /^[\t\n\r\u0020-\u00ff]+$/ })
  if (policy !== undefined) checkIdentityPolicy(policy)
  if (policy === undefined) return arns.length > 0 ? [] : undefined
  return [policy]
}
