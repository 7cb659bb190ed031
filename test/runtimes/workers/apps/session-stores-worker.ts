/** A Worker that does to a store, or to renewals, what a request says. */
import {
  d1Sessions,
  durableObjectRenewals,
  durableObjectSessions,
  kvSessions,
  type LoginNamespace,
  type SessionDatabase,
  type SessionNamespace,
  type SessionStore,
} from '../../../../src/login/index.ts'

export { LoginObject } from '../../../../src/login/index.ts'

interface Env {
  readonly KV: SessionNamespace
  readonly DATABASE: SessionDatabase
  readonly LOGIN: LoginNamespace
}

type Call = readonly [
  store: 'kv' | 'd1' | 'object',
  operation: keyof SessionStore | 'migrate',
  ...args: (string | number)[],
]

let count = 0

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/renew') {
      const renewals = durableObjectRenewals(env.LOGIN, { timeout: Number(searchParams.get('timeout') ?? 10) })
      const work = async () => {
        if (searchParams.has('hang')) await new Promise(() => {})
        await new Promise((resolve) => setTimeout(resolve, 30))
        if (searchParams.has('fail')) throw new Error('no network')
        return `${searchParams.get('name')}-${++count}`
      }
      const result = await renewals.once(searchParams.get('key') ?? '', work).catch((error: Error) => error.message)
      return Response.json(result)
    }
    const [kind, operation, ...args] = await request.json<Call>()
    const database = d1Sessions(env.DATABASE)
    if (operation === 'migrate') {
      await env.DATABASE.prepare(database.migration).bind().run()
      return Response.json(null)
    }
    const stores = { kv: kvSessions(env.KV), d1: database, object: durableObjectSessions(env.LOGIN) }
    const store: object = stores[kind]
    const run: (...args: (string | number)[]) => Promise<unknown> = Reflect.get(store, operation)
    return Response.json((await run(...args)) ?? null)
  },
}
