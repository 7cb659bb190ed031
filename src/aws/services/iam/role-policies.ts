import { isJsonObject } from '../../../internal/encoding.ts'
import { isSameJson } from '../../../internal/json.ts'
import type { CallOptions } from '../../client/call.ts'
import { isAwsError, malformed } from '../../client/error.ts'
import { createList, type List } from '../../client/page.ts'
import type { Write } from '../../client/write.ts'
import type { IamCall, Paged, Position } from './wire-types.ts'

/** A policy, of JSON as IAM has it: `Version`, `Statement` and so on. */
export type PolicyDocument = { readonly [member: string]: unknown }

/** The policies of roles. The rules of Roles apply. */
export interface RolePolicies {
  /** The names of its inline policies (ListRolePolicies). */
  policies(name: string, options?: CallOptions): List<string>
  /** An inline policy; undefined where there is none, or no such role (GetRolePolicy). */
  policy(name: string, policyName: string, options?: CallOptions): Promise<PolicyDocument | undefined>
  /** Puts an inline policy there, in place of one of that name (PutRolePolicy). */
  putPolicy(name: string, policyName: string, policy: PolicyDocument, options?: CallOptions): Promise<void>
  /** Nothing where there is none (DeleteRolePolicy). */
  deletePolicy(name: string, policyName: string, options?: CallOptions): Promise<void>
  /** The ARNs of its managed policies (ListAttachedRolePolicies). */
  managedPolicies(name: string, options?: CallOptions): List<string>
  /** Nothing where it is attached already (AttachRolePolicy). */
  attach(name: string, arn: string, options?: CallOptions): Promise<void>
  /** Nothing where it is not attached (DetachRolePolicy). */
  detach(name: string, arn: string, options?: CallOptions): Promise<void>
}

/** The part of IAM that is about the policies of roles. */
export function createRolePolicies(call: IamCall, write: Write): RolePolicies {
  const policy: RolePolicies['policy'] = async (name, policyName, options) => {
    const answer = await findOrUndefined(call('GetRolePolicy', { RoleName: name, PolicyName: policyName }, options))
    if (answer === undefined) return undefined
    const document: PolicyDocument | undefined = parseDocument(answer.PolicyDocument)
    if (document === undefined) throw malformed('GetRolePolicy')
    return document
  }
  const managedPolicies: RolePolicies['managedPolicies'] = (name, options) =>
    createMarkerList(
      'ListAttachedRolePolicies',
      (position) => call('ListAttachedRolePolicies', { RoleName: name, ...position }, options),
      ({ AttachedPolicies }) => AttachedPolicies?.map(({ PolicyArn }) => PolicyArn),
    )
  const isAttached = async (...[name, arn, limits]: Parameters<RolePolicies['attach']>) =>
    (await managedPolicies(name, limits).toArray()).includes(arn)
  return {
    policies: (name, options) =>
      createMarkerList(
        'ListRolePolicies',
        (position) => call('ListRolePolicies', { RoleName: name, ...position }, options),
        ({ PolicyNames }) => PolicyNames,
      ),
    policy,
    async putPolicy(name, policyName, document, options) {
      const wire = { RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(document) }
      await write(
        options,
        (limits) => call('PutRolePolicy', wire, limits),
        async (limits) => (isSameJson(await policy(name, policyName, limits), document) ? {} : undefined),
      )
    },
    async deletePolicy(name, policyName, options) {
      const wire = { RoleName: name, PolicyName: policyName }
      await write(
        options,
        async (limits) => (await findOrUndefined(call('DeleteRolePolicy', wire, limits))) ?? {},
        async (limits) => ((await policy(name, policyName, limits)) ? undefined : {}),
      )
    },
    managedPolicies,
    async attach(name, arn, options) {
      await write(
        options,
        (limits) => call('AttachRolePolicy', { RoleName: name, PolicyArn: arn }, limits),
        async (limits) => ((await isAttached(name, arn, limits)) ? {} : undefined),
      )
    },
    async detach(name, arn, options) {
      await write(
        options,
        async (limits) =>
          (await findOrUndefined(call('DetachRolePolicy', { RoleName: name, PolicyArn: arn }, limits))) ?? {},
        async (limits) => ((await isAttached(name, arn, limits)) ? undefined : {}),
      )
    },
  }
}

/** A list that is read by `Marker` and `MaxItems`. Iterating throws AwsError where it is cut off without a marker. */
export function createMarkerList<A extends Paged, T>(
  operation: string,
  read: (position: Position) => Promise<A>,
  itemsIn: (answer: A) => readonly T[] | undefined,
): List<T> {
  return createList(operation, async ({ token, limit } = {}) => {
    const answer = await read({ Marker: token, MaxItems: limit })
    if (answer.IsTruncated && !answer.Marker) throw malformed(operation)
    return { items: itemsIn(answer) ?? [], token: answer.IsTruncated ? answer.Marker : undefined }
  })
}

/**
 * The document that a text is: JSON, or JSON that is URL-encoded (RFC 3986), as most operations answer it. Undefined for
 * anything else. JSON begins with a brace, which is never left as it is by encoding.
 */
export function parseDocument(text: unknown): PolicyDocument | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What is read, or undefined where it is not there. */
export async function findOrUndefined<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (isAwsError(error) && error.code.startsWith('NoSuchEntity')) return undefined
    throw error
  }
}
