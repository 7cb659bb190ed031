import { isTexts } from '../encoding.ts'
import { must } from '../errors.ts'
import { noPromise } from '../internal/promises.ts'
import type { Principal } from '../principal.ts'

export type GroupsOf<P> = (principal: P, context: { readonly request: Request | undefined }) => readonly string[]

/**
 * Replaces a principal's groups by what `groupsOf` says. As long as it says the same, the same principal comes back, so
 * that decisions about it stay remembered. The result throws ConfigurationError where `groupsOf` gives no list of names.
 */
export function createRegrouper<C>(
  groupsOf: GroupsOf<Principal<C>>,
): (principal: Principal<C>, request: Request | undefined) => Principal<C> {
  const latest = new WeakMap<object, Principal<C>>()
  return (principal, request) => {
    const groups: unknown = groupsOf(principal, { request })
    noPromise('groupsOf', groups)
    must('groupsOf', isTexts(groups), 'an array of group names')
    const known = latest.get(principal) ?? principal
    if (known.groups.length === groups.length && known.groups.every((group, at) => group === groups[at])) return known
    const replaced = Object.freeze({ ...principal, groups: Object.freeze([...groups]) })
    latest.set(principal, replaced)
    return replaced
  }
}
