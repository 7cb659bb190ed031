import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { checks, examine } from '../../../src/cli/doctor/checks.ts'
import type { PoolWorld } from '../../../src/cli/doctor/read-world.ts'
import { toSarif } from '../../../src/cli/doctor/sarif.ts'

// Its matchers need jest; its schema and its validator do not.
const load = createRequire(createRequire(import.meta.url).resolve('@microsoft/jest-sarif/package.json'))
const Validator = load('ajv')
const validate = new Validator({
  schemaId: 'auto',
  unknownFormats: 'ignore',
  validateSchema: false,
  meta: false,
}).compile({ ...load('./lib/schemas/sarif-2.1.0-rtm.5.json'), $schema: undefined })

const world: PoolWorld = {
  ...{
    userPoolId: 'eu-west-1_AbCdEfGhI',
    account: undefined,
    pool: {},
    clients: [],
    providers: [],
    roles: [],
    claims: [],
  },
  ...{ identityPool: undefined, poolRoles: undefined, listedClients: undefined },
  groups: [
    { name: 'a', precedence: 1, roleArn: 'arn:aws:iam::123456789012:role/a' },
    { name: 'b', precedence: 1, roleArn: 'arn:aws:iam::123456789012:role/b' },
  ],
  unread: new Map([['cognito-idp:ListUserPoolClients', 'ListUserPoolClients was refused']]),
}

describe('doctor', () => {
  it('has 26 checks, each with an id of its own', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(26)
  })

  it('reports a check whose call was refused as skipped', () => {
    const { skipped, findings } = examine(world)
    expect(skipped).toContainEqual({
      id: 'unlisted-client',
      reason: 'cognito-idp:ListUserPoolClients: ListUserPoolClients was refused',
    })
    expect(findings.map(({ id }) => id)).toContain('precedence-tie')
  })

  it('writes SARIF that the schema of 2.1.0 takes, with the same fingerprints in every run', () => {
    const log = () => toSarif(examine(world), '1.0.0', 'groups.yaml', undefined)
    validate(log())
    expect(validate.errors).toBe(null)
    expect(log()).toEqual(log())
    const prints = log().runs[0]?.results.map(({ partialFingerprints }) => partialFingerprints['cognigate/v1'])
    expect(new Set(prints).size).toBe(prints?.length)
    expect(validate({ ...log(), version: '3' })).toBe(false)
  })
})
