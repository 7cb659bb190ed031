import { type Applied, type Group, reachedFrom, type Rule } from './rules.ts'

/** No rule allows it. At 0 nobody has asked yet. */
const silent = 1
/** Rules allow it, but a condition or a gate has the last word. */
export const conditional = 2
/** A rule allows it, always. */
export const allowed = 3
/** A rule denies it. */
const denied = 4

/** What is known of a function beside its name. */
export interface Known {
  /** Its place among the known ones. */
  readonly index: number
  /** The names of rules that cover it: its own, and wildcards. */
  readonly covers: readonly string[]
  readonly gates: readonly Rule[]
}

/** What a set of groups may do. */
export interface Merge {
  readonly groups: readonly Group[]
  /** The groups and all that they inherit from. */
  readonly reached: readonly Group[]
  /** A level per function, in the order of the known ones, found when it is first asked for. */
  readonly levels: Uint8Array
  /** The rules for functions that have been asked for more closely, found on demand. */
  readonly applied: Map<string, readonly Applied[]>
}

/** Merges groups, to be asked about so many functions. */
export function mergeOf(groups: readonly Group[], functions: number): Merge {
  return { groups, reached: [...reachedFrom(groups).keys()], levels: new Uint8Array(functions), applied: new Map() }
}

/** What merged groups may do with a function: the highest level of any rule counts. */
export function levelOf(merge: Merge, known: Known): number {
  // Apart, so that engines can put this much in the caller's place.
  return merge.levels[known.index] || findLevel(merge, known)
}

function findLevel({ reached, levels }: Merge, { index, covers, gates }: Known): number {
  let level = silent
  for (const group of reached) for (const name of covers) level = Math.max(level, group.levels.get(name) ?? 0)
  if (level === allowed && gates.length) level = conditional
  levels[index] = level
  return level
}

/** The highest level that rules give to each of their names. */
export function levelsOf(rules: readonly Rule[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  for (const { effect, name, tests } of rules) {
    const level = effect === 'deny' ? denied : tests.length ? conditional : allowed
    levels.set(name, Math.max(level, levels.get(name) ?? 0))
  }
  return levels
}
