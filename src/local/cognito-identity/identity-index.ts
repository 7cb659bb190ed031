import { createSortedPairs, type SortedPairs } from '../sorted-pairs.ts'
import type { IdentityPoolState, IdentityState } from '../state/index.ts'

type Identities = IdentityPoolState['identities']

/** What finds the identities of a pool. Made from them when it is first needed, and found by them. */
interface Index {
  /** Whose a login is. */
  readonly owners: Map<string, string>
  readonly all: SortedPairs
  /** Those that are not disabled. */
  readonly enabled: SortedPairs
}

const indexes = new WeakMap<object, Index>()

/** The identity that has a login; undefined where none has it. */
export function findOwner(identities: Identities, provider: string, sub: string): string | undefined {
  return getIndex(identities).owners.get(loginKey(provider, sub))
}

/** The identity of a developer's user; undefined where there is none. */
export function findDeveloperOwner(identities: Identities, user: string): string | undefined {
  return getIndex(identities).owners.get(developerKey(user))
}

/** Keeps an identity, in place of what it was. */
export function putIdentity(identities: Identities, identityId: string, identity: IdentityState): void {
  const index = getIndex(identities)
  const before = identities[identityId]
  if (before !== undefined) drop(index, identityId, before)
  identities[identityId] = identity
  for (const key of keysOf(identity)) index.owners.set(key, identityId)
  index.all.add(identityId, '')
  if (identity.isDisabled !== true) index.enabled.add(identityId, '')
}

/** Takes an identity away, if it is there. */
export function removeIdentity(identities: Identities, identityId: string): void {
  const identity = identities[identityId]
  if (identity === undefined) return
  drop(getIndex(identities), identityId, identity)
  delete identities[identityId]
}

/** The first `count` ids after another one, in their order. */
export function listIdentityIds(
  identities: Identities,
  after: string | undefined,
  { count, hidesDisabled }: { readonly count: number; readonly hidesDisabled: boolean },
): readonly string[] {
  const { all, enabled } = getIndex(identities)
  const pairs = hidesDisabled ? enabled : all
  return pairs.list({ after: after === undefined ? undefined : [after, ''], count }).map(([id]) => id)
}

function drop({ owners, all, enabled }: Index, identityId: string, identity: IdentityState): void {
  for (const key of keysOf(identity)) if (owners.get(key) === identityId) owners.delete(key)
  all.remove(identityId, '')
  enabled.remove(identityId, '')
}

function getIndex(identities: Identities): Index {
  const known = indexes.get(identities)
  if (known !== undefined) return known
  const entries = Object.entries(identities)
  const enabled = entries.filter(([, { isDisabled }]) => isDisabled !== true)
  const made: Index = {
    owners: new Map(entries.flatMap(([id, identity]) => keysOf(identity).map((key) => [key, id] as const))),
    all: createSortedPairs(entries.map(([id]) => [id, ''])),
    enabled: createSortedPairs(enabled.map(([id]) => [id, ''])),
  }
  indexes.set(identities, made)
  return made
}

function keysOf({ logins, developerUsers = [] }: IdentityState): readonly string[] {
  return [
    ...Object.entries(logins).map(([provider, sub]) => loginKey(provider, sub)),
    ...developerUsers.map(developerKey),
  ]
}

function loginKey(provider: string, sub: string): string {
  return `${provider} ${sub}`
}

/** No provider's name begins with a space. */
function developerKey(user: string): string {
  return ` ${user}`
}
