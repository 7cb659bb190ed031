import { isAwsError, type PoolAdmin } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'

/** Who was in which group already. */
export interface MemberIndex {
  /** Throws AwsError. */
  has(username: string, group: string): Promise<boolean>
}

/** Members of a group as far as they are kept: all, or none where there are too many. */
type Members = ReadonlySet<string> | 'too many'

/** How many names of one group are kept, and how many groups. */
const [MOST_NAMES, MOST_GROUPS] = [10_000, 10]

/**
 * Lists each group once, when its first membership comes, since a page tells of 60 users at once; users of larger groups are
 * looked up one by one. So what is kept does not grow with the pool. `namesDiffer`: users are asked by other names than the pool's.
 */
export function createMemberIndex(
  admin: PoolAdmin,
  call: () => CallOptions,
  { namesDiffer, ignoresCase }: { readonly namesDiffer: boolean; readonly ignoresCase: boolean },
): MemberIndex {
  const lists = new Map<string, Promise<Members>>()
  const fold = (name: string) => (ignoresCase ? name.toLowerCase() : name)

  const list = async (group: string): Promise<Members> => {
    const names = new Set<string>()
    for await (const { username } of admin.groups.members(group, call())) {
      names.add(fold(username))
      if (names.size > (namesDiffer ? 0 : MOST_NAMES)) return 'too many'
    }
    return names
  }
  const membersOf = (group: string) => {
    const known = lists.get(group)
    if (known !== undefined) return known
    const listing = list(group)
    listing.catch((error: unknown) => {
      // A group that is missing stays so; what else failed is tried again.
      if (!isAwsError(error) || error.code !== 'ResourceNotFoundException') lists.delete(group)
    })
    for (const name of lists.keys()) if (lists.size >= MOST_GROUPS) lists.delete(name)
    lists.set(group, listing)
    return listing
  }

  return {
    async has(username, group) {
      const members = await membersOf(group)
      if (members !== 'too many') return members.has(fold(username))
      for await (const { name } of admin.users.groups(username, call())) if (name === group) return true
      return false
    },
  }
}
