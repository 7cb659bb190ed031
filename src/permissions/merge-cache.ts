import type { Group, Merge } from './compile.ts'

/** How many places are kept before all are given up. */
const mostPlaces = 2048
/** How many bytes their merges may take together; each takes one for every function. */
const mostBytes = 4_000_000
/** How many names a list may have to get a place; Cognito has at most 100 groups for a user. */
const longestList = 1000

/** A place in the tree of group lists: the way there from the root is the list, without what is unknown or repeated. */
class Place {
  readonly group: Group | undefined
  readonly parent: Place | undefined
  merge: Merge | undefined = undefined
  /** The first name that went on from here, and where to; later ones stand in `more`. */
  name: string | undefined = undefined
  next: Place = this
  more: Map<string, Place> | undefined = undefined

  constructor(group?: Group, parent?: Place) {
    this.group = group
    this.parent = parent
  }
}

/**
 * Remembers merges: by identity for frozen arrays, whose content cannot change, and by content for all others. What
 * callers send cannot fill it: an unknown group takes no place, nor does the second mention of a group.
 */
export function mergeMemory(
  known: ReadonlyMap<string, Group>,
  merge: (groups: readonly Group[]) => Merge,
  permissions: number,
): (memberOf: readonly string[]) => Merge {
  const frozen = new WeakMap<readonly string[], Merge>()
  const nobody = merge([])
  const capacity = Math.min(mostPlaces, mostBytes / permissions)
  let root = new Place()
  let places = 0
  // The frozen array that came last: a request asks more than once.
  let latest: readonly string[] = []
  let latestMerge = nobody

  const goOn = (from: Place, name: string): Place => {
    const group = known.get(name)
    if (!group) return from
    for (let at: Place | undefined = from; at; at = at.parent) if (at.group === group) return from
    const place = new Place(group, from)
    if (from.name === undefined) {
      from.name = name
      from.next = place
    } else {
      from.more ??= new Map()
      from.more.set(name, place)
    }
    if (++places > capacity) {
      root = new Place()
      places = 0
    }
    return place
  }

  const mergeFor = (memberOf: readonly string[]): Merge => {
    if (memberOf.length > longestList) return merge([...new Set(memberOf.flatMap((name) => known.get(name) ?? []))])
    let place = root
    for (let i = 0; i < memberOf.length; i++) {
      const name = memberOf[i] ?? ''
      place = name === place.name ? place.next : (place.more?.get(name) ?? goOn(place, name))
    }
    place.merge ??= merge(groupsTo(place))
    return place.merge
  }

  const find = (memberOf: readonly string[]): Merge => {
    if (!Array.isArray(memberOf)) return nobody
    if (!Object.isFrozen(memberOf)) return mergeFor(memberOf)
    // A copy, since a loop that has seen frozen elements is slow for all others.
    const found = mergeFor([...memberOf])
    frozen.set(memberOf, found)
    latest = memberOf
    latestMerge = found
    return found
  }
  return (memberOf) => (memberOf === latest ? latestMerge : (frozen.get(memberOf) ?? find(memberOf)))
}

function groupsTo(place: Place): readonly Group[] {
  const groups: Group[] = []
  for (let at: Place | undefined = place; at?.group; at = at.parent) groups.unshift(at.group)
  return groups
}
