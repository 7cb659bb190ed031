import {
  amplifyCookies,
  cookie,
  createGuard,
  defineGroups,
  type GuardOptions,
  type Principal,
} from '../../src/index.ts'
import { otherClientId, otherPoolId } from '../security/world.ts'
import { clientId, userPoolId } from '../support/issuer.ts'
import type { Random } from '../support/random.ts'
import type { FuzzWorld } from './fuzz-world.ts'

export const permissions = ['read', 'write', 'purge'] as const

const groups = defineGroups(
  {
    viewer: { allow: ['read'] },
    editor: { inherits: ['viewer'], allow: ['write'] },
    admin: { allow: ['*'] },
    banned: { deny: ['read'] },
  },
  { permissions },
)

/** What the application throws by itself; it may propagate, and nothing else may. */
export const ownError = new Error('of the application')

/** A guard by chance, and what was asked of it, for the judge. */
export interface FuzzGuard {
  readonly guard: ReturnType<typeof createGuard<string, string, 'any'>>
  readonly options: GuardOptions<string, string, 'any'>
  /** The pool that a request must be of; undefined for any of `pools`. */
  readonly poolOf: (request: Request) => string | undefined
  /** Whether `check` lets nobody pass. */
  readonly refuses: boolean
  /** Where tokens are looked for. */
  readonly source: 'bearer' | 'cookie' | 'other'
  /** The accepted clients by pool; empty for any. */
  readonly clients: Readonly<Record<string, readonly string[]>>
  readonly resolveGroups: ((principal: Principal) => readonly string[]) | undefined
}

export function randomGuard(random: Random, world: FuzzWorld): FuzzGuard {
  const chance = (one: number) => random.below(one) === 0
  const many = chance(3)
  const tokenUse = random.pick(['access', 'access', 'id', 'any'] as const)
  const anyClient = !many && chance(6)
  const { userPoolId: _pool, clientId: _client, ...settings } = world.settings
  const keys = (names: readonly string[]) => ({ keys: names.map((name) => world.key(name).jwk) })
  const stores = [
    async () => ({ issuer: 'https://evil.example', fetchedAt: world.now(), keys: keys(['stranger']).keys }),
    async () => ({ fetchedAt: 1, keys: 1 }),
    async () => undefined,
    () => Promise.reject(new Error('down')),
  ]
  const store = { get: random.pick(stores), put: async () => {} }
  const keysFrom = chance(6) ? { jwks: keys(['key-1', 'key-2']) } : chance(4) ? { keyStore: store } : {}
  const byHost: Readonly<Record<string, string>> = { 'one.example': userPoolId, 'two.example': otherPoolId }
  const selectPool = many && chance(2) ? ({ url }: Request) => byHost[new URL(url).hostname] : undefined
  const resolveGroups = chance(4)
    ? random.pick([() => ['viewer'], () => [], ({ scopes }: Principal) => scopes])
    : undefined
  const sources = [
    { source: 'bearer' as const },
    { source: 'cookie' as const, tokenSource: cookie('t') },
    ...(anyClient ? [] : [{ source: 'cookie' as const, tokenSource: amplifyCookies() }]),
    { source: 'other' as const, tokenSource: ({ headers }: Request) => headers.get('x-token') ?? undefined },
  ]
  const { source, ...from } = random.pick(sources)
  const passing = [() => true, async () => true]
  const refusing = [
    ...[() => false, async () => false, () => 1 as never, () => 'true' as never, async () => ({}) as never],
    () => {
      throw ownError
    },
    () => Promise.reject(ownError),
  ]
  const refuses = chance(10)
  const single = {
    userPoolId,
    clientId: anyClient ? null : random.pick([clientId, [clientId, 'another']]),
    groups,
    ...keysFrom,
  }
  const pools = [
    { userPoolId, clientId, groups, ...keysFrom },
    { userPoolId: otherPoolId, clientId: otherClientId, groups },
  ]
  const options = {
    ...settings,
    ...(many ? { pools, selectPool } : single),
    tokenUse,
    ...(chance(8) && { audience: 'https://api.example' }),
    ...(chance(4) && { clockTolerance: random.pick([1, 5, 60]) }),
    ...(tokenUse === 'access' && chance(6) && { scopes: random.pick([['posts/read'], ['posts/read', 'posts/write']]) }),
    ...from,
    ...(refuses && { validate: random.pick(refusing) }),
    ...(!refuses && chance(5) && { validate: random.pick(passing) }),
    ...(resolveGroups !== undefined && { resolveGroups }),
    ...(chance(4) && { unknownGroups: 'refuse' }),
    ...(chance(5) && { onEvent: random.pick([() => Promise.reject(ownError), () => {}]) }),
    ...(chance(8) && {
      mapClaims: () => {
        throw ownError
      },
    }),
    keyCache: { maxAge: random.pick([0, 60, 3600]), cooldown: random.pick([0, 10]) },
    tokenCache: { maxEntries: random.pick([0, 1, 2, 1000]) },
  } as unknown as GuardOptions<string, string, 'any'>
  return {
    guard: createGuard(options),
    options,
    refuses,
    source,
    poolOf: (request) => (selectPool ? (selectPool(request) ?? '') : undefined),
    clients: many
      ? { [userPoolId]: [clientId], [otherPoolId]: [otherClientId] }
      : { [userPoolId]: [single.clientId ?? []].flat() },
    resolveGroups,
  }
}
