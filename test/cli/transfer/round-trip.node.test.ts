import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import type { LocalUser } from '../../../src/local/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, hasProgram, run } from '../../support/command-line.ts'

// A pool through `export` and `import` into an empty one, under throttles: everything that can be carried is. With COGNIGATE_USERS=10000
// it is the run whose figures docs/command-line/export-import.md has, and it prints them.

const size = Number(process.env['COGNIGATE_USERS'] ?? 300)
const isLarge = size > 1000
const timeout = isLarge ? 3_600_000 : 120_000
const userPoolId = 'eu-west-1_AbCdEfGhI'
let [source, target]: LocalServer[] = []
let folder: string

/** Texts that a terminal, a spreadsheet or a reader of lines could take for something else. */
const texts = [
  'Ålice Ø. Müller-Łukasz',
  '=HYPERLINK("http://example.com")',
  'line\nbreak and\u2028separator',
  '\u001b]0;title\u0007\u001b[31m',
  'right\u202eleft',
  '李小龍 \u{1f600}',
  '"quoted", \\ and, commas\r\n',
]

function createUser(index: number): LocalUser {
  const statuses = ['CONFIRMED', 'UNCONFIRMED', 'FORCE_CHANGE_PASSWORD', 'RESET_REQUIRED', 'CONFIRMED'] as const
  const groups = [
    `group${index % 30}`,
    ...(index % 3 ? [`group${(index * 7 + 1) % 30}`] : []),
    ...(index % 2 ? ['all'] : []),
  ]
  return {
    status: index < 3 ? 'EXTERNAL_PROVIDER' : statuses[index % 5],
    enabled: index % 7 > 0,
    groups: index < 3 ? [] : [...new Set(groups)],
    email: `user${index}@example.com`,
    email_verified: index % 2 === 0,
    ...(index % 4 === 0 && { mfa: index % 8 ? ['SMS_MFA'] : ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] }),
    attributes: {
      name: texts[index % texts.length] ?? '',
      phone_number: `+3161${String(index).padStart(7, '0')}`,
      birthdate: '1970-01-01',
      updated_at: 1_700_000_000 + index,
      address: JSON.stringify({ street: texts[(index + 1) % texts.length] }),
      'custom:tier': `tier ${index % 9}`,
      'custom:number': index,
      'custom:active': index % 2 === 0,
    },
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-round-trip-'))
  const names = ['all', 'empty', ...Array.from({ length: 30 }, (_, index) => `group${index}`)]
  const groups = Object.fromEntries(
    names.map((name, precedence) => [name, { allow: [], precedence, description: texts[precedence % 7] }]),
  )
  const users = Object.fromEntries(
    Array.from({ length: size }, (_, index) => [`us\u00e9r-${index}`, createUser(index)]),
  )
  source = await startLocalServer({ pool: { userPoolId, groups, users } })
  target = await startLocalServer({ pool: { userPoolId } })
}, timeout)
afterAll(async () => {
  await source?.close()
  await target?.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** Runs a command to its end; what it printed, and how much memory it took at most, in MB. */
async function cognigate(server: LocalServer | undefined, ...args: string[]) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, AWS_ENDPOINT_URL: server?.url, COGNITO_USER_POOL_ID: userPoolId }
  const measure = `data:text/javascript,import fs from 'node:fs';process.on('exit',()=>fs.writeSync(3,String(process.resourceUsage().maxRSS)))`
  const stdio: 'pipe'[] = ['pipe', 'pipe', 'pipe', 'pipe']
  const start = performance.now()
  const child = spawn(runtimes.node, ['--import', measure, commandLine, ...args], { cwd: folder, env, stdio })
  const printed = ['', '', '', '']
  for (const [index, stream] of child.stdio.entries()) {
    stream?.on('data', (part) => {
      printed[index] += String(part)
    })
  }
  const status = await new Promise((resolve) => child.on('close', resolve))
  const [, stdout, stderr, kilobytes] = printed
  const seconds = (performance.now() - start) / 1000
  const peak = Number(kilobytes) / 1024
  if (isLarge) console.log(`${args.join(' ')}: ${seconds.toFixed(0)} s, at most ${peak.toFixed(0)} MB`)
  return { status, stdout, stderr, peak, seconds }
}

interface Attribute {
  readonly Name: string
  readonly Value: string
}
interface ExportedUser {
  readonly Username: string
  readonly Attributes: readonly Attribute[]
  readonly Enabled: boolean
  readonly UserStatus: string
}

/** An export, with what an import cannot carry put in the form that it has afterwards. */
function readExport(file: string, carried: 'as it is' | 'as imported') {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n').slice(1)
  const found = { groups: [] as object[], users: [] as object[], members: [] as string[] }
  for (const text of lines) {
    const { group, user, member } = JSON.parse(text)
    if (group !== undefined) {
      const { LastModifiedDate: _, CreationDate: __, ...rest } = group
      found.groups.push(rest)
    }
    if (member !== undefined) found.members.push(`${member.GroupName} ${member.Username}`)
    if (user !== undefined) found.users.push(...toEssence(user, carried))
  }
  return { ...found, members: found.members.sort() }
}

function toEssence(
  user: ExportedUser & Readonly<Record<string, unknown>>,
  carried: 'as it is' | 'as imported',
): object[] {
  const {
    UserCreateDate: _,
    UserLastModifiedDate: __,
    UserMFASettingList: ___,
    PreferredMfaSetting: ____,
    ...rest
  } = user
  const Attributes = rest.Attributes.filter(({ Name }) => Name !== 'sub')
  if (carried === 'as it is') return [{ ...rest, Attributes }]
  const isTemporary = ['FORCE_CHANGE_PASSWORD', 'UNCONFIRMED'].includes(rest.UserStatus)
  if (rest.UserStatus === 'EXTERNAL_PROVIDER') return []
  return [{ ...rest, Attributes, UserStatus: isTemporary ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED' }]
}

/** boto3 lists both pools whole, and looks at one user of each page. */
const judge = `
import boto3, json, sys
def read(url):
    client = boto3.client('cognito-idp', endpoint_url=url)
    pool = dict(UserPoolId='${userPoolId}')
    users, samples, members, groups = {}, {}, {}, {}
    for page in client.get_paginator('list_users').paginate(**pool):
        for user in page['Users']:
            users[user['Username']] = (
                sorted((a['Name'], a['Value']) for a in user['Attributes'] if a['Name'] != 'sub'),
                user['Enabled'], user['UserStatus'])
        one = page['Users'][0]['Username']
        found = client.admin_get_user(Username=one, **pool)
        memberships = client.admin_list_groups_for_user(Username=one, **pool)['Groups']
        samples[one] = (found['Enabled'], sorted(g['GroupName'] for g in memberships))
    for page in client.get_paginator('list_groups').paginate(**pool):
        for group in page['Groups']:
            groups[group['GroupName']] = (group.get('Description'), group.get('Precedence'), group.get('RoleArn'))
    for name in groups:
        pages = client.get_paginator('list_users_in_group').paginate(GroupName=name, **pool)
        members[name] = sorted(user['Username'] for page in pages for user in page['Users'])
    return users, samples, groups, members
old, new = read(sys.argv[1]), read(sys.argv[2])
def expect(user):
    attributes, enabled, status = user
    return attributes, enabled, 'FORCE_CHANGE_PASSWORD' if status in ('FORCE_CHANGE_PASSWORD', 'UNCONFIRMED') else 'CONFIRMED'
wanted = {name: expect(user) for name, user in old[0].items() if user[2] != 'EXTERNAL_PROVIDER'}
samples = [name for name in new[1] if name in old[1] and new[1][name] != old[1][name]]
print(json.dumps(dict(
    users=len(new[0]), wrongUsers=[name for name in {**wanted, **new[0]} if wanted.get(name) != new[0].get(name)],
    groups=len(new[2]), groupsEqual=new[2] == old[2], membersEqual=new[3] == old[3], wrongSamples=samples)))
`

describe(`a pool of ${size} users`, () => {
  it('is exported whole under throttles, at the rate that is asked for', { timeout }, async () => {
    const throttle = { error: 'TooManyRequestsException', ...(isLarge ? { rate: 0.01, seed: 1 } : { times: 1 }) }
    const throttles = ['ListGroups', 'ListUsers', 'AdminGetUser', 'ListUsersInGroup'].map((operation) =>
      source?.pool.fail(operation, throttle),
    )
    const before = source?.pool.requests.length ?? 0
    const args = ['export', '--concurrency', '10', '--max-rps', '500', '--out', 'pool.jsonl']
    const { status, stdout, stderr, peak, seconds } = await cognigate(source, ...args)
    const requests = (source?.pool.requests.length ?? 0) - before
    const hits = throttles.reduce((sum, fault) => sum + (fault?.hits ?? 0), 0)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(hits).toBeGreaterThanOrEqual(4)
    expect(seconds).toBeGreaterThan((requests - 1) / 500)
    if (isLarge) console.log(`${requests} requests, ${hits} of them throttled`)
    // A Node that has done nothing takes some 50 MB; the rest is garbage that it has not collected yet.
    expect(peak).toBeLessThan(400)
    source?.pool.recover()
    const found = readExport('pool.jsonl', 'as it is')
    expect([found.groups.length, found.users.length]).toEqual([32, size])
  })

  it('is imported, all that can be, and the rest is told line by line', { timeout }, async () => {
    const throttle = { error: 'TooManyRequestsException', ...(isLarge ? { rate: 0.01, seed: 2 } : { times: 1 }) }
    for (const operation of ['CreateGroup', 'AdminCreateUser', 'AdminSetUserPassword', 'AdminAddUserToGroup'])
      target?.pool.fail(operation, throttle)
    const { members } = readExport('pool.jsonl', 'as it is')
    const { status, stdout } = await cognigate(target, 'import', '--confirm', '--concurrency', '10', 'pool.jsonl')
    target?.pool.recover()
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: `${size - 3 + 32} created, 0 updated, 0 unchanged, ${members.length} memberships added, 0 there already, 3 failed.\n`,
    })
    const failed = readFileSync(join(folder, 'pool.failed.jsonl'), 'utf8').trim().split('\n')
    expect(failed.map((line) => JSON.parse(line).user.UserStatus)).toEqual(
      Array.from({ length: 3 }, () => 'EXTERNAL_PROVIDER'),
    )
  })

  it('is the same in the other pool, by a second export', { timeout }, async () => {
    expect((await cognigate(target, 'export', '--concurrency', '10', '--out', 'copy.jsonl')).status).toBe(0)
    expect(readExport('copy.jsonl', 'as it is')).toEqual(readExport('pool.jsonl', 'as imported'))
  })

  it('is the same in the other pool, by boto3', { timeout }, async (context) => {
    if (!hasProgram('python3')) context.skip('no Python here')
    const { PATH, HOME } = process.env
    const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'eu-west-1' }
    writeFileSync(join(folder, 'judge.py'), judge)
    const python = ['python3', join(folder, 'judge.py'), source?.url ?? '', target?.url ?? ''] as const
    const { stdout, stderr } = await run(python, { env: { PATH, HOME, ...keys }, timeout })
    if (/ModuleNotFoundError/.test(stderr)) context.skip('no boto3 here')
    const same = { groups: 32, groupsEqual: true, membersEqual: true }
    expect(JSON.parse(stdout)).toEqual({ users: size - 3, wrongUsers: [], ...same, wrongSamples: [] })
  })

  it('is left as it is by a second import', { timeout }, async () => {
    const { members } = readExport('pool.jsonl', 'as it is')
    const writes = [
      'AdminSetUserPassword',
      'AdminDisableUser',
      'AdminAddUserToGroup',
      'AdminUpdateUserAttributes',
    ] as const
    const before = writes.map((operation) => target?.pool.count(operation))
    const { stdout } = await cognigate(target, 'import', '--confirm', 'pool.jsonl')
    expect(stdout).toBe(
      `0 created, 0 updated, ${size - 3 + 32} unchanged, 0 memberships added, ${members.length} there already, 3 failed.\n`,
    )
    expect(writes.map((operation) => target?.pool.count(operation))).toEqual(before)
  })

  it('is audited whole, in every form that holds all of it', { timeout }, async () => {
    const { members, users } = readExport('pool.jsonl', 'as it is')
    const csv = await cognigate(source, 'audit', '--format', 'csv', '--out', 'audit.csv')
    const json = await cognigate(source, 'audit', '--by', 'user', '--format', 'json', '--out', 'audit.json')
    expect([csv.status, json.status]).toEqual([0, 0])
    const rows = readFileSync(join(folder, 'audit.csv'), 'utf8').split('\r\n').slice(1, -1)
    const told = rows.map((row) => row.split(',')).filter(([, , user]) => user !== '')
    expect(told.map(([group, , user]) => `${group} ${user}`).sort()).toEqual(members)
    const audit: { users: { username: string; groups: string[]; enabled: boolean }[] } = JSON.parse(
      readFileSync(join(folder, 'audit.json'), 'utf8'),
    )
    expect(audit.users.length).toBe(users.length)
    expect(audit.users.flatMap(({ username, groups }) => groups.map((group) => `${group} ${username}`)).sort()).toEqual(
      members,
    )
  })
})
