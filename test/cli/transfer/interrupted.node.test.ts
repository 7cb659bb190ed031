import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import type { LocalPool } from '../../../src/local/index.ts'
import { type LocalServer, type LocalServerOptions, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, type Ended } from '../../support/command-line.ts'
import { type CountedRequest, type CountedServer, startCountedServer } from '../../support/counted-server.ts'
import { requestFor } from '../../support/local-pool.ts'

// Commands are ended at chosen requests, by Ctrl-C and by SIGKILL, and run again: the result is what one run would have made.

const userPoolId = 'eu-west-1_AbCdEfGhI'
let folder: string
let local: LocalServer
let pool: LocalPool
let server: CountedServer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-interrupted-'))
})
afterEach(async () => {
  await server.close()
  await local.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

async function serve(settings: LocalServerOptions['pool'] = {}): Promise<void> {
  local = await startLocalServer({ pool: { userPoolId, ...settings } })
  pool = local.pool
  server = await startCountedServer(local)
}

/** The moment of a request at which a running command gets a signal, once. */
interface Moment extends CountedRequest {
  readonly signal: NodeJS.Signals
}

/** Runs a command; the signal is sent at its moment. */
async function cognigate(args: readonly string[], moment?: Moment): Promise<Ended> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
  server.reset()
  let child: ChildProcess | undefined
  const printed = { stdout: '', stderr: '' }
  let noticed = () => {}
  const stopping = new Promise<void>((resolve) => {
    noticed = resolve
  })
  server.onRequest = async ({ operation, count, when }) => {
    if (operation !== moment?.operation || count !== moment.count || when !== moment.when) return
    child?.kill(moment.signal)
    // The request is answered once the command has taken notice.
    if (moment.signal !== 'SIGKILL') await stopping
  }
  child = spawn(runtimes.node, [commandLine, ...args], { cwd: folder, env })
  child.stdout?.on('data', (part) => {
    printed.stdout += String(part)
  })
  child.stderr?.on('data', (part) => {
    printed.stderr += String(part)
    if (printed.stderr.includes('Stopping')) noticed()
  })
  const status = await new Promise<number | null>((resolve) => child?.on('close', resolve))
  server.onRequest = () => {}
  return { status, ...printed }
}

/** All that is in the pool, without what it gives by itself. */
async function contents(): Promise<unknown> {
  const call = async (operation: string, input: object) => {
    const response = await pool.fetch(requestFor(pool, operation, { UserPoolId: userPoolId, ...input }))
    return JSON.parse(await response.text())
  }
  const { Groups } = await call('ListGroups', {})
  const { Users } = await call('ListUsers', {})
  const members = await Promise.all(
    Groups.map(async ({ GroupName }: { GroupName: string }) => {
      const found = await call('ListUsersInGroup', { GroupName })
      return [GroupName, found.Users.map(({ Username }: { Username: string }) => Username).sort()]
    }),
  )
  const users = Users.map(({ Username, Enabled, UserStatus, Attributes }: Record<string, { Name: string }[]>) => [
    ...[Username, Enabled, UserStatus, Attributes?.filter(({ Name }) => Name !== 'sub')],
  ])
  const groups = Groups.map(({ GroupName, Description }: Record<string, string>) => [GroupName, Description])
  return { groups, users, members }
}

const groups = Array.from({ length: 3 }, (_, index) => `group${index}`)
const names = Array.from({ length: 12 }, (_, index) => `user${index}`)
const memberships = names.flatMap((Username, index) => [
  { Username, GroupName: `group${index % 3}` },
  { Username, GroupName: `group${(index + 1) % 3}` },
])
const records = [
  ...groups.map((GroupName) => ({ group: { GroupName, Description: `All of ${GroupName}` } })),
  ...names.map((Username, index) => ({
    user: {
      Username,
      Attributes: [{ Name: 'email', Value: `${Username}@example.com` }],
      Enabled: index % 3 > 0,
      UserStatus: index % 4 > 0 ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD',
    },
  })),
  ...memberships.map((member) => ({ member })),
  // It can never be made, so that it is a failed line whatever happens.
  { member: { Username: 'nobody', GroupName: 'group0' } },
]
const whole = '15 created, 0 updated, 0 unchanged, 24 memberships added, 0 there already, 1 failed.\n'
const goesOn = 'The same command goes on where this one stopped.'

function writeRecords(): void {
  writeFileSync(join(folder, 'pool.jsonl'), records.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

const at = (operation: string, count: number, when: CountedRequest['when'], signal: NodeJS.Signals): Moment => {
  return { operation, count, when, signal }
}

describe('cognigate import', () => {
  const killed = [
    at('CreateGroup', 2, 'after', 'SIGKILL'),
    at('AdminCreateUser', 1, 'after', 'SIGKILL'),
    at('AdminCreateUser', 9, 'before', 'SIGKILL'),
    at('AdminCreateUser', 9, 'after', 'SIGKILL'),
    at('AdminSetUserPassword', 3, 'after', 'SIGKILL'),
    at('AdminDisableUser', 2, 'before', 'SIGKILL'),
    at('AdminDisableUser', 2, 'after', 'SIGKILL'),
    at('AdminAddUserToGroup', 14, 'after', 'SIGKILL'),
  ]
  const interrupted = [
    at('DescribeUserPool', 1, 'before', 'SIGINT'),
    at('AdminCreateUser', 4, 'before', 'SIGINT'),
    at('AdminSetUserPassword', 2, 'after', 'SIGINT'),
    at('AdminAddUserToGroup', 9, 'before', 'SIGTERM'),
  ]

  it.each([...killed, ...interrupted])(
    'makes and counts everything once after $signal $when $operation $count',
    { timeout: 60_000 },
    async (moment) => {
      await serve()
      writeRecords()
      const args = ['import', '--confirm', 'pool.jsonl']
      const first = await cognigate(args, moment)
      if (moment.signal === 'SIGKILL') expect(first.status).toBe(null)
      else {
        expect(first.status).toBe(1)
        expect(first.stderr).toContain(`stopped. ${goesOn}\n`)
      }
      const second = await cognigate(args)
      expect(second.stdout).toBe(whole)
      expect(await contents()).toEqual({
        groups: groups.map((name) => [name, `All of ${name}`]),
        users: records
          .flatMap((line) => ('user' in line ? line.user : []))
          .map(({ Username, Enabled, UserStatus }) => [
            ...[Username, Enabled, UserStatus, [{ Name: 'email', Value: `${Username}@example.com` }]],
          ])
          .sort(),
        members: groups.map((name) => [
          name,
          memberships.flatMap(({ Username, GroupName }) => (GroupName === name ? [Username] : [])).sort(),
        ]),
      })
      expect(readdirSync(folder).sort()).toEqual(['pool.failed.jsonl', 'pool.jsonl'])
      expect(readFileSync(join(folder, 'pool.failed.jsonl'), 'utf8').split('\n')).toHaveLength(2)
    },
  )

  it('stops at once at the second Ctrl-C, and goes on from there', async () => {
    await serve()
    writeRecords()
    server.onRequest = () => {}
    const { PATH, HOME } = process.env
    const env = { PATH, HOME, AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
    const child = spawn(runtimes.node, [commandLine, 'import', 'pool.jsonl'], { cwd: folder, env })
    server.onRequest = async ({ operation, count }) => {
      if (operation !== 'AdminCreateUser' || count !== 5) return
      child.kill('SIGINT')
      // This request is never answered.
      await new Promise(() => {})
    }
    child.stderr.on('data', (part) => String(part).includes('Stopping') && child.kill('SIGINT'))
    const [status, signal] = await new Promise<unknown[]>((resolve) => child.on('close', (...end) => resolve(end)))
    expect([status, signal]).toEqual([null, 'SIGINT'])
    expect((await cognigate(['import', 'pool.jsonl'])).stdout).toBe(whole)
  })

  it('goes on after its time was over', async () => {
    await serve()
    writeRecords()
    pool.fail('AdminAddUserToGroup', { error: 'TooManyRequestsException' })
    const first = await cognigate(['import', '--confirm', '--timeout', '3', 'pool.jsonl'])
    expect(first).toEqual({ status: 1, stdout: '', stderr: `stopped after the 3 seconds of --timeout. ${goesOn}\n` })
    pool.recover()
    expect((await cognigate(['import', '--confirm', 'pool.jsonl'])).stdout).toBe(whole)
  })

  it('refuses the journal of another file, and of another --failed', async () => {
    await serve()
    writeRecords()
    await cognigate(['import', 'pool.jsonl'], at('AdminCreateUser', 4, 'after', 'SIGKILL'))
    const other = await cognigate(['import', '--failed', 'other.jsonl', 'pool.jsonl'])
    expect(other.stderr).toBe('--failed: expected pool.failed.jsonl, as in the run that this one goes on with\n')
    writeFileSync(join(folder, 'pool.jsonl'), '{"group":{"GroupName":"a"}}\n')
    const changed = await cognigate(['import', 'pool.jsonl'])
    expect(changed.stderr).toBe('pool.jsonl.journal: it is of another import; delete it to begin again\n')
  })
})

describe('cognigate export', () => {
  const users = Object.fromEntries(
    Array.from({ length: 130 }, (_, index) => [`user${index}`, { groups: [`group${index % 3}`, 'all'] }]),
  )
  it.each([
    at('ListGroups', 1, 'after', 'SIGKILL'),
    at('ListUsers', 2, 'after', 'SIGINT'),
    at('AdminGetUser', 70, 'before', 'SIGINT'),
    at('AdminGetUser', 125, 'after', 'SIGKILL'),
    at('ListUsersInGroup', 2, 'after', 'SIGINT'),
    at('ListUsersInGroup', 3, 'after', 'SIGKILL'),
  ])('writes every line once after $signal $when $operation $count', { timeout: 60_000 }, async (moment) => {
    await serve({ groups: ['all', ...groups], users })
    const lines = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n').slice(1)
    await cognigate(['export', '--out', 'whole.jsonl'])
    const first = await cognigate(['export', '--out', 'pool.jsonl'], moment)
    expect(first.status).toBe(moment.signal === 'SIGKILL' ? null : 1)
    if (moment.signal === 'SIGINT') expect(first.stderr).toContain(`stopped. ${goesOn}\n`)
    expect(existsSync(join(folder, 'pool.jsonl'))).toBe(false)
    const second = await cognigate(['export', '--out', 'pool.jsonl'])
    expect(second).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(lines('pool.jsonl')).toEqual(lines('whole.jsonl'))
    expect(lines('pool.jsonl')).toHaveLength(4 + 130 + 260 + 1)
    expect(readdirSync(folder).sort()).toEqual(['pool.jsonl', 'whole.jsonl'])
  })
})

describe('cognigate apply', () => {
  const definitions = `groups:
  editor: { allow: [posts.write], precedence: 10 }
  viewer: { allow: [posts.read], precedence: 20 }
  writer: { allow: [posts.write], precedence: 30 }
members:
  editor: [${names.join(', ')}]
`
  it.each([
    [at('CreateGroup', 1, 'before', 'SIGKILL'), ''],
    [at('CreateGroup', 2, 'after', 'SIGKILL'), ''],
    [at('AdminAddUserToGroup', 5, 'after', 'SIGKILL'), ''],
    [at('ListRoles', 2, 'before', 'SIGINT'), 'stopped before anything was changed\n'],
    [at('CreateGroup', 2, 'before', 'SIGINT'), 'stopped after 1 of 3 changes; the next one may be half made. '],
    [at('AdminAddUserToGroup', 5, 'before', 'SIGINT'), 'stopped (aborted): 3 changes and 5 memberships made. '],
  ])('makes the rest after %j', { timeout: 60_000 }, async (moment, message) => {
    await serve({ users: Object.fromEntries(names.map((name) => [name, {}])) })
    writeFileSync(join(folder, 'groups.yaml'), definitions)
    const args = ['apply', '--yes', '--concurrency', '1', 'groups.yaml']
    const first = await cognigate(args, moment)
    expect(first.status).toBe(moment.signal === 'SIGKILL' ? null : 1)
    expect(first.stderr).toContain(message)
    expect((await cognigate(args)).status).toBe(0)
    expect(await cognigate(['drift', 'groups.yaml'])).toEqual({ status: 0, stdout: 'Nothing to change.\n', stderr: '' })
  })
})
