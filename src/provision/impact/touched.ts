import type { Groups } from '../../groups/index.ts'

/** What a change touches, as far as the definitions tell. */
export interface Touched {
  /** Functions that change for some group. */
  readonly functions: readonly string[]
  /** Groups for which they change. */
  readonly changed: ReadonlySet<string>
  /** Groups that have a say in them, before or after, the changed ones first. */
  readonly groups: readonly string[]
}

/**
 * Compares what each group alone says of each function. Nothing changes for members of groups that all say the same as
 * before, since groups add up function by function: a denial outweighs all, and what is allowed without a condition
 * outweighs one.
 */
export function touchedBy(before: Groups, after: Groups): Touched {
  const names = [...new Set([...after.names, ...before.names])]
  const differs = (name: string, fn: string) => sayOf(before, name, fn) !== sayOf(after, name, fn)
  const functions = [...new Set([...after.functions, ...before.functions])].filter((fn) =>
    names.some((name) => differs(name, fn)),
  )
  const changed = new Set(names.filter((name) => functions.some((fn) => differs(name, fn))))
  const others = names.filter(
    (name) => !changed.has(name) && functions.some((fn) => sayOf(after, name, fn) !== 'DENY_DEFAULT'),
  )
  return { functions, changed, groups: [...changed, ...others] }
}

/** What a group alone says of a function: `DENY_DEFAULT` where nothing, `DENY_CONDITION` where claims decide. */
function sayOf(groups: Groups, name: string, fn: string): string {
  return groups.can([name], fn) ? 'ALLOW' : groups.decide([name], fn).code
}
