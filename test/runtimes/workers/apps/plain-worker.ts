/** A Worker without a framework: a guarded handler, a WebSocket, a Durable Object and a Worker behind it. */
import { DurableObject } from 'cloudflare:workers'
import { perEnv, withGuard } from '../../../../adapters/workers/index.ts'
import { createGuard, defineGroups } from '../../../../src/index.ts'

interface Env {
  readonly USER_POOL_ID: string
  readonly CLIENT_ID: string
  readonly NAME: string
  readonly ROOM: DurableObjectNamespace<Room>
  /** The Worker behind this one, if there is one. */
  readonly BACK?: Fetcher
}

const groups = defineGroups(
  { viewer: { allow: ['rooms.enter'] }, admin: { allow: ['*'] } },
  {
    permissions: ['rooms.enter', 'rooms.close'],
  },
)
const guardOf = perEnv((env: Env) => createGuard({ userPoolId: env.USER_POOL_ID, clientId: env.CLIENT_ID, groups }))

/** Counts whom its own guard let in, whichever Worker called it. */
export class Room extends DurableObject<Env> {
  readonly #guarded = withGuard(guardOf, async (request: Request, env: Env, ctx: DurableObjectState, principal) => {
    if (new URL(request.url).pathname.endsWith('/close')) guardOf(env).authorize(principal, 'rooms.close', { request })
    const entered = ((await ctx.storage.get<number>('entered')) ?? 0) + 1
    await ctx.storage.put('entered', entered)
    return Response.json({ entered, room: principal.username })
  })

  override fetch(request: Request): Promise<Response> {
    return this.#guarded(request, this.env, this.ctx)
  }
}

const guarded = withGuard(guardOf, (request: Request, env: Env, _ctx: ExecutionContext, principal) => {
  const { pathname } = new URL(request.url)
  if (pathname === '/echo') return echo(principal.username)
  if (pathname === '/back' && env.BACK) return env.BACK.fetch(request)
  return Response.json({ caller: principal.username, worker: env.NAME })
})

function echo(username: string): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.addEventListener('message', ({ data }) => server.send(`${username}: ${data}`))
  return new Response(null, { status: 101, webSocket: client })
}

export default {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    // Nothing in front of these two: what they lead to guards itself.
    if (pathname.startsWith('/room')) return env.ROOM.getByName('one').fetch(request)
    if (pathname === '/bare' && env.BACK) return env.BACK.fetch(request.url)
    return guarded(request, env, ctx)
  },
} satisfies ExportedHandler<Env>
