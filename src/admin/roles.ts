import type { CallOptions } from '../aws/index.ts'
import { isTexts } from '../internal/encoding.ts'
import { CognigateError, ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import type { Group } from './groups.ts'
import type { PoolAdmin } from './pool-admin.ts'

/** Groups that are roles: a user has one of them at a time, or the strongest counts. */
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

/** What changed in a user's roles. */
export interface RoleAssignment {
  /** Whether the user was not yet in the group. */
  readonly added: boolean
  /** The roles that the user had and lost. */
  readonly removed: readonly string[]
  /** The role that the user has instead, because another call gave it at the same time and it is weaker. Usually undefined. */
  readonly overruledBy: string | undefined
}

/** The role is not higher than what the user has. Nothing was written. */
export class PromotionError extends CognigateError {
  override readonly name = 'PromotionError'
  readonly code = 'NOT_HIGHER'
  /** The user's strongest roles. */
  readonly current: readonly string[]

  constructor(current: readonly string[]) {
    super('The role is not higher than the one the user has.')
    this.current = current
  }
}

type Admin = Pick<PoolAdmin, 'users' | 'groups'>

/**
 * Gives a user one role among several. It adds the role before it removes the others, so that a failure never leaves the user
 * with none. Then it reads the user's groups again: if another call gave another role at the same time, both calls keep the
 * weaker one, and the other result says so. Throws AwsError, and ConfigurationError if `among` lacks the role.
 *
 * @example
 * ```ts
 * import { assignRole } from 'cognigate/admin'
 *
 * const { added, removed } = await assignRole(admin, 'alice', 'manager', { among: ['admin', 'manager', 'guest'] })
 * ```
 */
export async function assignRole(
  admin: Admin,
  username: string,
  role: string,
  options: RoleOptions,
): Promise<RoleAssignment> {
  const choice = check('assignRole', options, role)
  return replaceRoles(admin, username, role, choice, await readRoles(admin, username, choice))
}

/**
 * The strongest of a user's roles among several, and the others that are as strong; `fallback` if the user has none. Throws
 * AwsError.
 *
 * @example
 * ```ts
 * import { highestRole } from 'cognigate/admin'
 *
 * const { role, ties } = await highestRole(admin, 'alice', { among: { admin: 1, manager: 5 }, fallback: 'guest' })
 * ```
 */
export async function highestRole<const F extends string | undefined = undefined>(
  admin: Admin,
  username: string,
  options: RoleOptions & { readonly fallback?: F },
): Promise<HighestRole<F>> {
  const choice = check('highestRole', options)
  const [role, ...ties] = strongest(await readRoles(admin, username, choice), choice)
  return { role: role?.name ?? (options.fallback as F), ties: ties.map(({ name }) => name) }
}

/**
 * Replaces a user's roles among several with a strictly higher one. If it is not higher, it throws PromotionError and writes
 * nothing. Throws AwsError, and ConfigurationError if `among` lacks the role or nothing says which of two roles is higher: if the
 * pool's groups have no precedence, give numbers, or a list with `order: 'given'`.
 *
 * @example
 * ```ts
 * import { promote, PromotionError } from 'cognigate/admin'
 *
 * try {
 *   await promote(admin, 'alice', 'admin', { among: ['admin', 'manager', 'guest'] })
 * } catch (error) {
 *   if (!(error instanceof PromotionError)) throw error
 *   console.log('alice already has', error.current)
 * }
 * ```
 */
export async function promote(
  admin: Admin,
  username: string,
  role: string,
  options: RoleOptions,
): Promise<RoleAssignment> {
  const choice = check('promote', options, role)
  const { rank, limits, isByPool } = choice
  const held = await readRoles(admin, username, choice)
  const [current, ...ties] = strongest(held, choice)
  if (current !== undefined) {
    // The pool is asked for a precedence only if that decides and the user's own groups do not have it.
    const wanted =
      held.find(({ name }) => name === role) ?? (isByPool ? await admin.groups.get(role, limits) : { name: role })
    if (
      isByPool &&
      rank(wanted) === rank(current) &&
      rank(wanted) === Number.POSITIVE_INFINITY &&
      current.name !== role
    ) {
      throw new ConfigurationError(
        `among: neither of the groups ${JSON.stringify([role, current.name])} has a precedence; give them one, or pass numbers as \`among\`, or order: 'given'.`,
      )
    }
    if (!(rank(wanted) < rank(current))) throw new PromotionError([current, ...ties].map(({ name }) => name))
  }
  return replaceRoles(admin, username, role, choice, held)
}

interface HighestRoleOptions extends RoleOptions {
  readonly fallback?: string | undefined
}

type Ranked = Pick<Group, 'name' | 'precedence'>

/** Which groups are roles, and how they are ordered. */
interface Choice {
  readonly names: readonly string[]
  readonly limits: CallOptions
  /** Whether the pool's precedence decides. */
  readonly isByPool: boolean
  /** The lowest is the strongest. */
  rank(group: Ranked): number
}

function check(place: string, options: HighestRoleOptions, role?: string): Choice {
  const names = ['among', 'order', 'attempts', 'timeout', 'signal', 'renewal', 'pace'] as const
  if (role === undefined) checkOptions<HighestRoleOptions>(place, options, [...names, 'fallback'])
  else checkOptions<RoleOptions>(place, options, names, { fallback: 'that is an option of highestRole.' })
  const { among, order = 'pool', fallback: _, ...limits } = options
  const isList = isTexts(among)
  const roles: readonly string[] = isList ? among : Object.keys(among ?? {})
  const numbers = new Map<string, number>(isList ? [] : Object.entries(among ?? {}))
  if (
    roles.length === 0 ||
    [...numbers.values()].some((number) => !(typeof number === 'number' && number < Infinity))
  ) {
    throw new ConfigurationError('among: expected the names of roles, or their precedence by name.')
  }
  if (order !== 'pool' && order !== 'given') throw new ConfigurationError("order: expected 'pool' or 'given'.")
  if (role !== undefined && !roles.includes(role)) throw new ConfigurationError('among: lacks the role itself.')
  const isByPool = isList && order === 'pool'
  return {
    names: roles,
    limits,
    isByPool,
    rank({ name, precedence = Number.POSITIVE_INFINITY }) {
      return isByPool ? precedence : (numbers.get(name) ?? roles.indexOf(name))
    },
  }
}

/** The user's roles. */
async function readRoles({ users }: Admin, username: string, { names, limits }: Choice): Promise<Group[]> {
  return (await users.groups(username, limits).toArray()).filter(({ name }) => names.includes(name))
}

function strongest(roles: readonly Group[], { rank }: Choice): Group[] {
  const best = Math.min(...roles.map(rank))
  return roles.filter((group) => rank(group) === best)
}

/** How often the user's groups are read again. */
const ROUNDS = 9

async function replaceRoles(
  { users, groups }: Admin,
  username: string,
  role: string,
  choice: Choice,
  held: readonly Group[],
): Promise<RoleAssignment> {
  const { limits, rank } = choice
  const added = !held.some(({ name }) => name === role)
  if (added) await users.addToGroup(username, role, limits)
  const removed: string[] = []
  const remove = async (name: string) => {
    await users.removeFromGroup(username, name, limits)
    removed.push(name)
  }
  for (const { name } of held) if (name !== role) await remove(name)
  if (!added && removed.length === 0) return { added, removed, overruledBy: undefined }
  let overruledBy: string | undefined
  for (let round = 0; round < ROUNDS; round++) {
    // What was removed just now may be listed for a while.
    const now = (await readRoles({ users, groups }, username, choice)).filter(
      ({ name }) => round > 0 || !removed.includes(name),
    )
    const own = now.some(({ name }) => name === role)
    const others = now.filter(({ name }) => name !== role)
    if (others.length === 0) {
      overruledBy = undefined
      if (own) break
      // If both calls removed each other's role, the last one adds its own again.
      await users.addToGroup(username, role, limits)
      continue
    }
    const weakest = now.reduce((a, b) => (rank(a) > rank(b) || (rank(a) === rank(b) && a.name < b.name) ? a : b))
    overruledBy = weakest.name === role ? undefined : weakest.name
    if (overruledBy !== undefined && !own) break
    if (overruledBy !== undefined) await users.removeFromGroup(username, role, limits)
    else for (const { name } of others) await remove(name)
  }
  return { added, removed: [...new Set(removed)], overruledBy }
}
