import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, run } from '../../support/command-line.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
let server: LocalServer
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-audit-'))
  server = await startLocalServer({
    pool: {
      userPoolId,
      groups: ['viewer', 'admin', 'suspended'],
      users: {
        alice: { groups: ['admin'] },
        '=cmd': { groups: ['admin', 'suspended'] },
        '</script><b>': { groups: ['viewer'], enabled: false },
        dave: {},
      },
    },
  })
  const map = `groups:
  admin: { allow: ['*'] }
  suspended: { deny: [posts.purge] }
  viewer: { allow: [posts.read] }
permissions: [posts.read, posts.purge]
`
  writeFileSync(join(folder, 'groups.yaml'), map)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

function audit(...args: string[]) {
  const env = { AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
  return run([runtimes.node, commandLine, 'audit', ...args], { cwd: folder, env })
}

describe('cognigate audit', () => {
  it('says who may do something by all of their groups, and marks disabled users', async () => {
    const { status, stdout } = await audit('--by', 'user', '--format', 'json', 'groups.yaml')
    const { users } = JSON.parse(stdout)
    expect(status).toBe(0)
    expect(
      users.map((user: { username: string; may: string[]; enabled: boolean }) => [
        user.username,
        user.enabled,
        user.may,
      ]),
    ).toEqual([
      ['</script><b>', false, ['posts.read']],
      ['=cmd', true, ['posts.read']],
      ['alice', true, ['posts.read', 'posts.purge']],
      ['dave', true, []],
    ])
    const byGroup = await audit('--format', 'json', 'groups.yaml')
    for (const text of [stdout, byGroup.stdout]) expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
    const can = await audit('--by', 'user', '--can', 'posts.purge', '--format', 'csv', 'groups.yaml')
    expect(can.stdout.split('\r\n').map((row) => row.split(',')[0])).toEqual(['user', 'alice', ''])
  })

  it('writes CSV in which no cell is a formula, and Markdown in which no name is markup', async () => {
    const csv = await audit('--format', 'csv')
    expect(csv.stdout).toContain("\r\nadmin,,'=cmd,,")
    const markdown = await audit('--format', 'markdown')
    expect(markdown.stdout).toContain('| \\</script\\>\\<b\\> |')
  })

  it('makes a page that nothing in the pool can add markup to, with a policy of its own hashes', async () => {
    expect((await audit('--format', 'html', '--out', 'audit.html', 'groups.yaml')).status).toBe(0)
    const html = readFileSync(join(folder, 'audit.html'), 'utf8')
    expect(html).not.toContain('</script><b>')
    for (const [tag, kind] of [
      ['<script>', 'script-src'],
      ['<style>', 'style-src'],
    ] as const) {
      const text = html.split(tag)[1]?.split(tag.replace('<', '</'))[0] ?? ''
      expect(html).toContain(`${kind} 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
    const data = JSON.parse(html.split('id="data">')[1]?.split('</script>')[0] ?? '')
    expect(data.groups.map((name: string, at: number) => [name, data.matrix[at]])).toEqual(
      expect.arrayContaining([
        ['admin', '22'],
        ['suspended', '03'],
        ['viewer', '20'],
      ]),
    )
  })

  it('refuses a permission that the definitions do not have', async () => {
    const { status, stderr } = await audit('--can', 'posts.prge', 'groups.yaml')
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: '--can: expected a permission of the definitions, not posts.prge\n',
    })
  })
})
