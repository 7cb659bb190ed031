import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import { createPoolAdmin } from '../../../src/admin/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, run } from '../../support/command-line.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
let server: LocalServer
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-explain-'))
  server = await startLocalServer({
    pool: {
      userPoolId,
      clientId: 'web',
      groups: ['viewer', 'admin', 'suspended', 'other'],
      users: {
        alice: { groups: ['admin'] },
        bob: { groups: ['viewer', 'other'] },
        carol: { groups: ['admin', 'suspended'], enabled: false },
      },
    },
  })
  const map = `groups:
  viewer: { allow: [posts.read] }
  admin: { inherits: [viewer], allow: ['posts.*'] }
  suspended: { deny: ['*'] }
permissions: [posts.read, posts.delete]
require:
  posts.delete: { auth_time: { maxAge: 900 } }
`
  writeFileSync(join(folder, 'groups.yaml'), map)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

function explain(args: readonly string[], input = '') {
  const env = { AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
  return run([runtimes.node, commandLine, 'explain', '--map', 'groups.yaml', ...args], { cwd: folder, env, input })
}

describe('cognigate explain', () => {
  it('says which rule decides, by the directory', async () => {
    const { status, stdout } = await explain(['bob', 'posts.delete'])
    expect(status).toBe(0)
    expect(stdout).toContain('By the directory, now: no (DENY_DEFAULT)\n    in other, viewer\n')
    expect(stdout).toContain('not defined, so without effect: other')
    const carol = await explain(['carol', 'posts.read'])
    expect(carol.stdout).toContain('no (DENY_EXPLICIT)\n    in admin, suspended\n    suspended denies *\n')
    expect(carol.stdout).toContain('the account is disabled')
    const alice = await explain(['alice', 'posts.read'])
    expect(alice.stdout).toContain(
      'yes (ALLOW)\n    in admin\n    admin allows posts.*\n    viewer allows posts.read, inherited: admin → viewer\n',
    )
  })

  it('says what only a token can tell, and what the token tells', async () => {
    const open = await explain(['alice', 'posts.delete'])
    expect(open.stdout).toContain('By the directory, now: it depends on the token')
    expect(open.stdout).toContain('only a token has auth_time')
    const { accessToken } = await server.pool.tokens('alice')
    const told = await explain(['--token-file', '-', 'alice', 'posts.delete'], `${accessToken}\n`)
    expect(told).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('By the token: yes (ALLOW)') })
  })

  it('says where token and directory differ, as JSON too', async () => {
    const { accessToken } = await server.pool.tokens('bob')
    writeFileSync(join(folder, 'token'), accessToken)
    const same = await explain(['--json', '--token-file', 'token', 'bob', 'posts.read'])
    expect(JSON.parse(same.stdout)).toMatchObject({ version: 1, differ: false, token: { decision: { allowed: true } } })
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const admin = createPoolAdmin({ userPoolId, endpoint: server.url, credentials })
    await admin.users.removeFromGroup('bob', 'viewer')
    const moved = await explain(['--json', '--token-file', 'token', 'bob', 'posts.read'])
    expect(moved.status).toBe(2)
    expect(JSON.parse(moved.stdout)).toMatchObject({
      differ: true,
      directory: { groups: ['other'], decision: { allowed: false, wouldAllow: ['viewer', 'admin'] } },
      token: { decision: { allowed: true } },
    })
    expect(moved.stdout).not.toContain(accessToken.slice(0, 40))
  })

  it('refuses tokens that a guard refuses, by their code, and tokens of others', async () => {
    const { accessToken } = await server.pool.tokens('alice')
    const forged = `${accessToken.slice(0, -4)}AAAA`
    const refused = await explain(['--token-file', '-', 'alice', 'posts.read'], forged)
    expect(refused.status).toBe(2)
    expect(refused.stdout).toContain('By the token: no, the guard refuses it with SIGNATURE_INVALID')
    const other = await explain(['--token-file', '-', 'bob', 'posts.read'], accessToken)
    expect(other).toMatchObject({ status: 1, stdout: '', stderr: '--token-file: the token is not of this user\n' })
    const client = await explain(['--client', 'mobile', '--token-file', '-', 'alice', 'posts.read'], accessToken)
    expect(client.stdout).toContain('refuses it with CLIENT_WRONG')
  })
})
