import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createPoolAdmin, type PoolAdmin } from 'cognigate/admin'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hasAccess } from '../../examples/admin/access.ts'
import { disableAccount, enableAccount } from '../../examples/admin/account-status.ts'
import { welcome } from '../../examples/admin/bulk.ts'
import { showGroup } from '../../examples/admin/group-object.ts'
import { showGroups } from '../../examples/admin/groups.ts'
import { promoteUser } from '../../examples/admin/hierarchy.ts'
import { changeMembership } from '../../examples/admin/membership.ts'
import { reportGroups } from '../../examples/admin/report.ts'
import { assignUserRole } from '../../examples/admin/roles.ts'
import { run } from '../../scripts/lib/run.mjs'
import { runtimes } from '../../scripts/lib/runtimes.mjs'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { hasMoto, startMoto } from '../conformance/emulators/moto.ts'

let pool: LocalPool
let admin: PoolAdmin
let printed: string[]

beforeEach(async () => {
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  pool = await createLocalPool({
    now: () => Date.UTC(2026, 0, 1),
    groups: {
      super_admin: { precedence: 1, description: 'Everything' },
      admin: { precedence: 10, description: 'Administrators', roleArn: 'arn:aws:iam::123456789012:role/role_admin' },
      manager: { precedence: 20 },
      employee: { precedence: 30 },
      guest: { precedence: 40 },
      engineering: { precedence: 40 },
      'beta-testers': {},
    },
    users: {
      alice: { groups: ['admin', 'engineering'] },
      bob: { groups: ['employee', 'guest', 'beta-testers'] },
      carol: { password: 'Correct-Horse-1' },
      dave: { groups: ['guest'], enabled: false },
    },
  })
  const { userPoolId, now, fetch } = pool.settings
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }
  const sleep = async (milliseconds: number) => pool.advance(milliseconds / 1000)
  // By its name, as the examples have it: they tell errors by their class.
  admin = createPoolAdmin({ userPoolId, credentials, fetch, now, sleep })
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the examples of administration', () => {
  it('read one group and all groups', async () => {
    await showGroups(admin, 'admin')
    expect(printed).toEqual([
      'Group: admin',
      'Description: Administrators',
      'Precedence: 10',
      'Groups in all: 7',
      '- admin: Administrators',
      ...['beta-testers', 'employee', 'engineering', 'guest', 'manager'].map((name) => `- ${name}: no description`),
      '- super_admin: Everything',
    ])
  })

  it('say that there is no such group, and nothing else where the pool cannot be asked', async () => {
    await showGroups(admin, 'Admin')
    expect(printed[0]).toBe('There is no group Admin.')
    pool.fail('GetGroup', { error: 'NotAuthorizedException' })
    await expect(showGroups(admin, 'admin')).rejects.toMatchObject({ code: 'NotAuthorizedException' })
  })

  it('show all that a group has', async () => {
    await showGroup(admin, 'admin')
    await showGroup(admin, 'super_admin')
    await showGroup(admin, 'beta-testers')
    expect(printed).toEqual([
      'Name: admin',
      'Description: Administrators',
      'Created: 2026-01-01T00:00:00.000Z',
      'Modified: 2026-01-01T00:00:00.000Z',
      'Role: arn:aws:iam::123456789012:role/role_admin',
      'Precedence: 10',
      'Name: super_admin',
      'Description: Everything',
      'Created: 2026-01-01T00:00:00.000Z',
      'Modified: 2026-01-01T00:00:00.000Z',
      'Role: none',
      'Precedence: 1',
      'A group of high priority.',
      'Name: beta-testers',
      'Description: none',
      'Created: 2026-01-01T00:00:00.000Z',
      'Modified: 2026-01-01T00:00:00.000Z',
      'Role: none',
      'Precedence: none',
    ])
  })

  it('change memberships', async () => {
    await changeMembership(admin, 'carol', 'engineering', 'beta-testers')
    expect(printed).toEqual(['carol is now in beta-testers, engineering', 'carol is now in engineering'])
    expect(await resolveGroups('carol')).toEqual(['engineering'])
  })

  it('disable and enable an account', async () => {
    await disableAccount(admin, 'bob')
    expect((await admin.users.get('bob')).enabled).toBe(false)
    expect(await resolveGroups('bob')).toEqual(['beta-testers', 'employee', 'guest'])
    await enableAccount(admin, 'bob')
    expect(printed).toEqual(['bob is disabled.', 'bob is enabled.'])
    expect(pool.count('AdminUserGlobalSignOut')).toBe(1)
  })

  it('assign a role in place of all others, the new one first', async () => {
    await assignUserRole(admin, 'bob', 'manager')
    expect(printed).toEqual(['bob has the role manager, no longer employee, guest.'])
    expect(await resolveGroups('bob')).toEqual(['beta-testers', 'manager'])
    const writes = pool.requests.flatMap(({ operation = '' }) =>
      /AddUser|RemoveUser/.test(operation) ? operation : [],
    )
    expect(writes).toEqual(['AdminAddUserToGroup', 'AdminRemoveUserFromGroup', 'AdminRemoveUserFromGroup'])
  })

  it('assign nothing that is no role', async () => {
    await assignUserRole(admin, 'bob', 'engineering')
    expect(printed).toEqual(['engineering is no role.'])
    expect(await resolveGroups('bob')).toEqual(['beta-testers', 'employee', 'guest'])
  })

  it.each([
    ['alice', ['admin', 'manager'], true, ['Access granted. Groups: admin, engineering.']],
    [
      'bob',
      ['admin', 'manager'],
      false,
      ['Access denied. Groups: beta-testers, employee, guest.', 'Required: admin or manager.'],
    ],
    ['carol', ['admin'], false, ['Access denied. Groups: none.', 'Required: admin.']],
    ['dave', ['guest'], false, ['Access denied. Groups: guest.', 'The user is disabled.']],
  ])('tell whether %s is in any of %j', async (username, required, granted, lines) => {
    expect(await hasAccess(admin, username, ...required)).toBe(granted)
    expect(printed).toEqual(lines)
  })

  it('put many users into groups, whatever becomes of one of them', async () => {
    const result = await welcome(admin, 'employee,engineering', 'bob', 'carol', 'mallory')
    expect(printed.slice(0, 2)).toEqual(['Managing 7 groups:', '- admin (precedence: 10)'])
    expect(printed.slice(8, 12)).toEqual([
      'Added bob to engineering',
      'Added carol to employee',
      'Added carol to engineering',
      'bob was in employee already',
    ])
    expect(printed.slice(12).map((line) => line.split(':')[0])).toEqual([
      'Failed for mallory and employee',
      'Failed for mallory and engineering',
    ])
    expect([result.stopReason, result.pending]).toEqual(['done', []])
    expect(await resolveGroups('carol')).toEqual(['employee', 'engineering'])
    expect(await resolveGroups('bob')).toEqual(['beta-testers', 'employee', 'engineering', 'guest'])
  })

  it.each([
    ['bob', 'manager', ['Promoted bob from employee to manager', 'bob is manager'], ['beta-testers', 'manager']],
    [
      'bob',
      'guest',
      ['Cannot promote bob from employee to guest', 'bob is employee'],
      ['beta-testers', 'employee', 'guest'],
    ],
    ['alice', 'manager', ['Cannot promote alice from admin to manager', 'alice is admin'], ['admin', 'engineering']],
    ['carol', 'employee', ['Promoted carol from guest to employee', 'carol is employee'], ['employee']],
    ['carol', 'engineering', ['engineering is no role.', 'carol is guest'], []],
  ])('promote %s to %s only if that is higher', async (username, role, lines, groups) => {
    await promoteUser(admin, username, role)
    expect(printed).toEqual(lines)
    expect(await resolveGroups(username)).toEqual(groups)
  })

  it('report who is in which group, and what deserves a look', async () => {
    await reportGroups(admin)
    const text = printed.join('\n')
    expect(text).toContain(
      'admin (Administrators)\n  Created: 2026-01-01T00:00:00.000Z\n  Precedence: 10\n  Members (1): alice\n',
    )
    expect(text).toContain('manager (no description)')
    expect(text).toContain('Precedence: 20\n  Members (0): none\n')
    expect(text).toContain('\nalice: admin, engineering\n')
    expect(text).toContain('\ncarol: no groups\n')
    expect(text).toContain('\n- Nobody is in the group "manager".')
    expect(text).toContain('\n- "dave" is disabled but still in the group "guest".')
    expect(text).toContain('\n- The groups "engineering", "guest" have the same precedence, 40.')
    expect(new Set(pool.requests.map(({ operation }) => operation))).toEqual(
      new Set(['ListGroups', 'ListUsers', 'ListUsersInGroup']),
    )
  })
})

/** A file of examples/admin, what it is given in place of what stands in angle brackets, and a line that it prints. */
const programs: [string, string[], string][] = [
  ['access.ts', ['alice', 'manager', 'admin'], 'Access granted. Groups: admin, engineering.'],
  ['account-status.ts', ['disable', 'bob'], 'bob is disabled.'],
  ['account-status.ts', ['enable', 'dave'], 'dave is enabled.'],
  ['bulk.ts', ['employee,guest', 'carol', 'bob'], 'Added carol to guest'],
  ['group-object.ts', ['admin'], 'Role: arn:aws:iam::123456789012:role/role_admin'],
  ['groups.ts', ['admin'], 'Groups in all: 7'],
  ['hierarchy.ts', ['bob', 'manager'], 'Promoted bob from employee to manager'],
  ['membership.ts', ['carol', 'guest', 'employee'], 'carol is now in employee, guest'],
  ['report.ts', [], 'USERS AND THEIR GROUPS'],
  ['roles.ts', ['carol', 'manager'], 'carol has the role manager.'],
]

const page = readFileSync('docs/administration.md', 'utf8')

/** Runs a command as a reader does, whose PATH does not have the tools of this checkout. */
function asReader(command: string, env: Record<string, string>) {
  const PATH = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return run(['sh', '-c', command], { env: { ...env, PATH: PATH.join(':') } })
}

/**
 * The command that a file's header prints, with arguments in place of what stands for them. npx takes longer than all that it
 * starts here: it is run for one of them and for the page, and stands for the Node of this checkout otherwise.
 */
function commandOf(file: string, args: readonly string[]): string {
  const header = readFileSync(`examples/admin/${file}`, 'utf8')
  const [, command = ''] = /`(npx node examples\/admin\/[\w-]+\.ts)[ `]/.exec(header) ?? []
  expect(command).toContain(file)
  const whole = [command, ...args.map((arg) => `'${arg}'`)].join(' ')
  return file === 'roles.ts' ? whole : whole.replace('npx node', runtimes.node)
}

describe('the files as programs', () => {
  let endpoint: string
  let close: () => Promise<unknown>

  beforeEach(async () => {
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray())
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && name !== 'host' ? [[name, value]] : [],
      )
      const answer = await pool.fetch(new Request(pool.endpoint, { method: 'POST', headers, body }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    close = () => new Promise((resolve) => server.close(resolve))
  })

  afterEach(() => close())

  it.each(programs)('%s %j, as its header prints it', async (file, args, line) => {
    const { ok, output } = await printedCommand(file, args)
    expect(output.split('\n')).toContain(line)
    expect(ok).toBe(true)
  })

  it('tell how far they are, and how fast', async () => {
    const { output } = await printedCommand('bulk.ts', ['employee,guest', 'carol', 'bob'])
    expect(output).toMatch(/^4 of 4, \d+\.\d a second$/m)
  })

  it.each([
    ['Bun', [runtimes.bun]],
    ['Deno', [runtimes.deno, 'run', '-A']],
  ])('run on %s as well', async (_, command) => {
    const { ok, output } = await program(command, 'roles.ts', ['carol', 'manager'])
    expect(output.split('\n')).toContain('carol has the role manager.')
    expect(ok).toBe(true)
    expect(await resolveGroups('carol')).toEqual(['manager'])
  })

  it('say what is missing', async () => {
    const { ok, output } = await program([runtimes.node], 'roles.ts', ['carol'])
    expect(output).toContain('Missing: <role>. Expected: <username> <role>')
    expect(ok).toBe(false)
  })

  it('docs/administration.md prints', async () => {
    const [, command = ''] = /`(npx node examples\/admin\/[^`]+)`/.exec(page) ?? []
    const { ok, output } = await asReader(command, environment())
    expect(output.split('\n')).toContain('alice has the role manager, no longer admin.')
    expect(ok).toBe(true)
  })

  const printedCommand = (file: string, args: readonly string[]) => asReader(commandOf(file, args), environment())

  const environment = () => ({
    COGNITO_USER_POOL_ID: pool.settings.userPoolId,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example-secret',
    AWS_SESSION_TOKEN: '',
    NO_COLOR: '1',
  })

  function program(command: readonly string[], file: string, args: readonly string[]) {
    return run([...command, `examples/admin/${file}`, ...args], { env: environment() })
  }
})

const isThere = hasMoto()
if (!isThere) console.log('skipped: the examples against moto, since moto_server is not on PATH')

describe.skipIf(!isThere)('the files as programs, against moto', () => {
  it('do the same', async () => {
    const moto = await startMoto()
    try {
      const { accessKeyId, secretAccessKey } = moto.credentials
      const first = createPoolAdmin({ userPoolId: 'eu-west-1_AbC', endpoint: moto.url, credentials: moto.credentials })
      const { UserPool } = await first.call('CreateUserPool', { PoolName: 'example' })
      const userPoolId = UserPool?.Id ?? ''
      const there = createPoolAdmin({ userPoolId, endpoint: moto.url, credentials: moto.credentials })
      for (const group of await admin.groups.list().toArray()) {
        const { name, description, roleArn, precedence } = group
        await there.groups.create({ name, description, roleArn, precedence })
      }
      for (const username of ['alice', 'bob', 'carol', 'dave']) {
        await there.users.create({ username, messageAction: 'SUPPRESS' })
        for (const group of await resolveGroups(username)) await there.users.addToGroup(username, group)
      }
      const env = {
        ...{ COGNITO_USER_POOL_ID: userPoolId, AWS_ENDPOINT_URL: moto.url, AWS_SESSION_TOKEN: '' },
        ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      }
      for (const [file, args, line] of programs) {
        const { output } = await run([runtimes.node, `examples/admin/${file}`, ...args], { env })
        // Moto lists the groups of a user in the order in which they were made.
        const expected = line.replace(/(granted\. Groups|is now in|role manager).*/, '$1')
        expect([file, output]).toEqual([file, expect.stringContaining(expected)])
      }
    } finally {
      await moto.stop()
    }
  }, 120_000)
})

async function resolveGroups(username: string): Promise<string[]> {
  return (await admin.users.groups(username).toArray()).map(({ name }) => name)
}
