import { assertConfig } from '../../errors.ts'
import type { SessionStore } from './store.ts'

/** What is needed of the platform's KVNamespace. */
export interface SessionNamespace {
  get(key: string): Promise<string | null>
  put(key: string, value: string, options: { readonly expirationTtl: number }): Promise<void>
}

/** The shortest life of an entry that Workers KV knows, in seconds. */
const SHORTEST = 60

/** How long a mark stays that says that a session has ended: the longest life of a session that there may be. */
const ENDED = 400 * 86_400

/**
 * Keeps sessions in Workers KV. A write takes a minute or so to be seen everywhere, a sign-out too; D1 and Durable Objects take
 * none. An end is written beside the session, and never over it, so that a renewal under way cannot undo it. Throws ConfigurationError
 * where `namespace` is none.
 *
 * @example
 * ```ts
 * import { kvSessions, type SessionNamespace } from 'cognigate/login'
 *
 * const storeOf = (env: { readonly SESSIONS: SessionNamespace }) => kvSessions(env.SESSIONS)
 * ```
 */
export function kvSessions(namespace: SessionNamespace): SessionStore {
  assertConfig('kvSessions', typeof namespace?.put === 'function', 'a KV namespace; is its binding configured?')
  const keyOf = (key: string) => `cognigate:sessions:v1:${key}`
  const endOf = (key: string) => `cognigate:ended:v1:${key}`
  const write = (name: string, value: string, seconds: number) =>
    namespace.put(name, value, { expirationTtl: Math.max(SHORTEST, Math.ceil(seconds)) })
  const isEnded = async (key: string) => (await namespace.get(endOf(key))) !== null
  async function get(key: string): Promise<string | undefined> {
    const [value, ended] = await Promise.all([namespace.get(keyOf(key)), isEnded(key)])
    return ended ? undefined : (value ?? undefined)
  }
  return {
    get,
    put: (key, value, seconds) => write(keyOf(key), value, seconds),
    async replace(key, value, seconds) {
      if ((await get(key)) !== undefined) await write(keyOf(key), value, seconds)
    },
    async delete(key) {
      await write(endOf(key), '1', ENDED)
      await write(keyOf(key), '', SHORTEST)
    },
  }
}
