import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseDefinitions, readDefinitionsFile } from '../../../src/cli/definitions-file.ts'
import type { Finding } from '../../../src/cli/doctor/check.ts'
import { toSarif } from '../../../src/cli/doctor/sarif.ts'
import { policyText } from '../../support/doctor.ts'

// OASIS's own schema of SARIF 2.1.0, as Microsoft ships it. Its matchers need jest; the schema and the validator do not.
const load = createRequire(createRequire(import.meta.url).resolve('@microsoft/jest-sarif/package.json'))
const Validator = load('ajv')
const validate = new Validator({
  schemaId: 'auto',
  unknownFormats: 'ignore',
  validateSchema: false,
  meta: false,
}).compile({ ...load('./lib/schemas/sarif-2.1.0-rtm.5.json'), $schema: undefined })

const folder = mkdtempSync(join(tmpdir(), 'cognigate-sarif-'))
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

const texts = { message: 'What is wrong.', fix: 'What to do.' }
const findings: readonly Finding[] = [
  {
    id: 'self-access',
    severity: 'error',
    at: 'role/role_editor',
    group: 'editor',
    detail: 'group editor: iam:*',
    ...texts,
  },
  { id: 'provider-group-role', severity: 'error', at: 'group/viewer', group: 'viewer', ...texts },
  { id: 'provider-group-role', severity: 'error', at: 'group/stranger', group: 'stranger', ...texts },
  {
    id: 'precedence-tie',
    severity: 'warning',
    at: 'group/editor',
    group: 'editor',
    detail: 'editor, viewer',
    ...texts,
  },
  {
    ...{ id: 'writable-condition', severity: 'error', at: 'client/web', detail: 'custom:tier', key: 'custom:tier' },
    ...{ path: 'groups["editor"].allow[0].when["custom:tier"]', ...texts },
  },
  { id: 'user-existence', severity: 'warning', at: 'client/web', ...texts },
  { id: 'user-existence', severity: 'warning', at: 'client/mobile', accepted: 'It has no sign-in page', ...texts },
  { id: 'guests', severity: 'warning', at: 'identity-pool/eu-west-1:1', ...texts },
]
const skipped = [
  { id: 'unlisted-client', refused: ['cognito-idp:ListUserPoolClients'], reason: 'it was refused' },
  { id: 'classic-flow', refused: [], reason: 'no identity pool is named' },
]

const yaml = `groups:
  viewer:
    precedence: 10
    allow: [posts.read]
  editor:
    precedence: 10
    allow:
      - { permission: posts.write, when: { 'custom:tier': gold } }
trustedClaims: ['custom:tier']
policies:
  editor: { Version: '2012-10-17', Statement: { Effect: Allow, Action: 's3:GetObject', Resource: '*' } }
`
const runOf = (text: string, file = 'groups.yaml', found = findings) =>
  toSarif({ findings: found, skipped }, '1.0.0', file, parseDefinitions('groups.yaml', text)).runs[0]
const placesOf = (run: ReturnType<typeof runOf>) =>
  run?.results.map(({ locations }) => {
    const { startLine, startColumn } = locations[0]?.physicalLocation.region ?? {}
    return startColumn === undefined ? `${startLine}` : `${startLine}:${startColumn}`
  })
const printsOf = (run: ReturnType<typeof runOf>) =>
  run?.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash)

describe('the SARIF of doctor', () => {
  it('is what the schema of 2.1.0 takes, with findings, skipped checks and accepted findings', () => {
    const log = toSarif({ findings, skipped }, '1.0.0', 'groups.yaml', parseDefinitions('groups.yaml', yaml))
    validate(JSON.parse(JSON.stringify(log)))
    expect(validate.errors).toBe(null)
    const [run] = log.runs
    expect(run?.tool.driver.rules).toHaveLength(26)
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    expect(run?.results.filter(({ suppressions }) => suppressions)).toMatchObject([
      { ruleId: 'user-existence', suppressions: [{ justification: 'It has no sign-in page' }] },
    ])
    expect(run?.invocations[0]?.toolExecutionNotifications.map(({ level }) => level)).toEqual(['warning', 'note'])
  })

  it.each([
    ['a level that there is not', { level: 'critical' }],
    ['a line before the first', { locations: [{ physicalLocation: { region: { startLine: 0 } } }] }],
    ['a finding without a message', { message: undefined }],
    ['a member that there is not', { severity: 'error' }],
  ])('would not pass with %s', (_, fault) => {
    const log = toSarif({ findings, skipped }, '1.0.0', 'groups.yaml', parseDefinitions('groups.yaml', yaml))
    const [run] = log.runs
    const results = [{ ...run?.results[0], ...fault }]
    expect(validate(JSON.parse(JSON.stringify({ ...log, runs: [{ ...run, results }] })))).toBe(false)
  })

  it('places findings by line and column in YAML and in JSON', () => {
    const json = JSON.stringify(
      {
        groups: {
          viewer: { precedence: 10, allow: ['posts.read'] },
          editor: { precedence: 10, allow: [{ permission: 'posts.write', when: { 'custom:tier': 'gold' } }] },
        },
        trustedClaims: ['custom:tier'],
        policies: { editor: JSON.parse(policyText('s3:GetObject')) },
      },
      null,
      2,
    )
    // The policy, the groups, a group that is not defined, the precedence, the condition, and what no part is about.
    expect(placesOf(runOf(yaml))).toEqual(['11:3', '2:3', '1', '6:5', '8:44', '1', '1', '1'])
    const lines = json.split('\n')
    const at = (text: string, from = 0) => {
      const line = lines.findIndex((each, index) => index >= from && each.includes(text))
      return `${line + 1}:${(lines[line]?.indexOf(text) ?? 0) + 1}`
    }
    const editor = lines.findIndex((line) => line.includes('"editor"'))
    const policies = lines.findIndex((line) => line.includes('"policies"'))
    expect(placesOf(runOf(json))).toEqual([
      at('"editor"', policies),
      at('"viewer"'),
      '1',
      at('"precedence"', editor),
      at('"custom:tier"', editor),
      ...['1', '1', '1'],
    ])
  })

  it('finds the groups in a list as cognises has it', () => {
    const detail = ['viewer', 'editor'].map((group_name) => ({ group_name, allowed_functions: ['view'] }))
    const places = placesOf(runOf(JSON.stringify(detail, null, 1), 'groups.yaml', findings.slice(1, 2)))
    expect(places).toEqual(['2:2'])
  })

  it('names the path in a module, which has no lines to count on', async () => {
    const file = join(folder, 'groups.mjs')
    writeFileSync(
      file,
      `export default { groups: { viewer: { allow: ['posts.read'] }, editor: { precedence: 10 } } }\n`,
    )
    const log = toSarif({ findings, skipped }, '1.0.0', 'groups.mjs', await readDefinitionsFile(file))
    validate(JSON.parse(JSON.stringify(log)))
    expect(validate.errors).toBe(null)
    expect(log.runs[0]?.results.slice(0, 5).map(({ locations }) => locations[0]?.logicalLocations)).toEqual([
      [
        { fullyQualifiedName: 'role/role_editor', kind: 'resource' },
        { fullyQualifiedName: 'groups["editor"]', kind: 'object' },
      ],
      [
        { fullyQualifiedName: 'group/viewer', kind: 'resource' },
        { fullyQualifiedName: 'groups["viewer"]', kind: 'object' },
      ],
      [{ fullyQualifiedName: 'group/stranger', kind: 'resource' }],
      [
        { fullyQualifiedName: 'group/editor', kind: 'resource' },
        { fullyQualifiedName: 'groups["editor"].precedence', kind: 'object' },
      ],
      [
        { fullyQualifiedName: 'client/web', kind: 'resource' },
        { fullyQualifiedName: 'groups["editor"].allow[0].when["custom:tier"]', kind: 'object' },
      ],
    ])
  })

  it('keeps fingerprints where lines move, findings change places, and details change', () => {
    const prints = printsOf(runOf(yaml))
    expect(new Set(prints).size).toBe(findings.length)
    for (const print of prints ?? []) expect(print).toMatch(/^[0-9a-f]{16}:1$/)
    expect(printsOf(runOf(`# A comment.\n\n${yaml}`))).toEqual(prints)
    expect(printsOf(runOf(yaml, 'groups.yaml', findings.toReversed()))).toEqual(prints?.toReversed())
    const changed = findings.map((finding) => ({ ...finding, detail: 'more', message: 'Said better.' }))
    expect(printsOf(runOf(yaml, 'groups.yaml', changed))).toEqual(prints)
  })

  it.each([
    ['groups.yaml', { uri: 'groups.yaml', uriBaseId: '%SRCROOT%' }],
    ['auth/my groups#1.yaml', { uri: 'auth/my%20groups%231.yaml', uriBaseId: '%SRCROOT%' }],
    ['auth\\groups.yaml', { uri: 'auth/groups.yaml', uriBaseId: '%SRCROOT%' }],
    ['/etc/groups.yaml', { uri: 'file:///etc/groups.yaml' }],
  ])('names the file %s as SARIF does', (file, expected) => {
    expect(runOf(yaml, file)?.results[0]?.locations[0]?.physicalLocation.artifactLocation).toEqual(expected)
  })
})
