import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, hasProgram, run } from '../../support/command-line.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
let [source, target]: LocalServer[] = []
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-transfer-'))
  const users = Object.fromEntries(
    Array.from({ length: 150 }, (_, index) => [
      `user${index}`,
      {
        groups: index % 2 ? ['editor'] : ['admin', 'editor'],
        enabled: index % 5 > 0,
        attributes: { 'custom:tier': `t${index}` },
      },
    ]),
  )
  source = await startLocalServer({ pool: { userPoolId, groups: ['admin', 'editor'], users } })
  target = await startLocalServer({ pool: { userPoolId } })
})
afterAll(async () => {
  await source?.close()
  await target?.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

function cognigate(server: LocalServer | undefined, ...args: string[]) {
  const env = { AWS_ENDPOINT_URL: server?.url, COGNITO_USER_POOL_ID: userPoolId }
  return run([runtimes.node, commandLine, ...args], { cwd: folder, env })
}
const lines = (file: string) =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
/** What has to be the same in the other pool. */
const essence = (file: string) =>
  lines(file)
    .flatMap(({ group, user, member }) => [
      group?.GroupName,
      user && [user.Username, user.Enabled, user.Attributes.filter(({ Name }: { Name: string }) => Name !== 'sub')],
      member,
    ])
    .filter(Boolean)
    .map((each) => JSON.stringify(each))
    .sort()

describe('cognigate export and import', () => {
  it('bring groups, users and memberships into another pool, whatever is throttled', async () => {
    for (const operation of ['ListUsers', 'AdminGetUser', 'ListUsersInGroup'])
      source?.pool.fail(operation, { error: 'TooManyRequestsException', times: 1 })
    for (const operation of ['AdminCreateUser', 'CreateGroup', 'AdminAddUserToGroup'])
      target?.pool.fail(operation, { error: 'TooManyRequestsException', times: 1 })
    expect(await cognigate(source, 'export', '--out', 'pool.jsonl')).toEqual({ status: 0, stdout: '', stderr: '' })
    const { status, stdout } = await cognigate(target, 'import', '--confirm', 'pool.jsonl')
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '152 created, 0 updated, 0 unchanged, 225 memberships added, 0 there already, 0 failed.\n',
    })
    await cognigate(target, 'export', '--out', 'copy.jsonl')
    expect(essence('copy.jsonl')).toEqual(essence('pool.jsonl'))
    expect(lines('copy.jsonl').filter(({ user }) => user?.UserStatus === 'CONFIRMED')).toHaveLength(150)
  })

  it('write failed lines so that they can be imported again', async () => {
    writeFileSync(join(folder, 'one.jsonl'), '{"member":{"Username":"late","GroupName":"admin"}}\n')
    const first = await cognigate(target, 'import', 'one.jsonl')
    expect(first.status).toBe(1)
    expect(lines('one.failed.jsonl')).toEqual([
      { member: { Username: 'late', GroupName: 'admin' }, error: expect.stringContaining('UserNotFoundException') },
    ])
    writeFileSync(join(folder, 'late.jsonl'), '{"user":{"Username":"late","Attributes":[]}}\n')
    expect((await cognigate(target, 'import', 'late.jsonl')).status).toBe(0)
    expect((await cognigate(target, 'import', 'one.failed.jsonl')).status).toBe(0)
  })

  it('go on where they stopped', async () => {
    source?.pool.fail('ListUsersInGroup', { error: 'InternalErrorException', times: 20 })
    expect((await cognigate(source, 'export', '--out', 'again.jsonl')).status).toBe(1)
    source?.pool.recover()
    const before = source?.pool.count('ListUsers')
    expect((await cognigate(source, 'export', '--out', 'again.jsonl')).status).toBe(0)
    expect(source?.pool.count('ListUsers')).toBe(before)
    expect(essence('again.jsonl')).toEqual(essence('pool.jsonl'))
  })

  it('refuse a line of another form by its number before anything is written', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), '{"group":{"GroupName":"new"}}\n{"grup":{}}\n')
    const { status, stderr } = await cognigate(target, 'import', 'bad.jsonl')
    expect(status).toBe(1)
    expect(stderr).toContain('bad.jsonl:2  expected one of')
  })
})

describe('the progress of an export and an import', () => {
  /** What is drawn at a terminal of so many columns. */
  async function drawn(server: LocalServer | undefined, columns: number, command: string): Promise<string[]> {
    const env = { TERM: 'xterm', AWS_ENDPOINT_URL: server?.url, COGNITO_USER_POOL_ID: userPoolId }
    const script = `script -qec "stty cols ${columns}; ${runtimes.node} ${commandLine} ${command}" /dev/null < /dev/null`
    const { stdout, status } = await run(['bash', '-c', script], { cwd: folder, env })
    expect(status).toBe(0)
    const lines = stdout.split('\r\u001b[2K').slice(1)
    // Nothing of it stays.
    expect(lines.pop()).not.toMatch(/users|memberships:/)
    return lines
  }

  it('counts what is done and how often AWS throttles, at any width', async (context) => {
    if (!hasProgram('script')) context.skip('no `script` here')
    const throttled = source?.pool.fail('AdminGetUser', { error: 'TooManyRequestsException', times: 3 })
    const wide = await drawn(source, 100, 'export --out drawn.jsonl')
    const users = wide.filter((line) => line.startsWith('users: '))
    const counts = users.map((line) => Number(/^users: (\d+)/.exec(line)?.[1]))
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(users.at(-1)).toMatch(/^users: 150 of 150\b.*, 3 throttles$/)
    expect(throttled?.hits).toBe(3)
    expect(users.filter((line) => line.includes('AWS throttles, waiting')).length).toBe(3)
    expect(wide.at(-1)).toMatch(/^memberships: \d+/)
    const narrow = await drawn(target, 40, 'import drawn.jsonl')
    for (const line of narrow) expect(line.length).toBeLessThan(40)
    expect(narrow.some((line) => line.startsWith('groups and users: 152 of 152'))).toBe(true)
    expect(narrow.at(-1)).toMatch(/^memberships: 225 of 225/)
  })
})

describe('names with control characters', () => {
  const evil = 'evil\u001b]0;title\u0007\u009b31m\u202e\u2028'

  it('are written so that no terminal obeys them and every reader of JSON finds them', async () => {
    const user = { user: { Username: 'evil', Attributes: [{ Name: 'preferred_username', Value: evil }] } }
    writeFileSync(join(folder, 'evil.jsonl'), `${JSON.stringify(user)}\n`)
    const server = await startLocalServer({ pool: { userPoolId } })
    try {
      expect((await cognigate(server, 'import', 'evil.jsonl')).status).toBe(0)
      const again = { user: { ...user.user, Enabled: false } }
      writeFileSync(join(folder, 'evil.jsonl'), `${JSON.stringify(again)}\n`)
      expect((await cognigate(server, 'import', 'evil.jsonl')).status).toBe(1)
      const failed = readFileSync(join(folder, 'evil.failed.jsonl'), 'utf8')
      const { stdout } = await cognigate(server, 'export')
      const json = (await cognigate(server, 'audit', '--by', 'user', '--format', 'json')).stdout
      for (const text of [failed, stdout, json]) {
        expect(text).toMatch(/evil\\u001b\]0;title\\u0007\\u009b31m\\u202e\\u2028/)
        expect([...text].filter((character) => character !== '\n' && /\p{C}|[\u2028\u2029]/u.test(character))).toEqual(
          [],
        )
      }
      expect(JSON.parse(stdout.split('\n')[1] ?? '').user.Attributes).toContainEqual({
        ...{ Name: 'preferred_username', Value: evil },
      })
      expect(JSON.parse(json).users[0].label).toBe(evil)
      for (const format of ['table', 'markdown']) {
        const shown = (await cognigate(server, 'audit', '--by', 'user', '--format', format)).stdout
        expect([...shown].filter((character) => character !== '\n' && /\p{C}|[\u2028\u2029]/u.test(character))).toEqual(
          [],
        )
      }
      if (!hasProgram('script')) return console.log('skipped: no `script` here')
      const env = { TERM: 'xterm', AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
      const audit = `${runtimes.node} ${commandLine} audit --by user --format csv`
      const atTerminal = await run(['bash', '-c', `script -qec "${audit}" /dev/null < /dev/null`], { cwd: folder, env })
      // The last of what is drawn is that the progress is gone.
      const rows = atTerminal.stdout.split('\r\u001b[2K').at(-1) ?? ''
      expect(rows).toContain('evil,evil\\u001b]0;title\\u0007\\u009b31m\\u202e\\u2028,')
      expect(rows.replaceAll('\r\n', '')).not.toMatch(/\p{C}/u)
    } finally {
      await server.close()
    }
  })
})
