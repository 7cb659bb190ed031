import { assertConfig } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import type { Renewals, SessionStore } from './store.ts'

/** What is needed of the platform's DurableObjectState. */
export interface ObjectState {
  readonly storage: {
    get<T>(key: string): Promise<T | undefined>
    put(key: string, value: unknown): Promise<void>
    deleteAll(): Promise<void>
    setAlarm(time: number): Promise<void>
  }
}

/** What is needed of the platform's DurableObjectNamespace, bound to `LoginObject`. */
export interface LoginNamespace<Id = unknown> {
  idFromName(name: string): Id
  get(id: Id): { fetch(request: Request): Promise<Response> }
}

interface Entry {
  readonly value: string
  readonly until: number
}

type Command =
  | { readonly do: 'get' | 'delete' | 'release' }
  | { readonly do: 'put' | 'replace' | 'publish'; readonly value: string; readonly seconds: number }
  | { readonly do: 'claim'; readonly seconds: number }

/**
 * A Durable Object for `durableObjectSessions` and `durableObjectRenewals`: one object a session, or a renewal. Export it from
 * the Worker, and bind it in wrangler.toml.
 *
 * @example
 * ```ts
 * export { LoginObject } from 'cognigate/login'
 * ```
 */
export class LoginObject {
  readonly #storage: ObjectState['storage']

  constructor(state: ObjectState) {
    this.#storage = state.storage
  }

  async fetch(request: Request): Promise<Response> {
    return Response.json(await this.#run(await request.json()))
  }

  /** Clears the storage when what it holds is over. */
  async alarm(): Promise<void> {
    await this.#storage.deleteAll()
  }

  async #run(command: Command): Promise<{ readonly value?: string | undefined; readonly isTaken?: boolean }> {
    const storage = this.#storage
    const now = Date.now()
    const entry = await storage.get<Entry>('entry')
    const value = entry && entry.until > now ? entry.value : undefined
    switch (command.do) {
      case 'get':
        return { value }
      case 'replace':
        if (value === undefined) return {}
        break
      case 'delete':
        await storage.deleteAll()
        return {}
      case 'release':
        await storage.put('claim', 0)
        return {}
      case 'claim': {
        const claimed = (await storage.get<number>('claim')) ?? 0
        if (value !== undefined || claimed > now) return { value, isTaken: true }
        await storage.put('claim', now + command.seconds * 1000)
        await storage.setAlarm(now + 3600_000)
        return {}
      }
    }
    const until = now + command.seconds * 1000
    await storage.put('entry', { value: command.value, until })
    await storage.setAlarm(until)
    return {}
  }
}

async function ask<Id>(namespace: LoginNamespace<Id>, name: string, command: Command) {
  const stub = namespace.get(namespace.idFromName(name))
  const request = new Request('https://login.cognigate.invalid/', { method: 'POST', body: JSON.stringify(command) })
  const answer: { readonly value?: string; readonly isTaken?: boolean } = await (await stub.fetch(request)).json()
  return answer
}

/**
 * Keeps sessions in Durable Objects, one a session. A sign-out counts everywhere at once. Throws ConfigurationError where `namespace`
 * is none.
 *
 * @example
 * ```ts
 * import { durableObjectSessions, type LoginNamespace } from 'cognigate/login'
 *
 * const storeOf = (env: { readonly LOGIN: LoginNamespace }) => durableObjectSessions(env.LOGIN)
 * ```
 */
export function durableObjectSessions<Id>(namespace: LoginNamespace<Id>): SessionStore {
  checkNamespace('durableObjectSessions', namespace)
  const run = async (key: string, command: Command) => ask(namespace, `session ${key}`, command)
  return {
    get: async (key) => (await run(key, { do: 'get' })).value,
    put: async (key, value, seconds) => void (await run(key, { do: 'put', value, seconds })),
    replace: async (key, value, seconds) => void (await run(key, { do: 'replace', value, seconds })),
    delete: async (key) => void (await run(key, { do: 'delete' })),
  }
}

export interface DurableObjectRenewalsOptions {
  /** Seconds that one renewal may take, before another isolate tries. Default 10. */
  readonly timeout?: number | undefined
  /** Seconds for which its result is kept, for browsers that never got it. Default 3,600. */
  readonly keepFor?: number | undefined
  /** Replaces the timer. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined
}

/**
 * Lets one of all isolates renew a session, and gives the others its tokens: for app clients that rotate refresh tokens without a
 * grace period. Throws ConfigurationError where `namespace` is none.
 *
 * @example
 * ```ts
 * import { durableObjectRenewals, type LoginNamespace } from 'cognigate/login'
 *
 * const renewalsOf = (env: { readonly LOGIN: LoginNamespace }) => durableObjectRenewals(env.LOGIN)
 * ```
 */
export function durableObjectRenewals<Id>(
  namespace: LoginNamespace<Id>,
  options: DurableObjectRenewalsOptions = {},
): Renewals {
  checkOptions<DurableObjectRenewalsOptions>('durableObjectRenewals', options, ['timeout', 'keepFor', 'sleep'])
  checkNamespace('durableObjectRenewals', namespace)
  const { timeout = 10, keepFor = 3600 } = options
  const sleep = options.sleep ?? ((time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)))
  return {
    async once(key, work) {
      const run = (command: Command) => ask(namespace, `renewal ${key}`, command)
      // The intervals double, and together are longer than a claim.
      for (let wait = 25; ; wait *= 2) {
        const { value, isTaken } = await run({ do: 'claim', seconds: timeout })
        if (value !== undefined) return value
        if (!isTaken) break
        if (wait > timeout * 2000) throw new Error('Another isolate renews this session, and does not come to an end.')
        await sleep(wait)
      }
      let value: string
      try {
        value = await work()
      } catch (error) {
        await run({ do: 'release' }).catch(() => {})
        throw error
      }
      await run({ do: 'publish', value, seconds: keepFor }).catch(() => {})
      return value
    },
  }
}

function checkNamespace<Id>(place: string, namespace: LoginNamespace<Id> | undefined): void {
  const isBound = typeof namespace?.idFromName === 'function'
  assertConfig(place, isBound, 'a Durable Object namespace of LoginObject; is its binding configured?')
}
