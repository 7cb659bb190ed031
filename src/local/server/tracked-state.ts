import type { State } from '../state/index.ts'

/** The way to a value in the state: `['pools', id, 'users', name]` at the longest. */
export type Path = readonly string[]

/** A state whose changes are noticed. */
export interface TrackedState {
  /** For everything that works with the state. */
  readonly state: State
  /** Takes the paths of what has changed since it was asked last, oldest first. */
  takeChanges(): Path[]
  /** Keeps these for the next time that it is asked, without calling for that: what was taken could not be written. */
  putBack(paths: readonly Path[]): void
}

/** Members of the state whose entries hold collections of their own: user pools hold users, identity pools identities. */
const containers = new Set(['pools', 'identityPools'])

/**
 * Notices every change, whoever makes it: operations write to the state as to any object. The state itself, its
 * collections, the pools in them and the collections of those are proxies; what these hold is plain, and is replaced as a
 * whole and never changed, so that a path says all about a change. `onFirst` is called for the first change since the
 * changes were taken.
 */
export function trackState(raw: State, onFirst: () => void): TrackedState {
  const changed = new Map<string, Path>()
  const targets = new WeakMap<object, object>()
  const proxies = new WeakMap<object, object>()
  let isAnnounced = false
  const add = (path: Path) => {
    const key = JSON.stringify(path)
    changed.delete(key)
    changed.set(key, path)
  }
  const mark = (path: Path) => {
    if (!isAnnounced) {
      isAnnounced = true
      onFirst()
    }
    add(path)
  }
  const toRaw = (value: unknown): unknown => (isObjectLike(value) ? (targets.get(value) ?? value) : value)
  /** A copy of a pool holds proxies of its collections. */
  const toRawEntry = (value: unknown): unknown => {
    const entry = toRaw(value)
    if (!isObjectLike(entry) || Array.isArray(entry)) return entry
    const members = entry as Record<string, unknown>
    for (const [name, member] of Object.entries(members)) {
      const target = toRaw(member)
      if (target !== member) members[name] = target
    }
    return entry
  }
  const wrap = (target: object, path: Path): object => {
    const known = proxies.get(target)
    if (known !== undefined) return known
    const proxy = new Proxy(target, {
      get(object, name, receiver) {
        const value: unknown = Reflect.get(object, name, receiver)
        if (typeof name === 'symbol' || !isObjectLike(value) || !isTracked([...path, name])) return value
        return Object.hasOwn(object, name) ? wrap(value, [...path, name]) : value
      },
      set(object, name, value) {
        if (typeof name === 'symbol') return false
        const at = [...path, name]
        const before: unknown = Reflect.get(object, name)
        const after = toRawEntry(value)
        if (!Reflect.set(object, name, after)) return false
        for (const part of differences(at, before, after)) mark(part)
        return true
      },
      deleteProperty(object, name) {
        if (typeof name === 'symbol') return false
        mark([...path, name])
        return Reflect.deleteProperty(object, name)
      },
    })
    proxies.set(target, proxy)
    targets.set(proxy, target)
    return proxy
  }
  return {
    state: wrap(raw, []) as State,
    takeChanges() {
      const paths = [...changed.values()]
      changed.clear()
      isAnnounced = false
      return paths
    },
    putBack: (paths) => paths.forEach(add),
  }
}

/** What of a write is a change: where a pool takes the place of itself, only the members that are others now. */
function differences(path: Path, before: unknown, after: unknown): Path[] {
  if (!isContainer(path) || !isRecord(before) || !isRecord(after)) return [path]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).map((name) => [...path, name])
}

/** Whether the entry at this path holds collections of its own. */
export function isContainer(path: Path): boolean {
  return path.length === 2 && containers.has(path[0] ?? '')
}

/** Whether what is below this path can change on its own. */
export function isTracked(path: Path): boolean {
  return path.length === 1 || (path.length <= 3 && containers.has(path[0] ?? ''))
}

function isObjectLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObjectLike(value) && !Array.isArray(value)
}
