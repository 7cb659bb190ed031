import { findRole } from '../iam/roles.ts'
import { type TrustAttempt, trustAllows } from '../iam/trust.ts'
import type { JsonObject } from '../json.ts'
import type { Context } from '../operation.ts'
import { federatedPrincipal } from '../partitions.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import { accountId, type OpenIdTokenState, type RoleState, type SessionCredentialsState, type State } from '../state.ts'
import { readText } from '../cognito-idp/input.ts'
import { readCaller, type StsCaller } from './callers.ts'
import { type AssumeRoleDetails, type RoleRequest, readDetails, readRoleRequest } from './input.ts'
import { issueCredentials, sessionAllows, sessionArn } from './sessions.ts'

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
