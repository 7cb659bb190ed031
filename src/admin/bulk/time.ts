import { sleep } from '../../aws/index.ts'
import type { PoolAdmin } from '../pool-admin.ts'

/** A clock, a timer and chance. */
export interface Time {
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  readonly random: () => number
}

/** Those that an administration was given, or the platform's own. */
export function timeOf({ seams }: Pick<PoolAdmin, 'seams'>): Time {
  return { now: seams.now ?? Date.now, sleep: seams.sleep ?? sleep, random: seams.random ?? Math.random }
}
