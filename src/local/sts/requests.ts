import { checkIdentityPolicy } from '../iam/document-checks.ts'
import { toDate } from '../iam/entities.ts'
import { readList, readTags, readWhole } from '../iam/input.ts'
import { managedDocument, sessionArn } from '../iam/principal.ts'
import { readOptionalText, readText, structure, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { invalidParameter, ServiceError } from '../operation.ts'
import type { RoleState, SessionCredentialsState, State } from '../state/index.ts'

/** What AssumeRole and AssumeRoleWithWebIdentity both read. */
export interface RoleRequest {
  readonly roleArn: string
  readonly sessionName: string
  /** Undefined where none is asked for. */
  readonly seconds: number | undefined
  readonly sessionPolicies: readonly string[] | undefined
}

/** Throws a ServiceError where the input breaks the service model, or a session policy is none. */
export function readRoleRequest(state: State, input: JsonObject): RoleRequest {
  return {
    roleArn: readText(input, 'RoleArn', { min: 20, max: 2048 }),
    sessionName: readText(input, 'RoleSessionName', { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ }),
    seconds: readWhole(input, 'DurationSeconds', { min: 900, max: 43_200 }),
    sessionPolicies: readSessionPolicies(state, input),
  }
}

/** What else AssumeRole reads. */
export interface AssumeRoleDetails {
  readonly externalId: string | undefined
  readonly serialNumber: string | undefined
  readonly sourceIdentity: string | undefined
  readonly tags: ReadonlyMap<string, string>
  /** Keys of tags that sessions of the session have as well. */
  readonly transitiveTags: readonly string[]
}

/** Throws a ServiceError where the input breaks the service model. */
export function readDetails(input: JsonObject): AssumeRoleDetails {
  return {
    externalId: readOptionalText(input, 'ExternalId', { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/ }),
    serialNumber: readOptionalText(input, 'SerialNumber', { min: 9, max: 256, pattern: /^[\w+=/:,.@-]*$/ }),
    sourceIdentity: readOptionalText(input, 'SourceIdentity', { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ }),
    tags: readTags(input) ?? new Map(),
    transitiveTags: readList(input, 'TransitiveTagKeys', text({ min: 1, max: 128 }), 50) ?? [],
  }
}

/** Session policies as documents. Managed ones whose documents are not known here grant nothing. */
export function readSessionPolicies(state: State, input: JsonObject): readonly string[] | undefined {
  const shape = structure({ arn: text({ min: 20, max: 2048 }) })
  const arns = readList(input, 'PolicyArns', shape, 10) ?? []
  const policy = readOptionalText(input, 'Policy', { min: 1, max: 2048, pattern: /^[\t\n\r\u0020-\u00ff]+$/ })
  if (policy !== undefined) checkIdentityPolicy(policy)
  if (policy === undefined && arns.length === 0) return undefined
  const managed = arns.flatMap(({ arn }) => managedDocument(state, String(arn)) ?? [])
  return policy === undefined ? managed : [policy, ...managed]
}

/** How long the session of a role lasts, and what STS answers of it. Throws where it would last longer than it may. */
export function describeIssued(
  role: RoleState,
  { sessionName, seconds = 3600 }: RoleRequest,
  issue: (seconds: number) => SessionCredentialsState,
  limit = role.maxSessionDuration,
): JsonObject {
  if (seconds > limit) {
    throw invalidParameter('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
  return {
    Credentials: describeCredentials(issue(seconds)),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: sessionArn(role, sessionName) },
  }
}

/** `Credentials`. */
export function describeCredentials(credentials: SessionCredentialsState): JsonObject {
  const { accessKeyId, secretAccessKey, sessionToken, until } = credentials
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: toDate(until),
  }
}

/** AccessDenied, with status 403. */
export function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDenied', message, 403)
}
