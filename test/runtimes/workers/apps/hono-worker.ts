/** A Hono app behind a guard, with a WebSocket, a mounted app, and a queue consumer beside it. */
import { type Context, Hono } from 'hono'
import { upgradeWebSocket } from 'hono/cloudflare-workers'
import { type GuardEnv, honoGuard } from '../../../../adapters/hono/index.ts'
import { perEnv } from '../../../../adapters/workers/index.ts'
import { createGuard, defineGroups } from '../../../../src/index.ts'

interface Env {
  readonly USER_POOL_ID: string
  readonly CLIENT_ID: string
  readonly ISSUER?: string
  readonly JOBS?: Queue<string>
  readonly DONE?: KVNamespace
}

let guards = 0
const guardOf = perEnv((env: Env) => {
  guards++
  return createGuard({
    userPoolId: env.USER_POOL_ID,
    clientId: env.CLIENT_ID,
    issuer: env.ISSUER,
    groups: defineGroups(
      {
        viewer: { allow: ['posts.read', 'rooms.enter'] },
        editor: { inherits: ['viewer'], allow: ['posts.write'] },
        admin: { allow: ['*'] },
      },
      { permissions: ['posts.read', 'posts.write', 'posts.purge', 'rooms.enter'] },
    ),
  })
})

type AppEnv = GuardEnv & { Bindings: Env }
const { loginCheck, permissionRequired } = honoGuard((c: Context<AppEnv>) => guardOf(c.env))

const mounted = new Hono<AppEnv>()
  .get('/me', loginCheck(), (c) => c.text(c.var.principal.username))
  .get('/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))

const app = new Hono<AppEnv>()
  .get('/posts', permissionRequired('posts.read'), (c) => c.json({ reader: c.var.principal.username, guards }))
  .post('/posts', permissionRequired('posts.write'), async (c) => {
    await c.env.JOBS?.send(`written by ${c.var.principal.username}`)
    return c.json({ author: c.var.principal.username })
  })
  .get('/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))
  .get('/room', permissionRequired('rooms.enter'), (c, next) => {
    const { username } = c.var.principal
    return upgradeWebSocket(() => ({ onMessage: ({ data }, socket) => socket.send(`${username}: ${data}`) }))(c, next)
  })
  .mount('/mounted', mounted.fetch)

export default {
  fetch: app.fetch,
  async queue(batch: MessageBatch<string>, env: Env) {
    for (const { body } of batch.messages) await env.DONE?.put('last', body)
  },
} satisfies ExportedHandler<Env, string>
