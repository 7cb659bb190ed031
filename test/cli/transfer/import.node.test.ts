import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import { createPoolAdmin, type PoolAdmin } from '../../../src/admin/index.ts'
import { type LocalServer, type LocalServerOptions, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, run } from '../../support/command-line.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
let server: LocalServer
let admin: PoolAdmin
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-import-'))
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

async function serve(settings: LocalServerOptions['pool'] = {}): Promise<void> {
  server = await startLocalServer({ pool: { userPoolId, ...settings } })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  admin = createPoolAdmin({ userPoolId, endpoint: server.url, credentials })
}

const write = (file: string, ...lines: readonly object[]) =>
  writeFileSync(join(folder, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
const read = (file: string) =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

async function importFile(...args: string[]) {
  const env = { AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId }
  const { status, stdout, stderr } = await run([runtimes.node, commandLine, 'import', ...args], { cwd: folder, env })
  const [created, updated, unchanged, added, present, failed] = (stdout.match(/\d+/g) ?? []).map(Number)
  return { status, stderr, counts: { created, updated, unchanged, added, present, failed } }
}
const counts = (given: object) => ({ created: 0, updated: 0, unchanged: 0, added: 0, present: 0, failed: 0, ...given })

describe('cognigate import', () => {
  it('leaves users who are there alone without --update, those with a temporary password too', async () => {
    const users = {
      invited: { status: 'FORCE_CHANGE_PASSWORD', password: 'Tempor4ry!pass', email: 'invited@example.com' },
      known: { email: 'known@example.com', enabled: false },
    } as const
    await serve({ users })
    const user = (Username: string, more: object) => ({
      user: { Username, Attributes: [{ Name: 'email', Value: `${Username}@example.com` }], ...more },
    })
    write(
      'pool.jsonl',
      user('invited', { Enabled: true, UserStatus: 'CONFIRMED' }),
      user('known', { UserStatus: 'CONFIRMED' }),
    )
    const same = await importFile('--confirm', 'pool.jsonl')
    expect(same).toEqual({ status: 0, stderr: '', counts: counts({ unchanged: 2 }) })
    for (const operation of [
      'AdminSetUserPassword',
      'AdminDisableUser',
      'AdminEnableUser',
      'AdminUpdateUserAttributes',
    ])
      expect(server.pool.count(operation), operation).toBe(0)

    write('pool.jsonl', user('invited', { Enabled: false }), user('known', { Enabled: true }))
    expect((await importFile('--confirm', 'pool.jsonl')).counts).toEqual(counts({ failed: 2 }))
    expect((await admin.users.get('invited')).enabled).toBe(true)
    expect(read('pool.failed.jsonl').map(({ error }) => error)).toEqual(
      Array.from({ length: 2 }, () => 'the user is there and differs: --update changes them'),
    )
    expect((await importFile('--update', 'pool.failed.jsonl')).counts).toEqual(counts({ updated: 2 }))
    expect([(await admin.users.get('invited')).enabled, (await admin.users.get('known')).enabled]).toEqual([
      false,
      true,
    ])
    expect((await admin.users.get('invited')).status).toBe('FORCE_CHANGE_PASSWORD')
  })

  it('finishes a user whom it made and could not finish, when the failed line is fed again', async () => {
    await serve()
    write(
      'pool.jsonl',
      { user: { Username: 'alice', Attributes: [], Enabled: false, UserStatus: 'CONFIRMED' } },
      { user: { Username: 'bob', Attributes: [], Enabled: true, UserStatus: 'CONFIRMED' } },
    )
    server.pool.fail('AdminSetUserPassword', { error: 'InvalidPasswordException' })
    expect((await importFile('--confirm', 'pool.jsonl')).counts).toEqual(counts({ failed: 2 }))
    server.pool.recover()
    expect(await importFile('--confirm', 'pool.failed.jsonl')).toEqual({
      status: 0,
      stderr: '',
      counts: counts({ created: 2 }),
    })
    expect(await admin.users.get('alice')).toMatchObject({ enabled: false, status: 'CONFIRMED' })
    expect(await admin.users.get('bob')).toMatchObject({ enabled: true, status: 'CONFIRMED' })
  })

  it('leaves no file of failed lines of an earlier run, and touches no other file', async () => {
    await serve()
    write('pool.jsonl', { member: { Username: 'alice', GroupName: 'editor' } })
    expect((await importFile('pool.jsonl')).status).toBe(1)
    expect(read('pool.failed.jsonl')).toHaveLength(1)
    await admin.users.create({ username: 'alice', messageAction: 'SUPPRESS' })
    await admin.groups.create({ name: 'editor' })
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ added: 1 }))
    expect(readdirSync(folder)).toEqual(['pool.jsonl'])
    writeFileSync(join(folder, 'mine.txt'), 'mine\n')
    expect((await importFile('--failed', 'mine.txt', 'pool.jsonl')).stderr).toBe(
      'mine.txt: it holds something else than failed lines; name another file with --failed\n',
    )
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine\n')
  })

  it('counts memberships that are there already, in small groups and in large ones', async () => {
    const users = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`user${index}`, { groups: ['all'] }]))
    await serve({ groups: ['all', 'none'], users })
    write(
      'pool.jsonl',
      ...Object.keys(users).flatMap((Username) => [
        { member: { Username, GroupName: 'all' } },
        { member: { Username, GroupName: 'none' } },
      ]),
    )
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ added: 70, present: 70 }))
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ present: 140 }))
    expect(server.pool.count('AdminAddUserToGroup')).toBe(70)
    expect(server.pool.count('AdminGetUser')).toBe(0)
  })

  it('takes lines in any order, with any text, and with the line ends of Windows', async () => {
    await serve()
    const odd = 'line\u2028paragraph\u2029tab\ttext \u{1f600} \u202eabc "quoted" \\ é'
    const lines = [
      { member: { Username: 'ålice', GroupName: 'redaktør' } },
      { user: { Username: 'ålice', Attributes: [{ Name: 'name', Value: odd }] } },
      { user: { Username: 'ålice', Attributes: [{ Name: 'name', Value: odd }] } },
      { group: { GroupName: 'redaktør', Description: odd } },
    ]
    writeFileSync(join(folder, 'pool.jsonl'), `\ufeff${lines.map((line) => JSON.stringify(line)).join('\r\n')}`)
    expect(await importFile('pool.jsonl')).toEqual({
      status: 0,
      stderr: '',
      counts: counts({ created: 2, unchanged: 1, added: 1 }),
    })
    expect((await admin.users.get('ålice')).attributes).toMatchObject({ name: odd })
    expect((await admin.groups.get('redaktør')).description).toBe(odd)
  })

  it('brings users into a pool that gives them names of its own, by address', async () => {
    await serve({ usernameAttributes: ['email'] })
    const user = (Username: string, email: string) => ({
      user: { Username, Attributes: [{ Name: 'email', Value: email }] },
    })
    write(
      'pool.jsonl',
      { group: { GroupName: 'editor' } },
      user('1111', 'alice@example.com'),
      user('2222', 'bob@example.com'),
      { member: { Username: '1111', GroupName: 'editor' } },
      { member: { Username: '2222', GroupName: 'editor' } },
    )
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ created: 3, added: 2 }))
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ unchanged: 3, present: 2 }))
    const members = await admin.groups.members('editor').toArray()
    expect(members.map(({ attributes }) => attributes['email']).sort()).toEqual([
      'alice@example.com',
      'bob@example.com',
    ])
  })

  it('changes groups with --update only, and takes away what the line has not', async () => {
    await serve({ groups: { editor: { allow: [], precedence: 7 } } })
    await admin.groups.update('editor', { description: 'Old' })
    write('pool.jsonl', { group: { GroupName: 'editor', Precedence: 8 } })
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ failed: 1 }))
    expect((await importFile('--update', 'pool.jsonl')).counts).toEqual(counts({ updated: 1 }))
    expect(await admin.groups.get('editor')).toMatchObject({ precedence: 8 })
    expect((await admin.groups.get('editor')).description ?? '').toBe('')
    expect((await importFile('--update', 'pool.jsonl')).counts).toEqual(counts({ unchanged: 1 }))
  })

  it('stops at what concerns every line, says what, and goes on afterwards', async () => {
    await serve()
    write('pool.jsonl', { group: { GroupName: 'a' } }, { group: { GroupName: 'b' } })
    server.pool.fail('CreateGroup', { error: 'AccessDeniedException' })
    const denied = await importFile('pool.jsonl')
    expect(denied.status).toBe(1)
    expect(denied.stderr).toMatch(
      /^CreateGroup: AccessDeniedException.* The same command goes on where this one stopped\.\n$/,
    )
    expect(existsSync(join(folder, 'pool.failed.jsonl'))).toBe(false)
    server.pool.recover()
    expect((await importFile('pool.jsonl')).counts).toEqual(counts({ created: 2 }))
  })

  it.each([
    ['{"grup":{}}', 'bad.jsonl:2  expected one of'],
    ['{"group":{"GroupName":""}}', 'bad.jsonl:2  expected one of'],
    ['{"user":{"Username":"a"},"group":{"GroupName":"b"}}', 'bad.jsonl:2  expected one of'],
    ['{"user":{"Username":"a","Attributes":[{"Value":"b"}]}}', 'bad.jsonl:2  expected Attributes of a Name'],
    ['[]', 'bad.jsonl:2  expected one of'],
    ['{"user"', 'bad.jsonl:2  expected a line of JSON'],
    [Buffer.from([0x22, 0xff, 0x22]), 'bad.jsonl: expected UTF-8'],
  ])('refuses %s before anything is written', async (line, message) => {
    await serve()
    const good = Buffer.from('{"group":{"GroupName":"new"}}\n')
    writeFileSync(join(folder, 'bad.jsonl'), Buffer.concat([good, Buffer.from(line)]))
    const { status, stderr } = await importFile('bad.jsonl')
    expect({ status, told: stderr.startsWith(message), stderr }).toEqual({ status: 1, told: true, stderr })
    expect(server.pool.count('CreateGroup')).toBe(0)
    expect(readdirSync(folder)).toEqual(['bad.jsonl'])
  })
})
