import { covers } from './names.ts'
import { waysFrom } from './rules.ts'
import type { Applied, Group, Rule } from './rules.ts'

/** Rules allow it, but a condition or a gate has the last word. At 0 no rule allows it. */
export const conditional = 1
/** A rule allows it, always. */
export const allowed = 2
/** A rule denies it. */
export const denied = 3

/** What a set of groups may do. */
export interface Merge {
  readonly groups: readonly Group[]
  /** A level per function, in the order of the known ones. */
  readonly levels: Uint8Array
  /** The rules for functions that conditions decide, found on demand. */
  readonly applied: Map<string, readonly Applied[]>
}

/** Merges groups: for each function the highest level counts. */
export function mergeOf(
  groups: readonly Group[],
  indexes: ReadonlyMap<string, number>,
  gatesOf: readonly (readonly Rule[])[],
): Merge {
  const levels = new Uint8Array(indexes.size)
  for (const group of waysFrom(groups).keys()) {
    for (const { effect, name, tests } of group.rules) {
      const known = indexes.get(name)
      for (const [fn, index] of known === undefined ? indexes : [[name, known] as const]) {
        if (!covers(name, fn)) continue
        const level = effect === 'deny' ? denied : tests.length || gatesOf[index]?.length ? conditional : allowed
        levels[index] = Math.max(levels[index] ?? 0, level)
      }
    }
  }
  return { groups, levels, applied: new Map() }
}
