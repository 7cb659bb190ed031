import { compareText } from './json.ts'

/** Where a list begins and ends. */
export interface Range {
  /** The first key; with `isPrefix` also all that begin with it. Default: all keys. */
  readonly key?: string | undefined
  readonly isPrefix?: boolean | undefined
  /** Only what comes after this pair. */
  readonly after?: readonly [key: string, name: string] | undefined
  readonly count: number
}

/** Pairs of a key and a name, in the order of their keys and then of their names. No pair is there twice. */
export interface SortedPairs {
  readonly size: number
  add(key: string, name: string): void
  remove(key: string, name: string): void
  list(range: Range): (readonly [key: string, name: string])[]
}

/** A run of pairs, in two arrays side by side, since 100,000 small arrays would need more memory than their content. */
interface Run {
  readonly keys: string[]
  readonly names: string[]
}

/** A run is cut in two when it is longer. Whatever changes moves no more than one run. */
const longestRun = 512

/** Pairs that are found, added and removed by bisection, among runs and then within one. `pairs` come in any order. */
export function createSortedPairs(pairs: readonly (readonly [key: string, name: string])[] = []): SortedPairs {
  const runs: Run[] = []
  let size = pairs.length
  const sorted = pairs.toSorted(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
  for (let at = 0; at < sorted.length; at += longestRun / 2) {
    const part = sorted.slice(at, at + longestRun / 2)
    runs.push({ keys: part.map(([key]) => key), names: part.map(([, name]) => name) })
  }
  /** The first place whose pair does not come before this one. */
  const find = (key: string, name: string): [run: Run | undefined, runAt: number, at: number] => {
    const runAt = bisect(runs.length, (index) => {
      const run = runs[index]
      return run !== undefined && isBefore(run, run.keys.length - 1, key, name)
    })
    const run = runs[runAt]
    return [run, runAt, run === undefined ? 0 : bisect(run.keys.length, (index) => isBefore(run, index, key, name))]
  }
  return {
    get size() {
      return size
    },
    add(key, name) {
      const [found, foundAt, place] = find(key, name)
      if (found?.keys[place] === key && found.names[place] === name) return
      size += 1
      const last = runs.at(-1)
      const [run, runAt, at] =
        found === undefined && last !== undefined
          ? [last, runs.length - 1, last.keys.length]
          : [found ?? { keys: [], names: [] }, foundAt, place]
      if (runs[runAt] === undefined) runs.push(run)
      run.keys.splice(at, 0, key)
      run.names.splice(at, 0, name)
      if (run.keys.length <= longestRun) return
      const half = longestRun / 2
      runs.splice(runAt + 1, 0, { keys: run.keys.splice(half), names: run.names.splice(half) })
    },
    remove(key, name) {
      const [run, runAt, at] = find(key, name)
      if (run?.keys[at] !== key || run.names[at] !== name) return
      size -= 1
      run.keys.splice(at, 1)
      run.names.splice(at, 1)
      if (run.keys.length === 0) runs.splice(runAt, 1)
    },
    list({ key = '', isPrefix = key === '', after, count }) {
      const from = after !== undefined && compareText(after[0], key) >= 0 ? after : ([key, ''] as const)
      const result: (readonly [string, string])[] = []
      let [, runAt, at] = find(from[0], from[1])
      for (let run = runs[runAt]; run !== undefined; runAt += 1, run = runs[runAt], at = 0) {
        for (; at < run.keys.length; at += 1) {
          const [foundKey = '', name = ''] = [run.keys[at], run.names[at]]
          const fits = isPrefix ? foundKey.startsWith(key) : foundKey === key
          if (!fits || result.length === count) return result
          if (after?.[0] !== foundKey || after[1] !== name) result.push([foundKey, name])
        }
      }
      return result
    },
  }
}

function isBefore({ keys, names }: Run, at: number, key: string, name: string): boolean {
  return (compareText(keys[at] ?? '', key) || compareText(names[at] ?? '', name)) < 0
}

/** The first number from 0 to `length` for which `isLow` does not hold. */
function bisect(length: number, isLow: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isLow(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Something that ends. `until` is in milliseconds since the epoch. */
interface Ending {
  readonly until: number
  /** Whose it is: a user's or an identity pool's, with which it can be taken away. */
  readonly username?: string | undefined
  readonly identityPoolId?: string | undefined
}

interface Index {
  readonly byEnd: SortedPairs
  readonly byOwner: Map<string, Set<string>>
}

/** How long entries stay after they expire, in milliseconds, so that the answer can say that they have expired. */
const memory = 86_400_000

/** Made from the entries, and found by them: the state itself stays plain JSON. */
const indexes = new WeakMap<object, Index>()

/** Puts an entry in. Entries that ended a day ago leave, a few at a time. */
export function putEnding<T extends Ending>(entries: Record<string, T>, key: string, entry: T, now: number): void {
  const index = getIndex(entries)
  for (const [, old] of index.byEnd.list({ count: 3 })) {
    const found = entries[old]
    if (found !== undefined && found.until + memory <= now) removeEnding(entries, old)
  }
  removeEnding(entries, key)
  entries[key] = entry
  addTo(index, key, entry)
}

/** Takes an entry away, if it is there. */
export function removeEnding(entries: Record<string, Ending>, key: string): void {
  const entry = entries[key]
  if (entry === undefined) return
  const { byEnd, byOwner } = getIndex(entries)
  byEnd.remove(formatEnd(entry), key)
  const owner = readOwner(entry)
  const owned = byOwner.get(owner)
  owned?.delete(key)
  if (owned?.size === 0) byOwner.delete(owner)
  delete entries[key]
}

/** The keys of everything that one owner has. */
export function keysOfOwner(entries: Readonly<Record<string, Ending>>, owner: string): readonly string[] {
  return [...(getIndex(entries).byOwner.get(owner) ?? [])]
}

/** Takes everything of one owner away. */
export function removeEndingOf(entries: Record<string, Ending>, owner: string): void {
  for (const key of keysOfOwner(entries, owner)) removeEnding(entries, key)
}

function getIndex(entries: Readonly<Record<string, Ending>>): Index {
  const known = indexes.get(entries)
  if (known !== undefined) return known
  const list = Object.entries(entries)
  const index = { byEnd: createSortedPairs(list.map(([key, entry]) => [formatEnd(entry), key])), byOwner: new Map() }
  for (const [key, entry] of list) addOwner(index, key, entry)
  indexes.set(entries, index)
  return index
}

function addTo(index: Index, key: string, entry: Ending): void {
  index.byEnd.add(formatEnd(entry), key)
  addOwner(index, key, entry)
}

function addOwner({ byOwner }: Index, key: string, entry: Ending): void {
  const owner = readOwner(entry)
  if (owner === '') return
  const owned = byOwner.get(owner)
  if (owned === undefined) byOwner.set(owner, new Set([key]))
  else owned.add(key)
}

function readOwner({ username, identityPoolId }: Ending): string {
  return username ?? identityPoolId ?? ''
}

/** As text that sorts like the number. */
function formatEnd({ until }: Ending): string {
  return String(Math.max(0, Math.ceil(until))).padStart(17, '0')
}
