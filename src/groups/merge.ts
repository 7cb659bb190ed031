import { covers } from './names.ts'
import { waysFrom } from './rules.ts'
import type { Applied, Group, Rule } from './rules.ts'

/** Rules allow it, but a condition or a gate has the last word. At 0 no rule allows it. */
export const conditional = 1
/** A rule allows it, always. */
export const allowed = 2
/** A rule denies it. */
const denied = 3

/** What is known of a function beside its name. */
export interface Known {
  /** Its place among the known ones. */
  readonly index: number
  readonly gates: readonly Rule[]
}

/** What a set of groups may do. */
export interface Merge {
  readonly groups: readonly Group[]
  /** A level per function, in the order of the known ones. */
  readonly levels: Uint8Array
  /** The rules for functions that have been asked for more closely, found on demand. */
  readonly applied: Map<string, readonly Applied[]>
}

/** Merges groups: for each function the highest level counts. */
export function mergeOf(groups: readonly Group[], functions: ReadonlyMap<string, Known>): Merge {
  const levels = new Uint8Array(functions.size)
  for (const group of waysFrom(groups).keys()) {
    for (const { effect, name, tests } of group.rules) {
      const one = functions.get(name)
      for (const [fn, { index, gates }] of one ? [[name, one] as const] : functions) {
        if (!covers(name, fn)) continue
        const level = effect === 'deny' ? denied : tests.length || gates.length ? conditional : allowed
        levels[index] = Math.max(levels[index] ?? 0, level)
      }
    }
  }
  return { groups, levels, applied: new Map() }
}
