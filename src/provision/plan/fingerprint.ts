import type { Group } from '../../admin/index.ts'
import { sha256Of } from '../names/index.ts'
import type { ObservedIdentityPool, ObservedRole } from './observe.ts'

/** What a plan saw, by what it is: `group admin`, `role role_admin`, `members of admin`, `identity pool`. */
export interface Sight {
  /** Undefined where there was no group of this name. */
  readonly groups: ReadonlyMap<string, Group | undefined>
  /** Undefined where there was no role of this name. */
  readonly roles: ReadonlyMap<string, ObservedRole | undefined>
  readonly identityPool: ObservedIdentityPool
  /** Numbers of members by group, of groups that are to be deleted. */
  readonly members: ReadonlyMap<string, number>
}

/** The SHA-256 of each thing that was seen, so that a change of it is noticed. */
export async function fingerprintOf({ groups, roles, identityPool, members }: Sight): Promise<Record<string, string>> {
  const seen: [string, unknown][] = [
    ['identity pool', identityPool],
    ...[...groups].map(([name, group]): [string, unknown] => [`group ${name}`, group && partsOf(group)]),
    ...[...roles].map(([name, role]): [string, unknown] => [`role ${name}`, role && viewOf(role)]),
    ...[...members].map(([group, count]): [string, unknown] => [`members of ${group}`, count]),
  ]
  const entries = seen.map(
    async ([name, value]): Promise<[string, string]> => [name, await sha256Of(JSON.stringify(sorted(value ?? null)))],
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** The names of what differs between two sights, or stands in one of them only. */
export function differencesOf(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => a[name] !== b[name]).sort()
}

function partsOf({ description, roleArn, precedence }: Group): object {
  return { description, roleArn, precedence }
}

function viewOf({ createdAt: _, managedPolicies, ...role }: ObservedRole): object {
  return { ...role, managedPolicies: [...managedPolicies].sort() }
}

/** The same value with the members of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]))
}
