import type { CallOptions } from '../aws/index.ts'
import { CognigateError, ConfigurationError } from '../errors.ts'
import type { PoolAdmin } from './pool-admin.ts'

/** Groups of which a user has one at a time, or is judged by the strongest. */
export interface RoleOptions extends CallOptions {
  /** The names of the groups, or their precedence by name, the lowest number the strongest. No other is ever removed. */
  readonly among: readonly string[] | { readonly [group: string]: number }
  /** What orders a list of names: the precedence that the `pool` gives them, or the list as `given`, the strongest first.
   * Default `pool`. */
  readonly order?: 'pool' | 'given' | undefined
}

/** The strongest role of a user. */
export interface HighestRole<F extends string | undefined = undefined> {
  readonly role: string | F
  /** Other roles of the user that are just as strong. */
  readonly ties: readonly string[]
}

/** What was done to a user's roles. */
export interface RoleChange {
  /** Whether the user was not yet in the group. */
  readonly added: boolean
  /** The roles that the user had and lost. */
  readonly removed: readonly string[]
}

/** A promotion that is none: nothing was written. */
export class PromotionError extends CognigateError {
  override readonly name = 'PromotionError'
  readonly code = 'NOT_HIGHER'
  /** The user's strongest roles. */
  readonly current: readonly string[]

  constructor(current: readonly string[]) {
    super('The role is not strictly higher than what the user has.')
    this.current = current
  }
}

type Admin = Pick<PoolAdmin, 'users' | 'groups'>

/**
 * Gives a user one role among several: adds it first and then removes the others, so that a failure on the way never
 * leaves the user with none. Throws AwsError, and ConfigurationError where `among` lacks the role.
 */
export async function assignRole(
  admin: Admin,
  username: string,
  role: string,
  options: RoleOptions,
): Promise<RoleChange> {
  const { names, limits } = check(options, role)
  const held = (await admin.users.groups(username, limits).toArray()).map(({ name }) => name)
  const added = !held.includes(role)
  if (added) await admin.users.addToGroup(username, role, limits)
  const removed = held.filter((name) => name !== role && names.includes(name))
  for (const name of removed) await admin.users.removeFromGroup(username, name, limits)
  return { added, removed }
}

/** A user's strongest role among several, and those that are as strong; `fallback` where there is none. Throws AwsError. */
export async function highestRole<const F extends string | undefined = undefined>(
  admin: Admin,
  username: string,
  options: RoleOptions & { readonly fallback?: F },
): Promise<HighestRole<F>> {
  const { names, limits, rank } = check(options)
  const roles = (await admin.users.groups(username, limits).toArray()).filter(({ name }) => names.includes(name))
  const strongest = Math.min(...roles.map((group) => rank(group.name, group.precedence)))
  const [role, ...ties] = roles.filter((group) => rank(group.name, group.precedence) === strongest)
  return { role: role?.name ?? (options.fallback as F), ties: ties.map(({ name }) => name) }
}

/**
 * Gives a user a role that is strictly higher than any the user has among these, in place of them. Throws PromotionError,
 * having written nothing, where it is not; AwsError, and ConfigurationError where `among` lacks the role.
 */
export async function promote(admin: Admin, username: string, role: string, options: RoleOptions): Promise<RoleChange> {
  const { rank, limits } = check(options, role)
  const [{ role: current, ties }, wanted] = await Promise.all([
    highestRole(admin, username, options),
    admin.groups.get(role, limits),
  ])
  if (current !== undefined) {
    const held = await admin.groups.get(current, limits)
    if (!(rank(role, wanted.precedence) < rank(current, held.precedence))) throw new PromotionError([current, ...ties])
  }
  return assignRole(admin, username, role, options)
}

function check(options: RoleOptions, role?: string) {
  const { among, order = 'pool', ...limits } = options
  const isList = Array.isArray(among)
  const names: readonly string[] = isList ? among : Object.keys(among ?? {})
  if (names.length === 0) throw new ConfigurationError('among: expected role names.')
  if (role !== undefined && !names.includes(role)) throw new ConfigurationError('among: lacks the role itself.')
  const numbers = new Map<string, number>(isList ? [] : Object.entries(among))
  const rank = (name: string, precedence = Number.POSITIVE_INFINITY) => {
    if (!isList) return numbers.get(name) ?? Number.POSITIVE_INFINITY
    return order === 'given' ? names.indexOf(name) : precedence
  }
  return { names, limits, rank }
}
