/** How many nodes are kept before all are given up. */
const mostNodes = 2048
/** How many bytes their merges may take together; each takes one for every permission. */
const mostBytes = 4_000_000
/** Longer lists are not kept; Cognito has at most 100 groups for a user. */
const longestList = 1000

/** A node of the tree of group lists: the path from the root is the list, without unknown and repeated names. */
class TrieNode<G, M> {
  readonly group: G | undefined
  readonly parent: TrieNode<G, M> | undefined
  merge: M | undefined = undefined
  /** The first name that led on from here, and where to; later ones are in `more`. */
  name: string | undefined = undefined
  next: TrieNode<G, M> = this
  more: Map<string, TrieNode<G, M>> | undefined = undefined

  constructor(group?: G, parent?: TrieNode<G, M>) {
    this.group = group
    this.parent = parent
  }
}

/**
 * Keeps merges of groups: by identity for frozen arrays, whose content cannot change, and by content for all others.
 * Callers cannot fill it with what they send: an unknown group takes no node, nor does the second mention of a group.
 */
export function createMergeCache<G, M>(
  known: ReadonlyMap<string, G>,
  merge: (groups: readonly G[]) => M,
  permissions: number,
): (memberOf: readonly string[]) => M {
  const frozen = new WeakMap<readonly string[], M>()
  const nobody = merge([])
  const capacity = Math.min(mostNodes, mostBytes / permissions)
  let root = new TrieNode<G, M>()
  let nodes = 0
  // The frozen array that came last: a request asks more than once.
  let latest: readonly string[] = []
  let latestMerge = nobody

  const add = (from: TrieNode<G, M>, name: string): TrieNode<G, M> => {
    const group = known.get(name)
    if (!group) return from
    for (let at: TrieNode<G, M> | undefined = from; at; at = at.parent) if (at.group === group) return from
    const node = new TrieNode(group, from)
    if (from.name === undefined) {
      from.name = name
      from.next = node
    } else {
      from.more ??= new Map()
      from.more.set(name, node)
    }
    if (++nodes > capacity) {
      root = new TrieNode()
      nodes = 0
    }
    return node
  }

  const findByContent = (memberOf: readonly string[]): M => {
    if (memberOf.length > longestList) return merge([...new Set(memberOf.flatMap((name) => known.get(name) ?? []))])
    let node = root
    for (let i = 0; i < memberOf.length; i++) {
      const name = memberOf[i] ?? ''
      node = name === node.name ? node.next : (node.more?.get(name) ?? add(node, name))
    }
    return (node.merge ??= merge(listGroups(node)))
  }

  const find = (memberOf: readonly string[]): M => {
    if (!Array.isArray(memberOf)) return nobody
    if (!Object.isFrozen(memberOf)) return findByContent(memberOf)
    // A copy, since a loop that has seen frozen elements is slow for all others.
    latestMerge = findByContent([...memberOf])
    latest = memberOf
    frozen.set(latest, latestMerge)
    return latestMerge
  }
  return (memberOf) => (memberOf === latest ? latestMerge : (frozen.get(memberOf) ?? find(memberOf)))
}

/** The groups on the path to a node, the first one first. */
function listGroups<G, M>(node: TrieNode<G, M>): readonly G[] {
  const groups: G[] = []
  for (let at: TrieNode<G, M> | undefined = node; at?.group; at = at.parent) groups.unshift(at.group)
  return groups
}
