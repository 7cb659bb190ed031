import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { filesBelow, root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { commandLine, type Ended, run } from '../../support/command-line.ts'

// The package `create-cognigate`, by which npm finds `npm create cognigate`: both packages as npm packs and installs them.

const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const created = JSON.parse(readFileSync(`${root}/create/package.json`, 'utf8'))
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-create-'))
  const packed = await npm('pack', '--ignore-scripts', '--silent', '--pack-destination', folder, root, `${root}/create`)
  expect(packed.status, packed.stderr).toBe(0)
  // What cognigate depends on is taken from here, so that nothing is fetched.
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const local = Object.keys(dependencies).map((name) => [name, `file:${root}/node_modules/${name}`])
  const manifest = {
    private: true,
    dependencies: {
      'create-cognigate': `file:create-cognigate-${version}.tgz`,
      cognigate: `file:cognigate-${version}.tgz`,
    },
    overrides: Object.fromEntries(local),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const installed = await npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund')
  expect(installed.status, installed.stderr).toBe(0)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

function npm(...args: string[]): Promise<Ended> {
  const PATH = `${dirname(runtimes.node)}:${process.env['PATH']}`
  return run(['npm', ...args], { cwd: folder, env: { PATH, npm_config_yes: 'false' } })
}

it('npm create cognigate makes the app that cognigate init --app makes', { timeout: 60_000 }, async () => {
  const made = await npm('create', 'cognigate', 'my-app')
  expect(made.status, made.stderr).toBe(0)
  expect(made.stderr).toContain('my-app is made. Next:\n    cd my-app\n    npm install\n')
  mkdirSync(join(folder, 'other'))
  const init = await run([runtimes.node, commandLine, 'init', '--app', 'my-app'], { cwd: join(folder, 'other') })
  expect(init.status).toBe(0)
  const read = (app: string) =>
    readdirSync(app, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(app.length),
        readFileSync(join(parentPath, name), 'utf8'),
      ])
      .sort()
  const app = read(join(folder, 'my-app'))
  expect(app.length).toBeGreaterThan(8)
  expect(app).toEqual(read(join(folder, 'other/my-app')))
})

it('says what it expects', { timeout: 60_000 }, async () => {
  const bin = join(folder, 'node_modules/.bin/create-cognigate')
  for (const args of [[], ['--ap', 'x'], ['one', 'two']]) {
    const refused = await run([bin, ...args], { cwd: folder })
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^create-cognigate: expected the name of a new folder and nothing else\n/)
  }
  expect(await run([bin, '--help'], { cwd: folder })).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('npm create cognigate my-app'),
  })
  const taken = await run([bin, '.'], { cwd: folder })
  expect(taken).toMatchObject({ status: 1, stderr: '.: it is there already and holds files; name a new folder\n' })
})

it('has the version of cognigate, depends on exactly that, and holds nothing else', () => {
  expect([created.version, created.dependencies]).toEqual([version, { cognigate: version }])
  expect(filesBelow('create', ['']).sort()).toEqual(
    ['LICENSE', 'README.md', 'main.js', 'package.json'].map((name) => `create/${name}`),
  )
  expect(readFileSync(`${root}/create/LICENSE`, 'utf8')).toBe(readFileSync(`${root}/LICENSE`, 'utf8'))
})
