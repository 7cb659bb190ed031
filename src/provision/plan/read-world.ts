import type { Group } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import type { Sight } from './fingerprint.ts'
import { observe, observeRoles, type ObservedRole, type ProvisionClients, type Surroundings } from './observe.ts'
import { countMembers } from './pruning.ts'

/** What of the world a plan is about. */
export interface Scope {
  readonly groups: readonly string[]
  /** Names of roles, which need not be there. */
  readonly roles: readonly string[]
  /** Groups whose members are counted. */
  readonly counted: readonly string[]
}

/** The world as a plan sees it. */
export interface World extends Surroundings {
  readonly sight: Sight
  /** The roles of the scope that are there, by name in lower case. */
  readonly roles: ReadonlyMap<string, ObservedRole>
}

/** Reads the world; `scopeOf` says what of it, once groups and the names of roles are known. */
export async function readWorld(
  clients: ProvisionClients,
  scopeOf: (around: Surroundings) => Scope,
  options: CallOptions,
  onProgress: ((progress: { readonly read: number; readonly total: number }) => void) | undefined,
): Promise<World> {
  const around = await observe(clients, options)
  const { groups, roles: names, counted } = scopeOf(around)
  const wanted = [...new Set(names.map((name) => name.toLowerCase()))]
  const there = wanted.flatMap((name) => around.roleNames.get(name) ?? [])
  let read = 0
  const roles = await observeRoles(clients.iam, there, options, () =>
    onProgress?.({ read: ++read, total: there.length }),
  )
  const known = counted.map((name) => around.groups.get(name)).filter((group): group is Group => group !== undefined)
  const members = await countMembers(clients.admin, known, options)
  const sight = {
    groups: new Map(groups.map((name) => [name, around.groups.get(name)])),
    roles: new Map(wanted.map((name) => [name, roles.get(name)])),
    identityPool: around.identityPool,
    members,
  }
  return { ...around, roles, sight }
}
