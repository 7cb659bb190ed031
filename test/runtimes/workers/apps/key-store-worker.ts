/** A guarded Worker whose keys outlive the isolate in a store. */
import { cacheKeyStore, kvKeyStore, perEnv, withGuard } from '../../../../adapters/workers/index.ts'
import { createGuard, type KeyStore } from '../../../../src/index.ts'

interface Env {
  readonly USER_POOL_ID: string
  readonly CLIENT_ID: string
  readonly STORE: 'kv' | 'cache'
  readonly KEYS: KVNamespace
  /** Seconds by which the clock of this Worker is ahead. */
  readonly AHEAD: number
  /** What the store does besides. */
  readonly FAULT: '' | 'slow put' | 'hanging put' | 'hanging get' | 'throws'
}

const isolate = perEnv(createGuardOf)
const guarded = withGuard(isolate, answer)
const cold = withGuard(createGuardOf, answer)

function createGuardOf(env: Env) {
  const keyStore = faulty(env.STORE === 'kv' ? kvKeyStore(env.KEYS) : cacheKeyStore(), env.FAULT)
  const now = () => Date.now() + env.AHEAD * 1000
  return createGuard({ userPoolId: env.USER_POOL_ID, clientId: env.CLIENT_ID, keyStore, now })
}

function answer(
  _request: Request,
  _env: Env,
  _ctx: ExecutionContext,
  principal: { readonly username: string },
): Response {
  return new Response(principal.username)
}

function faulty(store: KeyStore, fault: Env['FAULT']): KeyStore {
  const never = () => new Promise<never>(() => {})
  /** Until the test lets it go on. */
  const wait = () => fetch('https://gate.test/')
  return {
    get(issuer) {
      if (fault === 'throws') throw new Error('The store is down.')
      return fault === 'hanging get' ? never() : store.get(issuer)
    },
    async put(issuer, entry) {
      if (fault === 'throws') throw new Error('The store is down.')
      if (fault === 'hanging put') await never()
      if (fault === 'slow put') await wait()
      await store.put(issuer, entry)
    },
  }
}

export default {
  /** `/cold` is answered as by an isolate that has just started, anything else with what this one remembers. */
  fetch: (request, env, ctx) => (new URL(request.url).pathname === '/cold' ? cold : guarded)(request, env, ctx),
} satisfies ExportedHandler<Env>
