import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
const folder = mkdtempSync(join(tmpdir(), 'page-'))
let server: LocalServer | undefined

afterEach(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps what was done on the page in the state file: users, keys and the clock', async () => {
  const options = { state: join(folder, 'state.json'), pool: { userPoolId, users: { alice: {} } } }
  const first = await startLocalServer(options)
  server = first
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const sent = { method: 'POST', headers, body: JSON.stringify({ pool: userPoolId, ...body }) }
    expect((await fetch(`${first.url}/_cognigate/${path}`, sent)).status).toBe(200)
  }
  const before = await kidOf(first)
  await post('call', { operation: 'AdminCreateUser', input: { Username: 'carol' } })
  await post('keys', {})
  await post('clock', { seconds: 86_400 })
  const rotated = await kidOf(first)
  expect(rotated).not.toBe(before)
  await first.close()

  const second = await startLocalServer(options)
  server = second
  const { now, pools } = await (await fetch(`${second.url}/_cognigate/overview`)).json()
  expect(pools).toMatchObject([{ id: userPoolId, users: 2 }])
  expect(now - Date.now()).toBeGreaterThan(86_000_000)
  expect(await kidOf(second)).toBe(rotated)
})

async function kidOf({ pool }: LocalServer): Promise<string> {
  const [header = ''] = (await pool.tokens('alice')).accessToken.split('.')
  return JSON.parse(Buffer.from(header, 'base64url').toString()).kid
}
