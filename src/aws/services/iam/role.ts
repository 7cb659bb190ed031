import { isJsonObject } from '../../../internal/encoding.ts'
import type { PolicyDocument, Role, RoleInput } from './iam.ts'
import type { IamInputs, Tag, WireRole } from './operations.ts'

/** A role of the wire in our terms; undefined where it is none. */
export function roleOf(wire: WireRole | undefined): Role | undefined {
  const trustPolicy = documentIn(wire?.AssumeRolePolicyDocument)
  if (!wire?.RoleName || !wire.Arn || trustPolicy === undefined) return undefined
  const { CreateDate: created } = wire
  return {
    name: wire.RoleName,
    arn: wire.Arn,
    path: wire.Path || '/',
    id: wire.RoleId,
    description: wire.Description || undefined,
    trustPolicy,
    maxSessionDuration: wire.MaxSessionDuration,
    permissionsBoundary: wire.PermissionsBoundary?.PermissionsBoundaryArn || undefined,
    tags: Object.fromEntries((wire.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    createdAt: created === undefined ? undefined : new Date(created * 1000),
  }
}

/** What creates a role. */
export function creationOf(input: RoleInput): IamInputs['CreateRole'] {
  const { name, trustPolicy, path, description, maxSessionDuration, permissionsBoundary, tags = {} } = input
  const pairs = tagsOf(tags)
  return {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
    Path: path,
    Description: description,
    MaxSessionDuration: maxSessionDuration,
    PermissionsBoundary: permissionsBoundary,
    Tags: pairs.length > 0 ? pairs : undefined,
  }
}

export function tagsOf(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/**
 * The document that a text is: JSON, or JSON that is URL-encoded (RFC 3986), as most operations answer it. Undefined for
 * anything else. JSON begins with a brace, which is never left as it is by encoding.
 */
export function documentIn(text: unknown): PolicyDocument | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Whether two JSON values are equal, but for the order of members. Undefined members are none. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [membersOf(a), membersOf(b)]
  return (
    left.size === right.size &&
    [...left].every(([name, value]) => right.has(name) && isSameJson(value, right.get(name)))
  )
}

function membersOf(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).filter(([, member]) => member !== undefined))
}
