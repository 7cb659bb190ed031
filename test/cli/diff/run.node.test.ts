import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../../scripts/lib/runtimes.mjs'
import { commandLine, run } from '../../support/command-line.ts'

const old = `groups:
  viewer: { allow: [posts.read] }
  suspended: { deny: ['*'] }
permissions: [posts.read, posts.write]
`
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-diff-'))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('groups.yaml', old)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder })
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first')
  write('groups.yaml', old.replace('allow: [posts.read]', 'allow: [posts.read, posts.write]'))
  write('narrower.yaml', old.replace('allow: [posts.read]', 'allow: []'))
  write('lifted.yaml', old.replace("suspended: { deny: ['*'] }", 'suspended: {}'))
  write('gone.yaml', old.replace("  suspended: { deny: ['*'] }\n", ''))
  const module = (predicate: string) =>
    `export default { groups: { a: { allow: [{ permission: 'x', when: { sub: ${predicate} } }] } } }\n`
  write('one.mjs', module('(sub) => sub !== "a"'))
  write('same.mjs', module('(sub) => sub !== "a"'))
  write('other.mjs', module('(sub) => sub !== "b"'))
  write('broken.yaml', 'groups: [')
})
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

const diff = (...args: string[]) => run([runtimes.node, commandLine, 'diff', ...args], { cwd: folder })

describe('cognigate diff', () => {
  it.each([
    [0, ['narrower.yaml', 'narrower.yaml']],
    [2, ['main:groups.yaml', 'groups.yaml']],
    [2, ['main:groups.yaml', 'narrower.yaml']],
    [0, ['--only-narrower', 'main:groups.yaml', 'narrower.yaml']],
    [2, ['--only-narrower', 'main:groups.yaml', 'groups.yaml']],
    [0, ['--only-narrower', '--accept', 'allow', 'main:groups.yaml', 'groups.yaml']],
    [2, ['--only-narrower', '--accept', 'new-group', 'main:groups.yaml', 'groups.yaml']],
    [2, ['--only-narrower', 'main:groups.yaml', 'lifted.yaml']],
    [0, ['--only-narrower', '--accept', 'deny', 'main:groups.yaml', 'lifted.yaml']],
    [2, ['--only-narrower', 'main:groups.yaml', 'gone.yaml']],
    [0, ['--only-narrower', '--unknown-groups', 'ignore,refuse', 'main:groups.yaml', 'gone.yaml']],
    [0, ['one.mjs', 'same.mjs']],
    [2, ['--only-narrower', 'one.mjs', 'other.mjs']],
    [1, ['main:groups.yaml', 'broken.yaml']],
    [1, ['main:nothing.yaml', 'groups.yaml']],
    [1, ['--accept', 'allow', 'main:groups.yaml', 'groups.yaml']],
    [1, ['--no-code', 'one.mjs', 'same.mjs']],
  ])('ends with %d for %j', async (code, args) => {
    expect(await diff(...args)).toMatchObject({ status: code, stderr: code === 1 ? expect.stringMatching(/./) : '' })
  })

  it('says that predicates of equal text were taken for equal', async () => {
    const { stdout } = await diff('one.mjs', 'same.mjs')
    expect(stdout).toContain('\n1 predicate is taken to decide as before, since the text is the same')
    expect((await diff('one.mjs', 'one.mjs')).stdout).not.toContain('taken to decide')
  })

  it('shows the smallest example, a lifted deny by two groups, and the same as JSON', async () => {
    const { stdout } = await diff('main:groups.yaml', 'lifted.yaml')
    expect(stdout).toContain('+ members of suspended who are in a group that allows it may now: posts.read')
    expect(stdout).toMatch(
      /example {2}in (viewer and suspended|suspended and viewer): posts.read {2}DENY_EXPLICIT → ALLOW/,
    )
    const json = JSON.parse((await diff('--json', 'main:groups.yaml', 'lifted.yaml')).stdout)
    expect(json).toMatchObject({ version: 1, verdict: 'wider', losses: [], gains: [{ cause: 'deny', proved: true }] })
    expect((await diff('one.mjs', 'other.mjs')).stdout).toContain('not proved: a predicate decides')
  })
})
