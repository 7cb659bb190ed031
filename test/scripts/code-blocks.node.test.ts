import { expect, it } from 'vitest'
import { blocksOf, examplesOf, modulesOf, withComparisons } from '../../scripts/lib/code-blocks.mjs'

const markdown = `# Title

\`\`\`sh
npm ci
\`\`\`

<!-- types: bun -->
<!-- before: declare const a: string -->

\`\`\`ts
export const b = a
\`\`\`

Text.

<!-- before:
declare const c: number
declare const d: number
-->
\`\`\`ts
const e = c + d
\`\`\`

<!-- continues -->

\`\`\`typescript
const f = e
\`\`\`

<!-- file: other.ts -->

  \`\`\`\`ts
  const fence = \`
  \`\`\`
  \`
  \`\`\`\`
`

it('blocks become modules whose lines are those of the document', () => {
  const lines = markdown.split('\n')
  const modules = modulesOf(markdown)
  expect(modules.map(({ name, types }) => [name, types])).toEqual([
    ['block-10.ts', 'bun'],
    ['block-20.ts', 'node'],
    ['other.ts', 'node'],
  ])
  const code = modules.map(({ text }) =>
    text
      .split('\n')
      .slice(0, lines.length)
      .map((line, at) => [at, line.trim()] as const)
      .filter(([, line]) => line !== ''),
  )
  expect(code.map((module) => module.map(([, line]) => line))).toEqual([
    ['declare const a: string', 'export const b = a'],
    ['declare const c: number', 'declare const d: number', 'const e = c + d', 'const f = e'],
    ['const fence = `', '```', '`'],
  ])
  for (const [at, line] of code.flat()) expect(lines[at]).toContain(line)
})

it('a block says what it prints, a line what it gives, and text after a colon explains', () => {
  const page = `
<!-- run -->

\`\`\`ts
const list = [1, 2]
list.includes(1) // true: it is there
list.map(String) // ['1', '2']
list.length // the number of them
const last = list.at(-1) // 2
\`\`\`

<!-- output -->

\`\`\`
printed
\`\`\`

<!-- output: node program.ts -->

\`\`\`
by a program
\`\`\`
`
  const { modules, outputs } = blocksOf(page)
  expect(modules.map(({ name, isRun }) => [name, isRun])).toEqual([['block-4.ts', true]])
  expect(outputs).toEqual([
    { command: '', module: 'block-4.ts', text: 'printed', line: 14 },
    { command: 'node program.ts', module: 'block-4.ts', text: 'by a program', line: 20 },
  ])
  const { text, count } = withComparisons(modules[0]?.text ?? '')
  expect(count).toBe(2)
  expect(text).toContain(
    "\ncompare(6, list.includes(1), true);\ncompare(7, list.map(String), ['1', '2']);\nlist.length //",
  )
})

it('an example of a doc comment imports what it uses and does not make itself', () => {
  const source = `/**
 * Asks.
 *
 * @example
 * \`\`\`ts
 * const guard = createGuard({ userPoolId, groups })
 * guard.authorize(principal, 'createIamClient')
 * \`\`\`
 */
export const asked = 1
`
  const exports = new Map([
    ['createGuard', 'cognigate'],
    ['guard', 'cognigate'],
    ['authorize', 'cognigate'],
    ['createIamClient', 'cognigate/provision'],
  ])
  const [example, ...more] = examplesOf(source, exports)
  expect([example?.name, more]).toEqual(['example-4.ts', []])
  expect(example?.text.split('\n').slice(3, 7)).toEqual([
    "import { createGuard } from 'cognigate'",
    '',
    'const guard = createGuard({ userPoolId, groups })',
    "guard.authorize(principal, 'createIamClient')",
  ])
})
