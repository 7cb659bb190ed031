import { readFileSync } from 'node:fs'
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider'
import { expect, it } from 'vitest'
import { root } from '../../../../scripts/lib/runtimes.mjs'
import { wireTypes } from '../../../../scripts/lib/wire-types.ts'
import { isOdd, isUnsigned } from '../../../../src/aws/services/user-pool/operation-kinds.generated.ts'

const sdk = `${root}/node_modules/@aws-sdk/client-cognito-identity-provider`
const files = Object.entries(wireTypes(sdk))
const [[, types] = ['', '']] = files

it.each(files)('%s is what its source gives: `npm run generate`', (path, text) => {
  expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(text)
})

/** The names in a map of operations, such as `Inputs`. */
function namesIn(map: string): string[] {
  const body = new RegExp(`^export interface ${map} \\{\\n([^}]*)\\n\\}`, 'm').exec(types)?.[1] ?? ''
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
  expect(types).not.toMatch(/<p>|\bDate\b|Uint8Array|__|: any\b/)
  expect(types).toContain('readonly UserCreateDate?: Timestamp | undefined')
  expect(types).toMatch(
    /interface AdminGetUserRequest \{\n {2}readonly UserPoolId: string\n {2}readonly Username: string\n\}/,
  )
})

it('knows which operations are signed, as the SDK does', () => {
  const source = readFileSync(`${sdk}/dist-es/auth/httpAuthSchemeProvider.js`, 'utf8')
  const unsigned = namesIn('Inputs').filter((name) => source.includes(`case "${name}"`))
  expect(unsigned).toHaveLength(34)
  expect(namesIn('Inputs').filter(isUnsigned)).toEqual(unsigned)
})

it('knows which operations take a pool', () => {
  const takes = (name: string) => new RegExp(`interface ${name}Request \\{[^}]* UserPoolId\\??:`).test(types)
  for (const name of namesIn('Inputs')) {
    expect([name, isUnsigned(name) === isOdd(name)]).toEqual([name, takes(name)])
  }
})
