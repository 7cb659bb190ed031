import { createSortedPairs, type SortedPairs } from './sorted-pairs.ts'

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

/** How long entries stay after their end, in milliseconds, so that who shows one is told that it has ended. */
const memory = 86_400_000

/** Made from the entries, and found by them: the state itself stays plain JSON. */
const indexes = new WeakMap<object, Index>()

/** Puts an entry in. Entries that ended a day ago leave, a few at a time. */
export function putEnding<T extends Ending>(entries: Record<string, T>, key: string, entry: T, now: number): void {
  const index = indexOf(entries)
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
  const { byEnd, byOwner } = indexOf(entries)
  byEnd.remove(endOf(entry), key)
  const owner = ownerOf(entry)
  const owned = byOwner.get(owner)
  owned?.delete(key)
  if (owned?.size === 0) byOwner.delete(owner)
  delete entries[key]
}

/** Takes everything of one owner away. */
export function removeEndingOf(entries: Record<string, Ending>, owner: string): void {
  for (const key of [...(indexOf(entries).byOwner.get(owner) ?? [])]) removeEnding(entries, key)
}

function indexOf(entries: Readonly<Record<string, Ending>>): Index {
  const known = indexes.get(entries)
  if (known !== undefined) return known
  const list = Object.entries(entries)
  const index = { byEnd: createSortedPairs(list.map(([key, entry]) => [endOf(entry), key])), byOwner: new Map() }
  for (const [key, entry] of list) addOwner(index, key, entry)
  indexes.set(entries, index)
  return index
}

function addTo(index: Index, key: string, entry: Ending): void {
  index.byEnd.add(endOf(entry), key)
  addOwner(index, key, entry)
}

function addOwner({ byOwner }: Index, key: string, entry: Ending): void {
  const owner = ownerOf(entry)
  if (owner === '') return
  const owned = byOwner.get(owner)
  if (owned === undefined) byOwner.set(owner, new Set([key]))
  else owned.add(key)
}

function ownerOf({ username, identityPoolId }: Ending): string {
  return username ?? identityPoolId ?? ''
}

/** As text that sorts like the number. */
function endOf({ until }: Ending): string {
  return String(Math.max(0, Math.ceil(until))).padStart(17, '0')
}
