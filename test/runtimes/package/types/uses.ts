/** What an application writes, compiled against the packed types: each line that is marked has to be an error. */
import { createPoolAdmin, isAwsError } from 'cognigate/admin'
import { roleCredentials } from 'cognigate/credentials'
import { protect, protectAll } from 'cognigate/fetch'
import { honoGuard } from 'cognigate/hono'
import { planGroups } from 'cognigate/provision'
import { createLocalPool } from 'cognigate/testing'
import { perEnv, withGuard } from 'cognigate/workers'
import { Hono } from 'hono'
import { type CognisesGroup, createGuard, defineGroups, type IdPrincipal } from 'cognigate'

const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client' }
const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})
const guard = createGuard({ ...pool, groups })
const inline = createGuard({ ...pool, groups: defineGroups({ viewer: { allow: ['posts.read'] } }) })
const listed = createGuard({ ...pool, groups: defineGroups({ all: { allow: ['*'] } }, { permissions: ['a', 'b'] }) })
const many = createGuard({ pools: [{ ...pool, groups: defineGroups({ clerk: { allow: ['orders.read'] } }) }] })
const other = guard.withGroups(defineGroups({ clerk: { allow: ['orders.read'] } }))
const cognises: readonly CognisesGroup<'x' | 'y', 'g'>[] = [{ group_name: 'g', allowed_functions: ['x'] }]

groups.can(['editor'], 'posts.read')
// @ts-expect-error misspelt
groups.can(['editor'], 'posts.raed')
// @ts-expect-error misspelt parent
defineGroups({ viewer: { allow: ['a'] }, editor: { inherits: ['viewr'] } })
// @ts-expect-error not in the list
defineGroups({ viewer: { allow: ['b'] } }, { permissions: ['a'] })
defineGroups(cognises).can([], 'y')
// @ts-expect-error not one of the file
defineGroups(cognises).can([], 'z')
defineGroups(JSON.parse('{}')).can([], 'any')
defineGroups(JSON.parse('[]') as ReturnType<typeof JSON.parse>[]).can([], 'any')

export async function answer(request: Request): Promise<Response> {
  const principal = await guard.authenticate(request)
  guard.authorize(principal, 'posts.write', { request })
  // @ts-expect-error misspelt
  guard.authorize(principal, 'posts.wriet')
  inline.can(await inline.authenticate(request), 'posts.read')
  // @ts-expect-error misspelt, inline
  inline.can(await inline.authenticate(request), 'posts.raed')
  listed.can(await listed.authenticate(request), 'b')
  // @ts-expect-error misspelt, with a list
  listed.can(await listed.authenticate(request), 'c')
  many.can(await many.authenticate(request), 'orders.read')
  // @ts-expect-error misspelt, in pools
  many.can(await many.authenticate(request), 'orders.raed')
  other.can(await other.authenticate(request), 'orders.read')
  // @ts-expect-error misspelt, in withGroups
  other.can(await other.authenticate(request), 'orders.raed')
  // @ts-expect-error a machine has no user name
  if (principal.kind === 'client') return new Response(principal.username)
  return new Response(principal.username)
}

export const api = protectAll(guard, { 'posts.read': (_request, { principal }) => new Response(principal.username) })
export const post = protect(guard, 'posts.read', () => new Response())
// @ts-expect-error misspelt
export const raed = protect(guard, 'posts.raed', () => new Response())

const { loginCheck, permissionRequired } = honoGuard(guard)
export const app = new Hono()
  .use('/api/*', loginCheck())
  .get('/api/posts', permissionRequired('posts.read'), (c) => c.json(c.var.principal.username))
// @ts-expect-error misspelt
permissionRequired('posts.raed')

const guardOf = perEnv((env: { POOL: string }) => createGuard({ userPoolId: env.POOL, clientId: 'client', groups }))
export const handler = withGuard(guardOf, (_request, _env, _context, principal) => new Response(principal.sub))

const admin = createPoolAdmin({ ...pool, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
export async function administered(error: unknown, principal: IdPrincipal): Promise<unknown> {
  if (isAwsError(error, 'AdminGetUser')) return error.code
  const byId = createGuard({ ...pool, tokenUse: 'id' })
  await roleCredentials(principal, { guard: byId, identityPoolId: 'eu-west-1:x' })
  // @ts-expect-error the user name is missing
  return [await admin.call('AdminGetUser', {}), planGroups, createLocalPool]
}
