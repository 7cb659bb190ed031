import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { startLocalServer } from '../../../src/local/server/index.ts'
import { putAccessKey } from '../../support/access-key.ts'
import { commandLine, type Ended, run } from '../../support/command-line.ts'

// The pages name what the AWS key of export, import and audit may do: with exactly that everything works, and with each of it taken
// away the command says which action it lacks.

const userPoolId = 'eu-west-1_AbCdEfGhI'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-permissions-'))
  const user = (name: string, more: object = {}) => ({
    user: { Username: name, Attributes: [{ Name: 'email', Value: `${name}@example.com` }], ...more },
  })
  const lines = [
    { group: { GroupName: 'new' } },
    { group: { GroupName: 'there' } },
    user('alice', { UserStatus: 'CONFIRMED' }),
    user('disabled', { Enabled: false }),
    user('invited'),
    ...['alice', 'disabled'].map((Username) => ({ member: { Username, GroupName: 'new' } })),
    ...['alice', 'invited'].map((Username) => ({ member: { Username, GroupName: 'there' } })),
  ]
  const changes = [
    { group: { GroupName: 'there', Precedence: 9 } },
    user('invited', { Attributes: [...user('invited').user.Attributes, { Name: 'name', Value: 'Erin' }] }),
    user('locked', { Enabled: true }),
  ]
  const write = (file: string, all: readonly object[]) =>
    writeFileSync(join(folder, file), all.map((line) => `${JSON.stringify(line)}\n`).join(''))
  write('pool.jsonl', lines)
  write('update.jsonl', [...lines, ...changes])
})
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

/** Runs a command at a pool of its own, by a key that has these permissions. */
async function runWith(permissions: readonly string[], args: readonly string[]): Promise<Ended> {
  const server = await startLocalServer({
    pool: {
      userPoolId,
      usernameAttributes: ['email'],
      groups: ['there'],
      users: {
        'invited@example.com': { status: 'FORCE_CHANGE_PASSWORD', groups: ['there'] },
        'locked@example.com': { enabled: false },
      },
    },
  })
  try {
    const Resource = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${userPoolId}`
    const statements = permissions.map((Action) => ({ Effect: 'Allow', Action, Resource }))
    const keys = await putAccessKey(server.pool, 'operator', statements)
    const env = {
      AWS_ENDPOINT_URL: server.url,
      COGNITO_USER_POOL_ID: userPoolId,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    }
    return await run([runtimes.node, commandLine, ...args], { cwd: folder, env })
  } finally {
    await server.close()
    for (const file of ['pool.jsonl.journal', 'update.jsonl.journal']) rmSync(join(folder, file), { force: true })
  }
}

/** The actions in the line of a page that has this text and names some. */
function readActions(page: string, text: string): string[] {
  const line = readFileSync(`${root}/docs/command-line/${page}`, 'utf8')
    .split('\n')
    .find((each) => each.includes(text) && each.includes('cognito-idp:'))
  return [...(line ?? '').matchAll(/`(cognito-idp:\w+)`/g)].map(([, action = '']) => action)
}

const importing = readActions('export-import.md', '| `import` |')
const commands = [
  { args: ['export'], actions: readActions('export-import.md', '| `export` |'), own: undefined },
  { args: ['import', 'pool.jsonl'], actions: importing, own: undefined },
  {
    args: ['import', '--confirm', 'pool.jsonl'],
    actions: [...importing, ...readActions('export-import.md', '| `import --confirm` |')],
    own: readActions('export-import.md', '| `import --confirm` |'),
  },
  {
    args: ['import', '--update', 'update.jsonl'],
    actions: [...importing, ...readActions('export-import.md', '| `import --update` |')],
    own: readActions('export-import.md', '| `import --update` |'),
  },
  { args: ['audit'], actions: readActions('audit.md', 'It needs `cognito-idp:') },
]

it('The pages name the actions of each command.', () => {
  expect(commands.map(({ actions }) => actions.length)).toEqual([4, 9, 10, 12, 3])
})

describe.each(commands)('$args', ({ args, actions, own = actions }) => {
  it('works with the actions that its page names', async () => {
    expect(await runWith(actions, args)).toMatchObject({ status: 0, stderr: '' })
  })

  it.each(own)('says that it lacks %s', async (action) => {
    const rest = actions.filter((other) => other !== action)
    const { status, stderr } = await runWith(rest, args)
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^${action.replace('cognito-idp:', '')}: AccessDeniedException`))
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
