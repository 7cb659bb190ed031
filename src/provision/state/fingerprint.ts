import { canonicalJson } from '../policy/index.ts'
import type { PlanSubject } from '../plan/desired.ts'
import { type ObservedRole, roleNamesOf, type SeenGroup, strangersIn, type World } from './read-state.ts'
import { isOfPool } from '../plan/ownership.ts'

/**
 * What a plan depends on, by what it is, each as a text that is equal where nothing changed: `group admin`, `role role_admin`,
 * `members of admin`, `identity pool`. Names that are free count, too: a role that appears there is a change.
 */
export function fingerprintOf(subject: PlanSubject, world: World): Record<string, string> {
  const { desired } = subject
  const { groups, roles, identityPool, members } = world
  const strangers = desired.prune ? strangersIn(subject, groups) : []
  const names = [...desired.groups, ...strangers].map(({ name }) => name)
  const own = desired.prune
    ? [...roles].flatMap(([name, role]) => (isOfPool(role, subject.userPoolId) ? name : []))
    : []
  const seen: [string, unknown][] = [
    ['identity pool', identityPool],
    ...names.map((name): [string, unknown] => [`group ${name}`, viewOfGroup(groups.get(name))]),
    ...[...roleNamesOf(subject, groups), ...own].map((name): [string, unknown] => [
      `role ${name}`,
      viewOfRole(roles.get(name)),
    ]),
    ...[...members].map(([group, count]): [string, unknown] => [`members of ${group}`, count]),
  ]
  return Object.fromEntries(seen.map(([name, value]) => [name, canonicalJson(value)]))
}

/** The names of what differs between two fingerprints, or stands in one of them only. */
export function differencesOf(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => a[name] !== b[name]).sort()
}

function viewOfGroup(group: SeenGroup | undefined): unknown {
  if (group === undefined) return null
  const { description, roleArn, precedence } = group
  return { description, roleArn, precedence }
}

/** Everything that a role is and holds: who may take it and whose it is as well as what it allows. */
function viewOfRole(role: ObservedRole | undefined): unknown {
  if (role === undefined) return null
  const { createdAt: _, managedPolicies, ...rest } = role
  return { ...rest, managedPolicies: [...managedPolicies].sort() }
}
