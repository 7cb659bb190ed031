import { readFileSync } from 'node:fs'
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider'
import { expect, it } from 'vitest'
import { root } from '../../scripts/lib/runtimes.mjs'
import { wireTypes } from '../../scripts/lib/wire-types.ts'
import { unsigned, withoutPool } from '../../src/aws/operation-tables.generated.ts'

const files = Object.entries(wireTypes(`${root}/node_modules/@aws-sdk/client-cognito-identity-provider`))

it.each(files)('%s is what its source gives: `npm run generate`', (path, text) => {
  expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(text)
})

/** The names in a map of operations, such as `Inputs`. */
function namesIn(map: string): string[] {
  const [, text = ''] = files[0] ?? []
  const body = new RegExp(`^export interface ${map} \\{\\n([^}]*)\\n\\}`, 'm').exec(text)?.[1] ?? ''
  return body.split('\n').map((line) => line.trim().replace(/:.*/, ''))
}

it('covers every operation that the SDK has', () => {
  const methods = Object.getOwnPropertyNames(CognitoIdentityProvider.prototype)
  const operations = methods
    .filter((name) => !name.startsWith('paginate') && !name.startsWith('waitUntil') && name !== 'constructor')
    .map((name) => name.charAt(0).toUpperCase() + name.slice(1))
  expect(operations).toHaveLength(140)
  for (const map of ['Inputs', 'Outputs', 'ErrorCodes']) expect(namesIn(map).sort()).toEqual(operations.sort())
})

it('leaves the prose out, and says what is on the wire', () => {
  const [, text = ''] = files[0] ?? []
  expect(text).not.toMatch(/<p>|\bDate\b|Uint8Array|__|: any\b/)
  expect(text).toContain('readonly UserCreateDate?: Timestamp | undefined')
  expect(text).toMatch(
    /interface AdminGetUserRequest \{\n {2}readonly UserPoolId: string\n {2}readonly Username: string\n\}/,
  )
})

it('knows which operations are not signed and which take no pool', () => {
  expect(unsigned.trim().split(' ')).toHaveLength(34)
  expect(unsigned).toContain(' InitiateAuth ')
  expect(unsigned).not.toContain(' AdminInitiateAuth ')
  expect(withoutPool).toContain(' ListUserPools ')
})
