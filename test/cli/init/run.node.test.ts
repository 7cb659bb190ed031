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
  it('makes an app that passes its own checks and tests, and that is built for deployment', {
    timeout: 180_000,
  }, async () => {
    const made = await cognigate(['init', '--app', 'My API'], { npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v24' })
    expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining("cd 'My API'\n    pnpm install\n") })
    const app = join(folder, 'My API')
    expect(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-api', private: true })
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
    const tested = await inApp(`${bin}/vitest/vitest.mjs`, 'run')
    expect(tested.status, tested.stdout + tested.stderr).toBe(0)
    expect(tested.stdout).toMatch(/8 passed/)
    const built = await inApp(`${bin}/wrangler/bin/wrangler.js`, 'deploy', '--dry-run', '--outdir', 'out')
    expect(built.status, built.stdout + built.stderr).toBe(0)
    const seeded = await run(
      [
        runtimes.node,
        commandLine,
        'dev',
        '--port',
        '0',
        '--seed',
        'seed.yaml',
        '--',
        runtimes.node,
        '-e',
        'process.exit(3)',
      ],
      { cwd: app, env },
    )
    expect(seeded.status, seeded.stderr).toBe(3)
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
