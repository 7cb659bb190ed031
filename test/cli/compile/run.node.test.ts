import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { commandLine, run } from '../../support/command-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-compile-'))
  mkdirSync(join(folder, 'src'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/cognigate'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'groups.yaml'), 'groups:\n  viewer: { allow: [posts.read] }\n  a-b: { deny: ["*"] }\n')
})
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

const cognigate = (...args: string[]) => run([runtimes.node, commandLine, ...args], { cwd: folder })

describe('cognigate compile', () => {
  it.each(['src/groups.js', 'src/groups.ts'])('writes %s, which loads and answers', async (out) => {
    expect(await cognigate('compile', '--out', out, 'groups.yaml')).toMatchObject({ status: 0, stdout: '' })
    writeFileSync(
      join(folder, 'main.ts'),
      `import { loadGroups } from 'cognigate/compiled'
import compiled from './${out}'
const groups = loadGroups(compiled)
console.log(groups.can(['viewer'], 'posts.read'), groups.can(['viewer', 'a-b'], 'posts.read'), groups.names)`,
    )
    const { stdout, stderr } = await run([runtimes.node, 'main.ts'], { cwd: folder })
    expect(stderr).toBe('')
    expect(stdout).toBe("true false [ 'viewer', 'a-b' ]\n")
    expect(readFileSync(join(folder, out), 'utf8')).toContain('npx cognigate compile --out groups')
  })

  it('writes TypeScript whose names the compiler knows', async () => {
    await cognigate('compile', '--out', 'src/groups.ts', 'groups.yaml')
    const check = async (permission: string) => {
      writeFileSync(
        join(folder, 'main.ts'),
        `import { loadGroups } from 'cognigate/compiled'
import compiled from './src/groups.ts'
loadGroups(compiled).can(['viewer'], '${permission}')`,
      )
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--module', 'nodenext']
      const tsc = `${root}/node_modules/typescript/bin/tsc`
      return (
        await run([runtimes.node, tsc, ...flags, '--target', 'es2023', '--types', '', 'main.ts'], { cwd: folder })
      ).stdout
    }
    expect(await check('posts.read')).toBe('')
    expect(await check('posts.raed')).toContain('is not assignable to parameter of type \'"posts.read"\'')
  })

  it('says with --check whether the module is up to date', async () => {
    const check = () => cognigate('compile', '--check', '--out', 'src/groups.js', 'groups.yaml')
    expect(await check()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('src/groups.js is not there. Write it again by: npx'),
    })
    await cognigate('compile', '--out', 'src/groups.js', 'groups.yaml')
    expect(await check()).toEqual({ status: 0, stdout: '', stderr: '' })
    writeFileSync(join(folder, 'groups.yaml'), 'groups:\n  viewer: { allow: [posts.write] }\n')
    expect(await check()).toMatchObject({ status: 2, stderr: expect.stringContaining('src/groups.js is out of date.') })
  })

  it('refuses a predicate with its place, and other files than modules', async () => {
    writeFileSync(
      join(folder, 'groups.ts'),
      "import { defineGroups } from 'cognigate'\nexport default defineGroups({ a: { allow: [{ permission: 'x', when: () => true }] } })",
    )
    expect(await cognigate('compile', 'groups.ts')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('groups.ts: groups.a.allow[0].when  expected a claim and its values'),
    })
    expect((await cognigate('compile', '--out', 'x.json', 'groups.yaml')).stderr).toContain(
      '--out: expected a file that ends in',
    )
    expect((await cognigate('compile', '--check', 'groups.yaml')).stderr).toBe(
      '--check: expected together with --out\n',
    )
  })
})
