import { escapeTerminal } from '../../src/cli/context.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readDefinitionsFile } from '../../src/cli/definitions-file.ts'
import { FileError } from '../../src/cli/source-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'cognigate-definitions-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

function write(text: string, ending = 'yaml'): string {
  const file = join(folder, `file${count++}.${ending}`)
  writeFileSync(file, text)
  return file
}

async function problemsOf(text: string, ending?: string): Promise<string[]> {
  const error = await readDefinitionsFile(write(text, ending)).catch((reason: unknown) => reason)
  if (!(error instanceof FileError)) throw new Error('expected a FileError')
  return error.problems.map(({ place, message }) => `${place?.line}:${place?.column} ${message}`)
}

describe('a definitions file', () => {
  it('is a map of groups, a cognises list, or groups with what belongs to them', async () => {
    const map = await readDefinitionsFile(write('viewer: { allow: [posts.read] }'))
    expect(map.groups.can(['viewer'], 'posts.read')).toBe(true)
    const list = await readDefinitionsFile(write('[{"group_name": "viewer", "allowed_functions": ["read"]}]', 'json'))
    expect(list.groups.names).toEqual(['viewer'])
    const whole = await readDefinitionsFile(
      write(`groups: { viewer: { allow: ['posts.*'] } }
permissions: [posts.read]
require: { posts.read: { acr: high } }
members: { viewer: [alice] }
policies: { viewer: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }] } }
`),
    )
    expect(whole.groups.decide(['viewer'], 'posts.read').code).toBe('DENY_CONDITION')
    expect(whole.members).toEqual(new Map([['viewer', ['alice']]]))
    expect(whole.locate('groups.viewer')).toEqual({ line: 1, column: 11 })
  })

  it('that is a module gives its default export, unless code is refused', async () => {
    const file = write("export default { viewer: { allow: ['posts.read'] } }", 'mjs')
    expect((await readDefinitionsFile(file)).groups.names).toEqual(['viewer'])
    await expect(readDefinitionsFile(file, { noCode: true })).rejects.toThrow('--no-code')
  })

  it('reports every mistake with its place', async () => {
    const text = `groups:
  viewer: { allow: [posts.read, 7, true, posts..x] }
  editor:
    inherits: [viewr]
    alow: [posts.write]
    precedence: -1
permissions: [posts.read]
require: { posts.raed: { acr: high } }
members: { viewers: [a], viewer: [bob, bob] }
polices: {}
`
    expect(await problemsOf(text)).toEqual([
      '2:33 expected a name such as "a.b", "a.*" or "*"',
      '2:36 expected a name such as "a.b", "a.*" or "*"',
      '2:42 expected a name such as "a.b", "a.*" or "*"',
      '4:16 unknown group "viewr"; did you mean "viewer"?',
      '5:5 unknown key "alow"; did you mean "allow"?',
      '6:17 expected an integer from 0',
      '8:12 unknown permission "posts.raed"; did you mean "posts.read"?',
      '9:12 expected a group that is defined: viewer, editor',
      '9:40 expected each user once',
      expect.stringMatching(/^10:1 unknown key "polices"; expected .*policies/),
    ])
  })

  it('reports the mistakes of a list where they stand', async () => {
    const text = '[\n{"group_name": "a", "allowed_functions": [1]},\n{"group_name": "b", "allowed_function": []}\n]'
    expect(await problemsOf(text, 'json')).toEqual([
      '2:43 expected a name such as "a.b", "a.*" or "*"',
      '3:1 expected an array',
      '3:21 unknown key "allowed_function"; did you mean "allowed_functions"?',
    ])
  })

  it.each([
    ['a key that is there twice', '{"a": {"deny": ["x"]}, "a": {}}', 'json', '1:24 the key is there twice'],
    ['an unquoted wildcard', 'a: { allow: [*] }', 'yaml', '1:14 quote it'],
    ['an alias', 'a: &one { allow: [x] }\nb: *one', 'yaml', 'anchors'],
    ['a merge', 'a:\n  <<: { allow: [x] }', 'yaml', '2:3 a key is plain text'],
    ['a tag', 'a: !!js/function x', 'yaml', '1:4 tags (!)'],
    ['a tab', 'a:\n\tallow: [x]', 'yaml', 'indent with spaces'],
    ['deep lists', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'yaml', 'nested too deeply'],
    ['deep objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, 'json', 'nested too deeply'],
    ['two documents', 'a: {}\n---\nb: {}', 'yaml', 'one document only'],
  ])('refuses %s', async (_, text, ending, expected) => {
    expect((await problemsOf(text, ending)).join('\n')).toContain(expected)
  })

  it('that is not there, or of another kind, is an error that says so', async () => {
    await expect(readDefinitionsFile(join(folder, 'none.yaml'))).rejects.toThrow('there is no such file')
    await expect(readDefinitionsFile(write('', 'txt'))).rejects.toThrow('.yaml, .yml, .json')
    await expect(readDefinitionsFile(write('export const other = 1', 'mjs'))).rejects.toThrow('default export')
  })

  it('warns of what is legal and probably wrong', async () => {
    const { warnings } = await readDefinitionsFile(
      write(`groups:
  viewer: { allow: [posts.read], precedence: 1 }
  editor: { allow: [posts.write], deny: [post.purge], precedence: 1 }
  vip: { allow: [{ permission: posts.preview, when: { 'custom:tier': 7 } }] }
  empty: {}
trustedClaims: ['custom:tier']
`),
    )
    expect(warnings.map(({ place, message }) => `${place?.line}:${place?.column} ${message}`)).toEqual([
      '3:42 nothing allows post.purge: is the name right?',
      '3:55 viewer has the same precedence: who is in both gets no role',
      '4:55 Cognito writes custom attributes as text: compare with a text',
      '5:3 the group grants nothing and denies nothing',
    ])
  })
})

describe('escapeTerminal', () => {
  it('leaves nothing that moves the cursor or turns the text', () => {
    expect(escapeTerminal('a\u001b[31mb\u202ec\u200bd\né ü 語')).toBe('a\\u001b[31mb\\u202ec\\u200bd\né ü 語')
  })
})
