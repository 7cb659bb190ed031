import { CognitoIdentityProviderClient, CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider'
import {
  IAMClient,
  CreateRoleCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { openStateFile, type SavedState } from '../../../src/local/server/state-file.ts'
import type { UserState } from '../../../src/local/state/index.ts'
import { createSdkDriver } from '../../conformance/drivers/sdk.ts'
import { runScenario } from '../../conformance/scenario.ts'
import { trustPolicy } from '../../conformance/iam/clients.ts'
import { exampleCredentials } from '../../support/sdk-client.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
const pool = { userPoolId, clientId: 'main', users: { alice: { password: 'Correct-horse-1' } } }
let folder: string
let file: string
const running: { close(): Promise<void> }[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-state-'))
  file = join(folder, 'state')
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
  rmSync(folder, { recursive: true })
})

async function start(options: object = {}): Promise<LocalServer> {
  const server = await startLocalServer({ pool, state: file, ...options })
  running.push(server)
  return server
}

async function open(): Promise<SavedState> {
  const saved = await openStateFile(file, () => {})
  running.push(saved)
  return saved
}

/** What a file holds, once it is read. */
async function read(): Promise<unknown> {
  const saved = await openStateFile(file, () => {})
  await saved.close()
  return JSON.parse(JSON.stringify(saved.state))
}

const clientOf = ({ url }: LocalServer) =>
  new CognitoIdentityProviderClient({
    endpoint: url,
    region: 'eu-west-1',
    credentials: exampleCredentials,
    maxAttempts: 1,
  })

function user(username: string, more: Partial<UserState> = {}): UserState {
  const common = { status: 'CONFIRMED', enabled: true, attributes: { sub: username }, groups: [], mfa: [], devices: [] }
  return { username, ...common, createdAt: 1, updatedAt: 1, ...more }
}

describe('a state file', () => {
  it('keeps users, tokens, keys and the clock over a restart, and is for its owner alone', async () => {
    const first = await start()
    first.pool.advance(3600)
    const { accessToken } = await first.pool.tokens('alice')
    const keys = await (await fetch(first.settings.jwksUrl)).json()
    await first.close()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.lock`)).toBe(false)
    const second = await start()
    expect(await (await fetch(second.settings.jwksUrl)).json()).toEqual(keys)
    const own = await fetch(second.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.GetUser' },
      body: JSON.stringify({ AccessToken: accessToken }),
    })
    expect(await own.json()).toMatchObject({ Username: 'alice' })
    expect(second.pool.settings.now() - Date.now()).toBeGreaterThan(3_500_000)
  })

  it('holds after a whole scenario just what the memory holds, and so once it is written anew', async () => {
    const saved = await open()
    const { createWorld } = await import('../../../src/local/world.ts')
    const { openPool } = await import('../../../src/local/local-pool.ts')
    const { serve } = await import('../../../src/local/serve.ts')
    const { listen } = await import('../../../src/local/server/http.ts')
    const world = createWorld({}, saved)
    await saved.begin(() => void openPool(world, { userPoolId, clientId: 'main' }))
    const server = await listen({
      host: '127.0.0.1',
      port: 0,
      report: () => {},
      handle: (request) => serve(world, request),
    })
    running.unshift(server)
    const options = { endpoint: server.url, credentials: exampleCredentials, maxAttempts: 1 }
    const outcomes = await runScenario(
      createSdkDriver(new CognitoIdentityProviderClient({ ...options, region: 'eu-west-1' }), userPoolId),
    )
    expect([...outcomes.values()].filter((outcome) => JSON.stringify(outcome).includes('failed')).length).toBeLessThan(
      outcomes.size / 2,
    )
    const iam = new IAMClient({ ...options, region: 'us-east-1' })
    const RoleName = 'reader'
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy('eu-west-1:x') }))
    await iam.send(
      new TagRoleCommand({
        RoleName,
        Tags: [
          { Key: 'constructor', Value: 'a' },
          { Key: 'b', Value: 'c' },
        ],
      }),
    )
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['b'] }))
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    })
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }))
    const memory = JSON.parse(JSON.stringify(saved.state))
    expect(Object.keys(memory.pools[userPoolId].clients).length).toBeGreaterThan(1)
    await saved.close()
    expect(await read()).toEqual(memory)
    const again = await openStateFile(file, () => {})
    await again.compact()
    await again.close()
    expect(await read()).toEqual(memory)
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it('keeps what is changed while it is written anew', async () => {
    const saved = await open()
    const { state } = saved
    const { emptyPool } = await import('../../../src/local/cognito-idp/pools.ts')
    const { putUser, removeUser } = await import('../../../src/local/cognito-idp/directory.ts')
    const details = { userPoolId, name: 'a', region: 'eu-west-1' }
    await saved.begin(() => {
      state.pools[userPoolId] = emptyPool(details, 1)
      const fresh = state.pools[userPoolId]
      if (fresh !== undefined) for (let index = 0; index < 3000; index++) putUser(fresh, user(`user${index}`))
    })
    const now = state.pools[userPoolId]
    if (now === undefined) throw new Error('no pool')
    const writing = saved.compact()
    let isDone = false
    void writing.then(() => {
      isDone = true
    })
    for (let round = 0; !isDone; round++) {
      removeUser(now, user(`user${(round * 37) % 3000}`))
      putUser(now, user(`user${(round * 91) % 3000}`, { status: `round ${round}` }))
      putUser(now, user(`new${round}`))
      if (round === 3)
        state.pools['eu-west-1_Later0000'] = { ...emptyPool({ ...details, userPoolId: 'eu-west-1_Later0000' }, 2) }
      if (round === 5) state.pools[userPoolId] = { ...now, name: 'b' }
      if (round === 7) delete state.pools['eu-west-1_Later0000']
      saved.save()
      await new Promise((resume) => setImmediate(resume))
      expect(round).toBeLessThan(10_000)
    }
    const memory = JSON.parse(JSON.stringify(state))
    expect(memory.pools[userPoolId].name).toBe('b')
    await saved.close()
    expect(await read()).toEqual(memory)
  })

  it('is written in proportion to what changed, and written anew when it has grown', async () => {
    const saved = await open()
    const { emptyPool } = await import('../../../src/local/cognito-idp/pools.ts')
    const { putUser } = await import('../../../src/local/cognito-idp/directory.ts')
    await saved.begin(() => {
      saved.state.pools[userPoolId] = emptyPool({ userPoolId, name: 'a', region: 'eu-west-1' }, 1)
      const fresh = saved.state.pools[userPoolId]
      if (fresh !== undefined) for (let index = 0; index < 1000; index++) putUser(fresh, user(`user${index}`))
    })
    const before = statSync(file).size
    const now = saved.state.pools[userPoolId]
    if (now === undefined) throw new Error('no pool')
    putUser(now, user('user1', { status: 'RESET_REQUIRED' }))
    saved.state.pools[userPoolId] = { ...now, name: 'b' }
    saved.save()
    expect(statSync(file).size - before).toBeLessThan(600)
    for (let index = 0; index < 300; index++) {
      putUser(now, user('user2', { attributes: { sub: 'user2', profile: 'x'.repeat(20_000) } }))
      saved.save()
    }
    for (let turn = 0; statSync(file).size > 4_000_000 && turn < 10_000; turn++) {
      await new Promise((resume) => setImmediate(resume))
    }
    expect(statSync(file).size).toBeLessThan(4_000_000)
  })

  it('drops a last line that is torn, and takes an empty file for a new one', async () => {
    writeFileSync(file, '')
    const first = await start()
    await first.close()
    const whole = await read()
    appendFileSync(file, '[[["pools","eu-west-1_AbCdEfGhI","users","bob"],{"username":"b')
    expect(await read()).toEqual(whole)
    expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true)
  })

  it.each([
    ['another file', 'groups:\n  - a\n', 'is not a state file of cognigate, and is left as it is'],
    ['another JSON', '{"version":1}\n', 'is not a state file'],
    ['a file without a line', 'x', 'is not a state file'],
    [
      'a later version',
      '{"cognigate":"local","version":99}\n',
      'is of version 99, and this cognigate reads version 1; update',
    ],
    ['a damaged line', '{"cognigate":"local","version":1}\nnonsense\n[]\n', 'line 2 of'],
    ['a member that no state has', '{"cognigate":"local","version":1}\n[[["__proto__"],{}]]\n', 'line 2 of'],
    [
      'a way to what all objects share',
      '{"cognigate":"local","version":1}\n[[["__proto__","polluted"],1]]\n[[["constructor","prototype","polluted"],1]]\n',
      'line 2 of',
    ],
  ])('is refused, and left as it is: %s', async (_, content, message) => {
    writeFileSync(file, content, { mode: 0o644 })
    await expect(start()).rejects.toThrow(message)
    expect(readFileSync(file, 'utf8')).toBe(content)
    expect(statSync(file).mode & 0o777).toBe(0o644)
    expect({}).not.toHaveProperty('polluted')
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  it('is found by a link to it, which stays one', async () => {
    symlinkSync(file, join(folder, 'link'))
    writeFileSync(file, '')
    await (await start({ state: join(folder, 'link') })).close()
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(statSync(file).size).toBeGreaterThan(0)
  })

  it('is refused before anything is done where its name is that of a folder, a pipe, a device or a link to nothing', async () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
    await expect(start({ state: join(folder, 'link') })).rejects.toThrow('is a link to nothing; remove it')
    await expect(start({ state: folder })).rejects.toThrow('is not a regular file; name another')
    const pipe = join(folder, 'pipe')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    await expect(start({ state: pipe })).rejects.toThrow('is not a regular file')
    symlinkSync(pipe, join(folder, 'link-to-pipe'))
    await expect(start({ state: join(folder, 'link-to-pipe') })).rejects.toThrow('is not a regular file')
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    await expect(start({ state: join(folder, 'x'.repeat(300)) })).rejects.toThrow('the name of the file is too long')
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'link-to-pipe', 'pipe'])
  })

  it('keeps the keys of pools that CreateUserPool made, and those of identity pools', async () => {
    const first = await start()
    const { UserPool } = await clientOf(first).send(new CreateUserPoolCommand({ PoolName: 'second' }))
    const keysOf = async (url: string) => [
      await (await fetch(`${url}/${UserPool?.Id}/.well-known/jwks.json`)).json(),
      await (await fetch(`${url}/cognito-identity.amazonaws.com/.well-known/jwks_uri`)).json(),
    ]
    const before = await keysOf(first.url)
    for (const { keys } of before) expect(keys).toContainEqual(expect.objectContaining({ kid: expect.any(String) }))
    await first.close()
    const second = await start()
    expect(await keysOf(second.url)).toEqual(before)
  })

  it('serves one server at a time, by whatever name', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(`another server is using ${file}`)
    await expect(start({ state: join(folder, '..', folder.split('/').at(-1) ?? '', 'state') })).rejects.toThrow(
      'another server',
    )
    await first.close()
    await (await start()).close()
    await expect(start({ state: join(folder, 'nowhere', 'state') })).rejects.toThrow('there is no folder')
  })
})

describe('a server whose disk is full', () => {
  it('says so, answers with an error, and ends when it is told to; what was answered well is there afterwards', async () => {
    const child = spawn('sh', [
      '-c',
      `ulimit -f 40; exec "$0" "$@"`,
      runtimes.node,
      ...[`${root}/src/cli/main.ts`, 'local', '--port', '0', '--json', '--state', file],
    ])
    let log = ''
    child.stderr.on('data', (chunk) => {
      log += String(chunk)
    })
    const [first] = await once(child.stdout, 'data')
    const { url, userPoolId: UserPoolId } = JSON.parse(String(first))
    const client = clientOf({ url } as LocalServer)
    const { AdminCreateUserCommand, AdminGetUserCommand } = await import('@aws-sdk/client-cognito-identity-provider')
    const answered: string[] = []
    let failures = 0
    for (let index = 0; failures < 3; index++) {
      const Username = `user${index}`
      await client.send(new AdminCreateUserCommand({ UserPoolId, Username })).then(
        () => answered.push(Username),
        () => failures++,
      )
      expect(index).toBeLessThan(5000)
    }
    child.kill('SIGTERM')
    await once(child, 'close')
    const said = log.split('\n').filter((line) => line.startsWith('500 state: there is no room for more in'))
    expect(said).toHaveLength(3)
    expect(log).not.toContain('    at ')
    const again = clientOf(await start({ pool: {} }))
    expect(answered.length).toBeGreaterThan(10)
    for (const Username of answered) await again.send(new AdminGetUserCommand({ UserPoolId, Username }))
  })
})

describe('a server that is killed', () => {
  it('has what it answered when it starts again, at whatever moment that was', async () => {
    const answered = new Set<string>()
    for (let round = 0; round < 4; round++) {
      const child = spawn(runtimes.node, [`${root}/src/cli/main.ts`, 'local', '--port', '0', '--json', '--state', file])
      const [first] = await once(child.stdout, 'data')
      const { url, userPoolId: UserPoolId } = JSON.parse(String(first))
      const client = new CognitoIdentityProviderClient({
        endpoint: url,
        region: 'eu-west-1',
        credentials: exampleCredentials,
        maxAttempts: 1,
      })
      const { AdminCreateUserCommand, paginateListUsers } = await import('@aws-sdk/client-cognito-identity-provider')
      const found = new Set<string>()
      for await (const { Users = [] } of paginateListUsers({ client }, { UserPoolId })) {
        for (const { Username = '' } of Users) found.add(Username)
      }
      expect([...answered].filter((name) => !found.has(name))).toEqual([])
      const killAfter = answered.size + 20 + Math.floor(Math.random() * 60)
      const create = async (worker: number) => {
        for (let index = 0; child.exitCode === null && child.signalCode === null; index++) {
          const Username = `r${round}-w${worker}-${index}`
          try {
            await client.send(new AdminCreateUserCommand({ UserPoolId, Username }))
          } catch {
            return
          }
          answered.add(Username)
          if (answered.size === killAfter) child.kill('SIGKILL')
        }
      }
      await Promise.all([0, 1, 2, 3].map(create))
      await once(child, 'close').catch(() => {})
    }
    const last = await start({ pool: {} })
    const { paginateListUsers } = await import('@aws-sdk/client-cognito-identity-provider')
    let count = 0
    for await (const { Users = [] } of paginateListUsers(
      { client: clientOf(last) },
      { UserPoolId: last.settings.userPoolId },
    )) {
      count += Users.filter(({ Username = '' }) => answered.has(Username)).length
    }
    expect(count).toBe(answered.size)
  })
})
