import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { startLocalServer } from '../../../src/local/server/index.ts'
import { commandLine, run } from '../../support/command-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

const cognigate = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  run([runtimes.node, commandLine, ...args], { cwd: folder, env })

const texts = new WeakMap<ChildProcess, { text: string }>()

/** Waits until a program has printed something. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  const all = texts.get(child) ?? { text: '' }
  if (!texts.has(child)) {
    texts.set(child, all)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part) => {
        all.text += String(part)
      })
    }
  }
  for (;;) {
    const found = pattern.exec(all.text)
    if (found !== null) return found
    if (child.exitCode !== null) throw new Error(all.text)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** An access token of a user of the seed. */
async function signIn(aws: string, username: string): Promise<string | undefined> {
  const response = await fetch(aws, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
    body: JSON.stringify({
      ClientId: 'localclient',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: 'Correct-horse-1' },
    }),
  })
  const answer = (await response.json()) as { AuthenticationResult?: { AccessToken?: string } }
  return answer.AuthenticationResult?.AccessToken
}

describe('cognigate init', () => {
  it.each(['groups.yaml', 'groups.json'])(
    'writes a first %s that has no mistakes and names its schema',
    async (file) => {
      expect(await cognigate(['init', file])).toMatchObject({ status: 0, stdout: '' })
      expect(await cognigate(['validate', '--strict', file])).toMatchObject({ status: 0, stderr: '' })
      const text = readFileSync(join(folder, file), 'utf8')
      expect(text).toMatch(/\$schema.*definitions\.schema\.json/)
      expect(await cognigate(['init', file])).toMatchObject({
        status: 1,
        stderr: `${file}: it is there already, and is not replaced\n`,
      })
      expect(readFileSync(join(folder, file), 'utf8')).toBe(text)
    },
  )

  it('names the schema of the installed package where there is one', async () => {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/cognigate'))
    mkdirSync(join(folder, 'auth'))
    await cognigate(['init', 'auth/groups.yaml'])
    const [, path = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, 'auth/groups.yaml'), 'utf8')) ?? []
    expect(path).toBe('../node_modules/cognigate/dist/definitions.schema.json')
    expect(JSON.parse(readFileSync(join(folder, 'auth', path), 'utf8')).title).toBe('Definitions of cognigate')
  })

  it('writes down a pool so that nothing has to change in it', async () => {
    const userPoolId = 'eu-west-1_AbCdEfGhI'
    const groups = {
      'odd_"name":_#1': { allow: [], precedence: 3, description: 'Says: "no", # and more' },
      viewer: { allow: [] },
    }
    const users = { alice: { groups: ['viewer' as const] }, bob: {} }
    const server = await startLocalServer({ pool: { userPoolId, clientId: 'web', groups, users } })
    try {
      const env = { AWS_ENDPOINT_URL: server.url }
      expect(await cognigate(['init', '--pool', userPoolId, '--members', 'groups.yaml'], env)).toMatchObject({
        status: 0,
      })
      expect(readFileSync(join(folder, 'groups.yaml'), 'utf8')).toContain('viewer: [alice]')
      const plan = await cognigate(['plan', '--pool', userPoolId, 'groups.yaml'], env)
      expect(plan).toEqual({ status: 0, stdout: 'Nothing to change.\n', stderr: '' })
    } finally {
      await server.close()
    }
  })
})

describe('cognigate init --app', () => {
  it('makes an app that passes its own checks and tests, is built for deployment, and runs in wrangler dev at the local AWS', {
    timeout: 180_000,
  }, async () => {
    const made = await cognigate(['init', '--app', 'My API'], { npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v24' })
    expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining("cd 'My API'\n    pnpm install\n") })
    const app = join(folder, 'My API')
    expect(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-api', private: true })
    // An app begins with what its tests have run with: with other versions npm may find no set that fits.
    const { devDependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
    const tested = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).devDependencies
    for (const name of ['wrangler', 'vitest', '@cloudflare/workers-types']) {
      expect(devDependencies[name]).toBe(`^${tested[name]}`)
    }
    // As `npm install` would leave it, from what is installed here.
    mkdirSync(join(app, 'node_modules'))
    for (const name of readdirSync(`${root}/node_modules`))
      symlinkSync(`${root}/node_modules/${name}`, join(app, 'node_modules', name))
    symlinkSync(root, join(app, 'node_modules/cognigate'))
    const bin = `${root}/node_modules`
    const env = { PATH: process.env['PATH'], CI: 'true', WRANGLER_SEND_METRICS: 'false' }
    const inApp = (...command: [string, ...string[]]) => run([runtimes.node, ...command], { cwd: app, env })
    expect(await inApp(`${bin}/typescript/bin/tsc`)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(await inApp(commandLine, 'validate', 'src/groups.ts')).toMatchObject({ status: 0 })
    const passed = await inApp(`${bin}/vitest/vitest.mjs`, 'run')
    expect(passed.status, passed.stdout + passed.stderr).toBe(0)
    expect(passed.stdout).toMatch(/8 passed/)
    const built = await inApp(`${bin}/wrangler/bin/wrangler.js`, 'deploy', '--dry-run', '--outdir', 'out')
    expect(built.status, built.stdout + built.stderr).toBe(0)
    const wrangler = [
      `${bin}/wrangler/bin/wrangler.js`,
      'dev',
      '--port',
      '0',
      '--ip',
      '127.0.0.1',
      '--inspector-port',
      '0',
    ]
    const served = ['dev', '--port', '0', '--seed', 'seed.yaml', '--', runtimes.node, ...wrangler]
    const child = spawn(runtimes.node, [commandLine, ...served], { cwd: app, env })
    try {
      const [, aws = ''] = await printed(child, /listens at (http:\/\/[\d.:]+\d)[\s\S]*Ready on/)
      const [, api = ''] = await printed(child, /Ready on (http:\/\/\S+)/)
      const statusOf = async (path: string, init?: RequestInit) => (await fetch(api + path, init)).status
      const headers = { authorization: `Bearer ${await signIn(aws, 'bob')}` }
      expect([
        await statusOf('/'),
        await statusOf('/api/posts'),
        await statusOf('/api/posts', { headers }),
        await statusOf('/api/posts', { headers, method: 'POST' }),
        await statusOf('/api/posts', { headers: { authorization: 'Bearer a.b.c' } }),
      ]).toEqual([200, 401, 200, 403, 401])
    } finally {
      child.kill('SIGTERM')
      await once(child, 'close')
    }
  })

  it('says on an older Node that the app needs a newer one', async () => {
    const old = await run([runtimes.node20, commandLine, 'init', '--app', 'app'], { cwd: folder })
    expect(old.stderr).toMatch(/It needs Node from 22\.18 on, and this is 20\.3\.\d\.\n$/)
    expect((await cognigate(['init', '--app', 'new'])).stderr).not.toContain('It needs')
  })

  it('writes into no folder that holds something', async () => {
    mkdirSync(join(folder, 'app'))
    writeFileSync(join(folder, 'app/mine.txt'), 'mine')
    expect(await cognigate(['init', '--app', 'app'])).toMatchObject({
      status: 1,
      stderr: 'app: it is there already and holds files; name a new folder\n',
    })
    expect(readdirSync(join(folder, 'app'))).toEqual(['mine.txt'])
  })
})
