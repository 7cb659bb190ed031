import { partitionOf } from '../hosts.ts'
import type { JsonObject } from '../json.ts'
import { type Context, ServiceError } from '../operation.ts'
import { accountId } from '../state/index.ts'

/** NoSuchEntity, with status 404. */
export function noSuchEntity(message: string): ServiceError {
  return new ServiceError('NoSuchEntity', message, 404)
}

/** LimitExceeded, with status 409. */
export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceeded', message, 409)
}

/** EntityAlreadyExists, with status 409. */
export function alreadyExists(message: string): ServiceError {
  return new ServiceError('EntityAlreadyExists', message, 409)
}

/** DeleteConflict, with status 409. */
export function deleteConflict(message: string): ServiceError {
  return new ServiceError('DeleteConflict', message, 409)
}

/** The ARN of something in the account, such as `arn:aws:iam::123456789012:user/alice` for `user/alice`. */
export function createArn(resource: string, { region }: Pick<Context, 'region'>): string {
  return `arn:${partitionOf(region)}:iam::${accountId()}:${resource}`
}

/** A new id; the first letters say what it is of. */
export function createId(kind: 'AROA' | 'AIDA' | 'AGPA' | 'ANPA', { random }: Pick<Context, 'random'>): string {
  return `${kind}${random.lowerAlphanumeric(17).toUpperCase()}`
}

/** A time as IAM gives it out, to the second. */
export function toDate(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000)
}

/** A list of tags, as IAM answers it. */
export function describeTags({ tags }: { readonly tags: Readonly<Record<string, string>> }): readonly JsonObject[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** The same where an answer leaves an empty list out. */
export function describeAnyTags(entity: {
  readonly tags: Readonly<Record<string, string>>
}): readonly JsonObject[] | undefined {
  const tags = describeTags(entity)
  return tags.length === 0 ? undefined : tags
}

/** An `AttachedPermissionsBoundary`; undefined where there is none. */
export function describeBoundary(arn: string | undefined): JsonObject | undefined {
  return arn === undefined ? undefined : { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn }
}

/** An `AttachedPolicy`. */
export function describeAttached(arn: string): JsonObject {
  return { PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }
}

/** The text of a policy as IAM gives it out: percent-encoded (RFC 3986 section 2.1). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
