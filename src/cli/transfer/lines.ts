import type { PoolAdmin } from '../../admin/index.ts'
import { type CallOptions, createPace } from '../../aws/index.ts'
import type { Progress } from '../progress.ts'

/** A user as ListUsers gives it and, with AdminGetUser, the second factors; a group as ListGroups does. */
export type UserLine = Awaited<ReturnType<typeof readUser>>
export type GroupLine = NonNullable<Awaited<ReturnType<typeof readGroup>>>

/** What a line of an export holds: one of these. */
export interface Line {
  /** The first line of an export. */
  readonly pool?: { readonly version: 1; readonly Id: string; readonly exportedAt: string }
  readonly group?: GroupLine
  readonly user?: UserLine
  readonly member?: { readonly Username: string; readonly GroupName: string } | undefined
}

/** What an export adds to a user of ListUsers. */
export async function readUser(admin: PoolAdmin, Username: string, options: CallOptions) {
  const { UserAttributes: Attributes, ...user } = await admin.call('AdminGetUser', { Username }, options)
  return { ...user, Attributes }
}

export async function readGroup(admin: PoolAdmin, GroupName: string, options: CallOptions) {
  const { Group } = await admin.call('GetGroup', { GroupName }, options)
  return Group
}

/** Calls within the limits of a command: throttles are waited out, and shown. */
export function createLimits(
  { signal, timeout = 86_400 }: { readonly signal: AbortSignal; readonly timeout?: number | undefined },
  progress: Progress,
  step: () => { readonly what: string; readonly done: number; readonly total?: number | undefined },
): () => CallOptions {
  const end = performance.now() + timeout * 1000
  const pace = createPace({}, ({ seconds }) => {
    const { what, ...at } = step()
    progress.show(what, { ...at, waiting: seconds })
  })
  return () => ({ signal, pace, timeout: Math.max(0.001, (end - performance.now()) / 1000), attempts: 5 })
}
