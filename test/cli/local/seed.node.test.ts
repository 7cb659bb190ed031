import { Ajv } from 'ajv'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { seedSchema } from '../../../scripts/lib/seed-schema.ts'
import { readSeed } from '../../../src/cli/local/seed.ts'
import { createLocalWorld } from '../../../src/local/index.ts'
import { settingNames } from '../../../src/local/options/pool.ts'
import schema from '../../../src/local/options/seed.schema.json' with { type: 'json' }

const fits = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-seed-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const whole = `# yaml-language-server: $schema=./seed.schema.json
userPoolId: eu-west-1_AbCdEfGhI
clientId: web
groups: [viewer, { name: editor, precedence: 10, description: 'writes "posts": all' }]
users:
  alice:
    password: Correct-horse-1
    email: alice@example.com
    email_verified: true
    groups: [viewer, editor]
    mfa: [SOFTWARE_TOKEN_MFA]
    totpSecret: JBSWY3DPEHPK3PXP
    attributes: { 'custom:tier': gold, birthdate: '2000-01-01' }
  b.c@example.com: {}
clients:
  - { clientId: web, authFlows: [ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH] }
  - { clientId: machine, secret: true, scopes: [orders/read] }
passwordPolicy: { minLength: 12, requireSymbols: false }
aliases: [email]
mfaRequired: false
identityPool: { roleMapping: token }
`

/** What a seed file is refused with, whether by its form or by what is in it. */
async function refusalOf(text: string, name = 'seed.yaml'): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text)
  try {
    const seed = await readSeed(file)
    await createLocalWorld()
      .createPool(seed.settings)
      .catch((error) => {
        throw seed.explain(error)
      })
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(`${folder}/`, '') : ''
  }
  return 'none'
}

describe('a seed file', () => {
  it('is all that createLocalPool takes, as YAML and as JSON', async () => {
    expect(await refusalOf(whole)).toBe('none')
    expect(await refusalOf(JSON.stringify({ $schema: './seed.schema.json', ...parse(whole) }), 'seed.json')).toBe(
      'none',
    )
    expect(fits(parse(whole))).toBe(true)
  })

  it.each([
    [
      'an unknown group',
      'groups: [viewer, editor]',
      'groups: [viewer, editr]',
      'seed.yaml:10:22  users.alice.groups[1]: not a group',
    ],
    [
      'a misspelt option',
      'clientId: web\ngroups',
      'clientID: web\ngroups',
      'seed.yaml:3:1  unknown option "clientID"; did you mean "clientId"?',
    ],
    [
      'a misspelt member',
      '    email_verified',
      '    emailVerified',
      'seed.yaml:9:5  users.alice: unknown option "emailVerified"; it is called "email_verified".',
    ],
    [
      'a wrong type',
      'precedence: 10',
      'precedence: ten',
      'seed.yaml:4:46  groups[1].precedence: expected a whole number',
    ],
    [
      'a member of a user with dots in its name',
      'b.c@example.com: {}',
      'b.c@example.com: { enabled: no way }',
      'seed.yaml:14:31  users.b.c@example.com.enabled: expected true or false.',
    ],
    [
      'a flow that there is not',
      'ALLOW_USER_SRP_AUTH',
      'ALLOW_ANY',
      'seed.yaml:16:34  clients[0].authFlows[0]: expected one of',
    ],
    [
      'a key that is there twice',
      'clientId: web\ng',
      'clientId: web\nclientId: web\ng',
      'seed.yaml:4:1  the key is there twice',
    ],
    ['triggers', 'clientId: web\ng', 'triggers: {}\ng', 'seed.yaml:3:1  triggers are functions'],
    ['no YAML', 'users:', 'users: [', 'seed.yaml:'],
    [
      'a region that is another',
      'clientId: web\ng',
      'region: us-east-1\ng',
      'seed.yaml:3:9  region: the userPoolId names another region.',
    ],
  ])('says file, line and column of %s', async (_, from, to, message) => {
    expect(whole).toContain(from)
    expect(await refusalOf(whole.replace(from, to))).toContain(message)
  })

  it.each([
    ['[]', 'seed.yaml', 'seed.yaml:1:1  expected members such as "users"'],
    ['', 'seed.yaml', 'expected members'],
    ['{}', 'seed.txt', 'seed.txt  expected a file that ends in .yaml, .yml or .json'],
    [
      `{ "users": { "alice": { "groups": ["x"] } }${' '.repeat(1_000_001)}}`,
      'big.json',
      'big.json:1:36  users.alice.groups[0]: not a group',
    ],
  ])('is refused where it is nothing of the kind: %.20s', async (text, name, message) => {
    expect(await refusalOf(text, name)).toContain(message)
  })
})

describe('the schema of seed files', () => {
  it('is generated from the options as they are', () => {
    expect(schema).toEqual(JSON.parse(seedSchema()))
    const names = settingNames().filter((name) => name !== 'triggers')
    expect(Object.keys(schema.properties).sort()).toEqual(['$schema', ...names].sort())
  })

  it.each([
    ['clientId: web\ngroups', 'clientID: web\ngroups'],
    ['    email_verified', '    emailVerified'],
    ['precedence: 10', 'precedence: ten'],
    ['ALLOW_USER_SRP_AUTH', 'ALLOW_ANY'],
    ['roleMapping: token', 'roleMapping: rules'],
    ['minLength', 'minimumLength'],
  ])('refuses %j turned into %j', (from, to) => {
    expect(fits(parse(whole.replace(from, to)))).toBe(false)
  })
})
