import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { test } from 'node:test'

/** The main names of every subpath; what they do together is tried below. */
const expected = {
  cognigate: ['createGuard', 'defineGroups', 'AuthenticationError', 'ForbiddenError', 'UnavailableError'],
  'cognigate/hono': ['honoGuard'],
  'cognigate/workers': ['perEnv', 'withGuard'],
  'cognigate/fetch': ['protect', 'protectAll'],
  'cognigate/admin': [
    'createPoolAdmin',
    'isAwsError',
    'paginate',
    'assignRole',
    'highestRole',
    'promote',
    'addMembers',
    'removeMembers',
    'syncMembers',
    'auditPool',
    'streamAudit',
    'signInAsAdmin',
  ],
  'cognigate/credentials': ['roleCredentials'],
  'cognigate/provision': [
    'createIamClient',
    'createIdentityPoolClient',
    'planGroups',
    'applyPlan',
    'describePlan',
    'createUpdate',
    'planImpact',
  ],
  'cognigate/sign-in': [
    'createSignIn',
    'sealStep',
    'openStep',
    'parseStep',
    'authorizedFetch',
    'createAccount',
    'createMfa',
    'createPasskeys',
    'createDevices',
    'clientCredentials',
    'clientToken',
    'SignInError',
  ],
  'cognigate/compiled': ['compileGroups', 'loadGroups'],
  'cognigate/login': ['createLogin'],
  'cognigate/testing': ['createLocalPool'],
  'cognigate/testing/server': ['startLocalServer'],
}

/** The data files among the subpaths. */
const files = ['cognigate/seed.schema.json', 'cognigate/groups.schema.json', 'cognigate/definitions.schema.json']

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

test('no Node is older than `engines` says, and the oldest one that the tests run on is just that', () => {
  const floor = /^>=(\d+\.\d+)$/.exec(manifest.engines.node)?.[1] ?? ''
  assert.equal(manifest.devDependencies.node20, `npm:node@${floor}.0`)
  if (process.versions.bun !== undefined || process.versions.deno !== undefined) return
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [atLeast, andAtLeast] = floor.split('.').map(Number)
  assert.ok(major > atLeast || (major === atLeast && minor >= andAtLeast), process.version)
})

test('every subpath of exports is expected here, and the other way round', () => {
  const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')
  const all = [...Object.keys(expected), ...files]
  assert.deepEqual(subpaths.map((subpath) => subpath.replace('.', 'cognigate')).sort(), all.sort())
})

for (const [name, names] of Object.entries(expected)) {
  test(`${name} can be imported by name and exports what it promises`, async () => {
    const module = await import(name)
    for (const promised of names) assert.equal(typeof module[promised], 'function', promised)
    assert.equal('default' in module, false, 'no default export')
  })
}

test('what a first answer calls is in parentheses, so that V8 compiles it while it reads the module', () => {
  const guard = readFileSync(new URL('../../../dist/src/guard/guard.js', import.meta.url), 'utf8')
  assert.match(guard, /export const createGuard = \(function\(/)
})

test('cognigate/groups.schema.json is the schema of the groups file', async () => {
  const path = createRequire(import.meta.url).resolve('cognigate/groups.schema.json')
  const schema = JSON.parse(readFileSync(path, 'utf8'))
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#')
  assert.ok(schema.definitions.group.properties.allow)
})

test('no file outside of exports can be imported', async () => {
  await assert.rejects(import(['cognigate', 'dist/src/errors.js'].join('/')))
})

const definitions = {
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
}

/** A guard over a pool of its own, an editor's request and a request with a token that is not one. */
async function scene() {
  const { createGuard, defineGroups } = await import('cognigate')
  const { createLocalPool } = await import('cognigate/testing')
  const groups = defineGroups(definitions)
  const pool = await createLocalPool({ groups: ['viewer', 'editor'], users: { alice: { groups: ['viewer'] } } })
  const guard = createGuard({ ...pool.settings, groups })
  const { accessToken } = await pool.tokens('alice')
  const request = (token) =>
    new Request('https://app.test/', { headers: token ? { authorization: `Bearer ${token}` } : {} })
  return {
    guard,
    allowed: request(accessToken),
    forged: request(`${accessToken.slice(0, -6)}AAAAAA`),
    anonymous: request(),
  }
}

test('cognigate: a guard answers who is calling and what they may do', async () => {
  const { guard, allowed, forged, anonymous } = await scene()
  const principal = await guard.authenticate(allowed)
  assert.equal(principal.username, 'alice')
  assert.equal(guard.can(principal, 'posts.read'), true)
  assert.equal(guard.can(principal, 'posts.write'), false)
  await assert.rejects(guard.authenticate(forged), { name: 'AuthenticationError' })
  await assert.rejects(guard.authenticate(anonymous), { name: 'AuthenticationError' })
})

test('cognigate/fetch: a protected handler', async () => {
  const { protect } = await import('cognigate/fetch')
  const { guard, allowed, anonymous } = await scene()
  const handler = protect(guard, 'posts.read', (_request, { principal }) => new Response(principal.username))
  assert.equal(await (await handler(allowed)).text(), 'alice')
  assert.equal((await handler(anonymous)).status, 401)
})

test('cognigate/workers: a fetch handler with a guard per env', async () => {
  const { perEnv, withGuard } = await import('cognigate/workers')
  const { guard, allowed, forged } = await scene()
  const handler = withGuard(
    perEnv(() => guard),
    (_request, _env, _ctx, principal) => new Response(principal.username),
  )
  const context = { waitUntil() {}, passThroughOnException() {} }
  assert.equal(await (await handler(allowed, {}, context)).text(), 'alice')
  assert.equal((await handler(forged, {}, context)).status, 401)
})

test('cognigate/hono: a guarded route', async () => {
  const { Hono } = await import('hono')
  const { honoGuard } = await import('cognigate/hono')
  const { guard, allowed, anonymous } = await scene()
  const { permissionRequired } = honoGuard(guard)
  const app = new Hono()
  app.get('/', permissionRequired('posts.read'), (c) => c.text(c.var.principal.username))
  assert.equal(await (await app.request(allowed)).text(), 'alice')
  assert.equal((await app.request(anonymous)).status, 401)
})

test('cognigate/admin: a membership, made and read', async () => {
  const { createPoolAdmin, isAwsError } = await import('cognigate/admin')
  const { createLocalPool } = await import('cognigate/testing')
  const pool = await createLocalPool({ groups: ['viewer'], users: ['alice'] })
  const { userPoolId, fetch } = pool.settings
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  const admin = createPoolAdmin({ userPoolId, credentials, fetch })
  await admin.users.addToGroup('alice', 'viewer')
  const members = await admin.groups.members('viewer').toArray()
  assert.deepEqual(
    members.map(({ username }) => username),
    ['alice'],
  )
  await assert.rejects(admin.users.get('bob'), (error) => isAwsError(error, 'AdminGetUser'))
})
