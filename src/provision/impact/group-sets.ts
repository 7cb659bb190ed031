/** Who is in which groups: each distinct set of groups is kept once, and a user is a number. */
export interface GroupSets {
  /** How many users are in any. */
  readonly size: number
  has(username: string): boolean
  add(username: string, group: string): void
  /** The users with their sets of groups, in the order of `groups`: the same array for the same set. */
  entries(): Iterable<readonly [username: string, set: readonly string[]]>
}

export function createGroupSets(groups: readonly string[]): GroupSets {
  const places = new Map(groups.map((group, place) => [group, place]))
  const sets: (readonly number[])[] = [[]]
  const ids = new Map<string, number>()
  const users = new Map<string, number>()

  const idOf = (set: readonly number[]): number => {
    const key = set.join()
    const id = ids.get(key) ?? sets.push(set) - 1
    ids.set(key, id)
    return id
  }
  return {
    get size() {
      return users.size
    },
    has: (username) => users.has(username),
    add(username, group) {
      const place = places.get(group)
      if (place === undefined) return
      const set = sets[users.get(username) ?? 0] ?? []
      if (!set.includes(place)) users.set(username, idOf([...set, place].sort((a, b) => a - b)))
    },
    *entries() {
      const named = sets.map((set) => set.flatMap((place) => groups[place] ?? []))
      for (const [username, id] of users) yield [username, named[id] ?? []]
    },
  }
}
