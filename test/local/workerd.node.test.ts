import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalPool } from '../../src/local/index.ts'
import { readKeys } from '../support/local-pool.ts'

/** A worker with a local pool inside, and one whose fetches go to a pool outside. */
const workerSource = `
import { createLocalPool } from './src/local/index.ts'

let pool
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/outside') return fetch(searchParams.get('url'))
    pool ??= await createLocalPool({ groups: ['viewer'], users: { alice: { groups: ['viewer'] } } })
    if (pathname === '/sign-in') {
      const pool = await createLocalPool({
        verifySignature: false,
        users: { alice: { password: 'Correct-h0rse' } },
        clients: [{ clientId: 'confidential', secret: 'a-secret' }],
      })
      const input = {
        UserPoolId: pool.settings.userPoolId,
        ClientId: 'confidential',
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'alice', PASSWORD: 'Correct-h0rse', SECRET_HASH: searchParams.get('hash') },
      }
      const headers = { 'x-amz-target': 'AWSCognitoIdentityProviderService.AdminInitiateAuth' }
      const body = JSON.stringify(input)
      pool.fail('AdminInitiateAuth', { delay: 1 })
      return pool.fetch(new Request(pool.endpoint + '/', { method: 'POST', headers, body }))
    }
    if (pathname === '/cold') {
      pool.tokens('alice')
      return new Response('not awaited')
    }
    if (pathname === '/keys') return pool.fetch(new Request(pool.issuer + '/.well-known/jwks.json'))
    return Response.json(await pool.tokens('alice'))
  },
}
`

describe('in workerd, without any Node API', () => {
  let bundle: string
  const workers: Miniflare[] = []

  const start = async (outboundService: (request: { url: string }) => unknown) => {
    const options = {
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: bundle }],
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      outboundService,
    }
    const worker = new Miniflare(convertV4MiniflareOptions(options as Parameters<typeof convertV4MiniflareOptions>[0]))
    workers.push(worker)
    return worker
  }

  beforeAll(async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const { outputFiles, metafile } = await build({
      stdin: { contents: workerSource, resolveDir: root, loader: 'ts' },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'neutral',
      conditions: ['workerd', 'worker', 'browser'],
      mainFields: ['module', 'main'],
    })
    bundle = outputFiles[0]?.text ?? ''
    const inputs = Object.keys(metafile.inputs)
    const foreign = inputs.filter(
      (path) => !/^(src\/local\/|src\/(errors|internal\/options)\.ts$|node_modules\/jose\/|<stdin>)/.test(path),
    )
    expect(foreign).toEqual([])
  })

  afterAll(() => Promise.all(workers.map((worker) => worker.dispose())))

  it('issues tokens that verify outside', async () => {
    const worker = await start(() => new Response('no network in tests', { status: 599 }))
    expect(await (await worker.dispatchFetch('http://localhost/cold')).text()).toBe('not awaited')
    const tokens = (await (await worker.dispatchFetch('http://localhost/tokens')).json()) as Record<string, string>
    const keys = (await (await worker.dispatchFetch('http://localhost/keys')).json()) as Parameters<
      typeof createLocalJWKSet
    >[0]
    for (const token of [tokens['idToken'], tokens['accessToken']]) {
      const { payload } = await jwtVerify(token ?? '', createLocalJWKSet(keys))
      expect(payload['cognito:groups']).toEqual(['viewer'])
    }
  })

  it('signs in with a password and the hash of a client’s secret, after a delay', async () => {
    const worker = await start(() => new Response('no network in tests', { status: 599 }))
    const hash = createHmac('sha256', 'a-secret').update('aliceconfidential').digest('base64')
    const signIn = async (text: string) =>
      (await worker.dispatchFetch(`http://localhost/sign-in?hash=${encodeURIComponent(text)}`)).json()
    expect(await signIn(hash)).toMatchObject({ AuthenticationResult: { TokenType: 'Bearer', ExpiresIn: 3600 } })
    expect(await signIn('x')).toMatchObject({ __type: 'NotAuthorizedException' })
  })

  it('answers the fetches of a worker as its outbound service', async () => {
    const pool = await createLocalPool()
    const worker = await start((request) => pool.fetch(request as Request))
    const url = encodeURIComponent(`${pool.issuer}/.well-known/jwks.json`)
    const response = await worker.dispatchFetch(`http://localhost/outside?url=${url}`)
    expect(await response.json()).toEqual(await readKeys(pool))
    const elsewhere = await worker.dispatchFetch('http://localhost/outside?url=https%3A%2F%2Fexample.com%2F')
    expect(elsewhere.status).toBe(404)
    expect(pool.requests.map(({ status }) => status)).toEqual([200, 200, 404])
  })
})
