import { expect, it } from 'vitest'
import { modulesOf } from '../../scripts/lib/code-blocks.mjs'

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
