import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { AuthenticationError, ForbiddenError } from '../../src/index.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const document = read('docs/errors.md')
const sections = new Map(
  document
    .split(/^### /m)
    .slice(1)
    .map((section): [string, string] => [section.slice(0, section.indexOf('\n')), section]),
)

/** The codes in the source: of the unions, and of the classes that have one code only. */
const source = read('src/errors.ts')
const unionOf = (name: string) => {
  const declaration = source.slice(source.indexOf(`export type ${name} =`))
  return [...declaration.slice(0, declaration.indexOf('\n\n')).matchAll(/^ {2}\| '(\w+)'$/gm)].map(
    ([, code]) => code ?? '',
  )
}
const codes = [
  ...unionOf('AuthenticationCode'),
  ...unionOf('ForbiddenCode'),
  ...unionOf('UnavailableCode'),
  'CONFIGURATION',
]

it('docs/errors.md has one section for each code, and none for another', () => {
  expect(codes.length).toBeGreaterThan(20)
  expect([...sections.keys()].sort()).toEqual(codes.toSorted())
  expect([...document.matchAll(/^### /gm)]).toHaveLength(codes.length)
  // No class has a code that is not looked at here.
  const literals = [...source.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, code]) => code)
  expect([...new Set(literals)].sort()).toEqual(codes.toSorted())
})

it.each(codes)('%s: what it means, its usual cause and the fix', (code) => {
  const section = sections.get(code) ?? ''
  for (const part of ['Means', 'Usual cause', 'Fix']) expect(section).toContain(`\n- **${part}:** `)
})

it('names the status of each kind', () => {
  const statusOf = (code: string) => {
    const above = document.slice(0, document.indexOf(`### ${code}\n`))
    return Number(/: (\d+)$/.exec(above.slice(above.lastIndexOf('\n## ')).split('\n')[1] ?? '')?.[1])
  }
  for (const code of unionOf('AuthenticationCode')) {
    expect(statusOf(code)).toBe(new AuthenticationError(code as 'TOKEN_MISSING').status)
  }
  for (const code of unionOf('ForbiddenCode').filter((code) => code !== 'STEP_UP_REQUIRED')) {
    expect(statusOf(code)).toBe(new ForbiddenError(code as 'GROUP_REQUIRED').status)
  }
})
