import process from 'node:process'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/**
 * Gives the first answers of a build of the package: `node first-answer.mjs <folder> [import | static | fetched | all]`. The folder has `src` and
 * `adapters` in it. Everything that a guard does once, or seldom, before it admits somebody runs here; refusals do not.
 */
const [, , folder = '', what = 'all'] = process.argv
const { createGuard, defineGroups } = await import(`${folder}/src/index.js`)
const { compileGroups, loadGroups } = await import(`${folder}/src/permissions/compiled/index.js`)
if (what === 'static' || what === 'all') await answer(await scene(), 'jwks')
if (what === 'fetched' || what === 'all') await answer(await scene(), 'fetch')
if (what === 'all') {
  await answerByAdapters(await scene())
  await answerOfCompiled(await scene())
}

/** @typedef {Awaited<ReturnType<typeof scene>>} Scene */

async function scene() {
  const userPoolId = 'eu-west-1_AbCdEfGhI'
  const clientId = '1example23456789abcdefghij'
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
  const seconds = Math.floor(Date.now() / 1000)
  const token = await new SignJWT({
    ...{ sub: 'e8f1c2d3-0000-4000-8000-000000000001', username: 'alice', 'cognito:groups': ['editor'] },
    ...{ token_use: 'access', client_id: clientId, scope: 'openid', auth_time: seconds, iat: seconds, jti: 'j' },
    ...{ iss: `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`, exp: seconds + 3600, version: 2 },
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
    .sign(privateKey)
  const request = new Request('https://app.example/api/posts', { headers: { authorization: `Bearer ${token}` } })
  return { userPoolId, clientId, jwk, request }
}

/**
 * @param {Scene} scene
 * @param {'jwks' | 'fetch'} keys
 */
function guardOf({ userPoolId, clientId, jwk }, keys) {
  const groups = defineGroups({
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'] },
  })
  const from = keys === 'jwks' ? { jwks: { keys: [jwk] } } : { fetch: async () => Response.json({ keys: [jwk] }) }
  return createGuard({ userPoolId, clientId, groups, ...from })
}

/**
 * @param {Scene} scene
 * @param {'jwks' | 'fetch'} keys
 */
async function answer(scene, keys) {
  const guard = guardOf(scene, keys)
  guard.authorize(await guard.authenticate(scene.request), 'posts.write', { request: scene.request })
}

/**
 * With groups that were checked when they were compiled.
 *
 * @param {Scene} scene
 */
async function answerOfCompiled({ userPoolId, clientId, jwk, request }) {
  const definitions = { editor: { allow: [{ permission: 'posts.write', when: { scope: 'openid' } }] } }
  const groups = loadGroups(JSON.parse(JSON.stringify(compileGroups(defineGroups(definitions)))))
  const guard = createGuard({ userPoolId, clientId, groups, jwks: { keys: [jwk] } })
  guard.authorize(await guard.authenticate(request), 'posts.write', { request })
}

/** @param {Scene} scene */
async function answerByAdapters(scene) {
  const [{ Hono }, { honoGuard }, { withGuard }, { protect }] = await Promise.all([
    import('hono'),
    import(`${folder}/adapters/hono/index.js`),
    import(`${folder}/adapters/workers/index.js`),
    import(`${folder}/adapters/fetch/index.js`),
  ])
  const guard = guardOf(scene, 'jwks')
  const { loginCheck, permissionRequired } = honoGuard(guard)
  const handler = () => new Response()
  const app = new Hono().use(loginCheck()).get('/api/posts', permissionRequired('posts.write'), handler)
  const context = { waitUntil() {}, passThroughOnException() {} }
  const answers = [
    await app.fetch(scene.request),
    await withGuard(() => guard, handler)(scene.request, {}, context),
    await protect(guard, 'posts.write', handler)(scene.request),
  ]
  const wrong = answers.find(({ status }) => status !== 200)
  if (wrong !== undefined) throw new Error(`A first answer was ${wrong.status}: ${await wrong.text()}`)
}
