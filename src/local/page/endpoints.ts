import { ConfigurationError } from '../../errors.ts'
import { countUsers } from '../cognito-idp/directory.ts'
import { perform } from '../dispatcher.ts'
import type { FaultOptions } from '../faults.ts'
import { isObject, type JsonObject } from '../json.ts'
import { ServiceError } from '../operation.ts'
import type { PoolState } from '../state/index.ts'
import { createTokenIssuer } from '../token-issuer.ts'
import type { World } from '../world.ts'
import { redact } from './redact.ts'

/** What the page asks for. It resolves to plain JSON. */
export type Endpoint = (world: World, input: JsonObject) => unknown

/** An answer that is no success. */
export class PageError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The longest input or output that is shown, as text. */
const longestText = 20_000

/** By method and path below `/_cognigate/`. What reads or writes the pools is an operation of Cognito itself. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  'GET overview': (world) => ({
    now: world.clock.now(),
    pools: Object.values(world.state.pools).map((pool) => ({
      id: pool.userPoolId,
      name: pool.name,
      region: pool.region,
      users: countUsers(pool),
      groups: Object.keys(pool.groups).length,
      clients: Object.values(pool.clients).map(({ clientId, name }) => ({ id: clientId, name })),
    })),
  }),

  'GET operations': (world) => Object.keys(world.operations),

  'POST call': async (world, { pool: id, operation, input }) => {
    const { region, userPoolId } = readPool(world, id)
    const known = Object.hasOwn(world.operations, `cognito-idp.${operation}`)
    if (!known) throw new ConfigurationError('operation: expected one of Cognito that the local AWS offers.')
    if (!isObject(input)) throw new ConfigurationError('input: expected an object.')
    const call = {
      service: 'cognito-idp',
      operation: String(operation),
      region,
      input: { ...input, UserPoolId: userPoolId },
    }
    const output = await perform(world, call)
    if (output instanceof ServiceError) throw new PageError(400, output.code, output.message)
    return output ?? {}
  },

  'GET outbox': (world, { pool }) => readPool(world, pool).outbox.slice(-50).reverse(),

  'GET calls': (world, { after = '0', secrets }) => {
    const clean = secrets === 'shown' ? (value: unknown) => value : redact
    const shown = (value: unknown) => {
      const text = value === undefined ? undefined : JSON.stringify(clean(value), undefined, 2)
      return text !== undefined && text.length > longestText ? `${text.slice(0, longestText)}\n…` : text
    }
    const wanted = world.log.recent().filter(({ id, duration }) => id > Number(after) || duration === undefined)
    return wanted.slice(-100).map(({ id, request, input, output, error, duration }) => ({
      ...{ id, ...request, duration, error },
      ...{ input: shown(input), output: shown(output) },
    }))
  },

  'POST tokens': (world, { pool: id, username, clientId }) => {
    const pool = readPool(world, id)
    const keys = world.keys[pool.userPoolId]
    const [first] = Object.keys(pool.clients)
    const client = clientId ?? first
    if (keys === undefined || typeof client !== 'string')
      throw new ConfigurationError('clientId: the pool has no app client.')
    return createTokenIssuer(world, () => pool, keys, client).tokens(String(username))
  },

  'POST keys': (world, { pool: id, keepOld = true }) => {
    const pool = readPool(world, id)
    world.keys[pool.userPoolId]?.rotate(keepOld !== false)
    return {}
  },

  'POST clock': (world, { seconds }) => {
    if (typeof seconds !== 'number') throw new ConfigurationError('seconds: expected a number.')
    world.clock.advance(seconds)
    return { now: world.clock.now() }
  },

  'GET faults': (world) => world.faults.list(),

  'POST faults': (world, { operation, options, pool }) => {
    if (typeof operation !== 'string') throw new ConfigurationError('operation: expected the name of one, or *.')
    if (!isObject(options)) throw new ConfigurationError('options: expected an object.')
    world.faults.add(
      operation,
      options as FaultOptions,
      pool === undefined ? undefined : readPool(world, pool).userPoolId,
    )
    return world.faults.list()
  },

  'POST recover': (world) => {
    world.faults.clear()
    return world.faults.list()
  },
}

function readPool({ state }: World, id: unknown): PoolState {
  const pool = typeof id === 'string' && Object.hasOwn(state.pools, id) ? state.pools[id] : undefined
  if (pool === undefined) throw new PageError(404, 'ResourceNotFoundException', 'There is no such user pool.')
  return pool
}
