import { checkIdentityPolicy } from '../iam/document-checks.ts'
import { readList, readTags, readWhole } from '../iam/input.ts'
import type { JsonObject } from '../json.ts'
import { readOptionalText, readText } from '../cognito-idp/input.ts'
import { structure, text } from '../cognito-idp/shape.ts'

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
