/** The Node that an app needs, for wrangler and for definitions in TypeScript. The API of the package itself runs on older ones. */
export const nodeOfApps = '22.18'

/** The files of a new app by their path: a guarded Hono Worker, its tests, its settings, and what its local AWS begins with. */
export function appFiles(name: string, version: string): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(manifest(name, version), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(tsconfig, null, 2)}\n`,
    'wrangler.toml': wrangler(name),
    'seed.yaml': seed,
    '.gitignore': 'node_modules\n.wrangler\n.cognigate\n',
    'README.md': readme(name),
    'src/groups.ts': groups,
    'src/worker.ts': worker,
    'test/worker.test.ts': test,
  }
}

function manifest(name: string, version: string) {
  return {
    name,
    private: true,
    type: 'module',
    engines: { node: `>=${nodeOfApps}` },
    scripts: {
      dev: 'cognigate dev --seed seed.yaml -- wrangler dev',
      test: 'vitest run',
      check: 'tsc && cognigate validate src/groups.ts',
      plan: 'cognigate plan src/groups.ts',
      apply: 'cognigate apply src/groups.ts',
      doctor: 'cognigate doctor',
      deploy: 'wrangler deploy',
    },
    dependencies: { cognigate: `^${version}`, hono: '^4.6.0' },
    devDependencies: {
      '@cloudflare/workers-types': '^5.20261026.1',
      typescript: '>=5.7',
      vitest: '^5.1.1',
      wrangler: '^4.155.0',
    },
    // What npm asks for before it runs the install scripts of others.
    allowScripts: { esbuild: true, workerd: true },
  }
}

const tsconfig = {
  compilerOptions: {
    ...{ target: 'es2023', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023'] },
    ...{ types: ['@cloudflare/workers-types'], strict: true, noEmit: true, skipLibCheck: true },
    allowImportingTsExtensions: true,
  },
  include: ['src', 'test'],
}

function wrangler(name: string): string {
  return `name = "${name}"
main = "src/worker.ts"
compatibility_date = "2026-08-03"

# The pool of seed.yaml, for \`npm run dev\`. Before \`npm run deploy\`, put yours here.
[vars]
COGNITO_USER_POOL_ID = "eu-west-1_LocalPool"
COGNITO_CLIENT_ID = "localclient"
`
}

const seed = `# What the local AWS begins with: sign in as one of them at http://127.0.0.1:9400
userPoolId: eu-west-1_LocalPool
clientId: localclient
groups: [viewer, editor, admin]
users:
  alice: { password: Correct-horse-1, groups: [admin] }
  bob: { password: Correct-horse-1, groups: [viewer] }
`

const groups = `import { defineGroups } from 'cognigate'

/** Who may do what. \`npm run plan\` shows what the pool lacks of it, and \`npm run apply\` makes it so. */
export const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'], precedence: 30 },
    editor: { inherits: ['viewer'], allow: ['posts.write'], precedence: 20 },
    admin: { allow: ['*'], precedence: 10 },
  },
  {
    permissions: ['posts.read', 'posts.write', 'posts.delete'],
    // Nobody deletes with a sign-in that is older than a quarter of an hour.
    require: { 'posts.delete': { auth_time: { maxAge: 900 } } },
  },
)
`

const worker = `import { createGuard } from 'cognigate'
import { type GuardEnv, honoGuard } from 'cognigate/hono'
import { perEnv } from 'cognigate/workers'
import { type Context, Hono } from 'hono'
import { groups } from './groups.ts'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
}

const guardOf = perEnv((env: Env) =>
  createGuard({ userPoolId: env.COGNITO_USER_POOL_ID, clientId: env.COGNITO_CLIENT_ID, groups }),
)
const { loginCheck, permissionRequired } = honoGuard((c: Context<{ Bindings: Env }>) => guardOf(c.env))

const app = new Hono<GuardEnv & { Bindings: Env }>()

app.get('/', (c) => c.text('The API is below /api.'))
app.use('/api/*', loginCheck())
app.get('/api/me', ({ json, var: { principal } }) => json({ username: principal.username, groups: principal.groups }))
app.get('/api/posts', permissionRequired('posts.read'), (c) => c.json([{ id: 1, title: 'Hello' }]))
app.post('/api/posts', permissionRequired('posts.write'), (c) => c.json({ id: 2 }, 201))
app.delete('/api/posts/:id', permissionRequired('posts.delete'), (c) => c.body(null, 204))

export default app
`

const test = `import { createLocalPool, type LocalPool } from 'cognigate/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import app from '../src/worker.ts'

let pool: LocalPool
beforeAll(async () => {
  pool = await createLocalPool({
    groups: ['viewer', 'editor', 'admin'],
    users: { alice: { groups: ['admin'] }, bob: { groups: ['viewer'] }, carol: {} },
  })
  // The guard asks the pool for its keys.
  vi.stubGlobal('fetch', pool.fetch)
})
afterAll(() => {
  vi.unstubAllGlobals()
})

/** What the Worker answers to a user, or to nobody. */
async function statusOf(method: string, path: string, user: string): Promise<number> {
  const headers = new Headers()
  if (user !== 'nobody') headers.set('authorization', \`Bearer \${(await pool.tokens(user)).accessToken}\`)
  const { userPoolId, clientId } = pool.settings
  const env = { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId }
  return (await app.request(path, { method, headers }, env)).status
}

describe('the API', () => {
  it.each([
    ['GET', '/', 'nobody', 200],
    ['GET', '/api/me', 'nobody', 401],
    ['GET', '/api/me', 'carol', 200],
    ['GET', '/api/posts', 'carol', 403],
    ['GET', '/api/posts', 'bob', 200],
    ['POST', '/api/posts', 'bob', 403],
    ['POST', '/api/posts', 'alice', 201],
    ['DELETE', '/api/posts/1', 'alice', 204],
  ])('%s %s by %s is %d', async (method, path, user, status) => {
    expect(await statusOf(method, path, user)).toBe(status)
  })
})
`

function readme(name: string): string {
  return `# ${name}

A Hono Worker behind cognigate: \`src/groups.ts\` says who may do what. It is developed with Node from ${nodeOfApps} on.

\`\`\`sh
npm install
npm test          # at a local pool, without AWS
npm run dev       # wrangler dev at a local AWS, whose page is http://127.0.0.1:9400
npm run check     # types and definitions
\`\`\`

The page gives you a token of bob, who may read posts:

\`\`\`sh
curl -i http://localhost:8787/api/posts                                  # 401
curl -i -H 'Authorization: Bearer …' http://localhost:8787/api/posts     # 200
\`\`\`

To deploy: put the ids of your user pool and app client into \`wrangler.toml\`, then

\`\`\`sh
COGNITO_USER_POOL_ID=… npm run plan
COGNITO_USER_POOL_ID=… npm run apply
npm run deploy
\`\`\`
`
}
