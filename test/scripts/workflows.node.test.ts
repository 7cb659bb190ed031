import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runners } from '../../scripts/lib/runners.mjs'
import { filesBelow, root } from '../../scripts/lib/runtimes.mjs'

/** The lines that run somebody else's code and may change under us: no commit, or no version beside it. */
function loose(workflow: string): string[] {
  return workflow
    .split('\n')
    .filter((line) => /^\s*(-\s*)?["']?uses["']?\s*:/.test(line))
    .filter((line) => !/uses: (\.\/\S+|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line))
    .map((line) => line.trim())
}

it.each([
  ['      - uses: actions/checkout@v4', false],
  ['      - uses: actions/checkout@v6.0.2', false],
  ['      - uses: actions/checkout@main # v6.0.2', false],
  ['      - uses: actions/checkout@de0fac2 # v6.0.2', false],
  ['        uses: "actions/checkout@v4"', false],
  ['      - "uses" : actions/checkout@v4', false],
  ['      - uses: docker://alpine:3', false],
  ['      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd', false],
  ['      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6', false],
  ['      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2', true],
  ['        uses: owner/repo/path/to@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v1.0.0', true],
  ['      - uses: ./.github/actions/own', true],
  ['      - run: .ci/run', true],
])('%s: %s', (line, pinned) => {
  expect(loose(line)).toEqual(pinned ? [] : [line.trim()])
})

it('every action in the workflow files is pinned by commit, with its version beside it', () => {
  const files = filesBelow('.github', ['.yml', '.yaml'])
  expect(files).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml'])
  for (const file of files) expect(loose(readFileSync(`${root}/${file}`, 'utf8')), file).toEqual([])
})

it('CI has a job for every runner of the tests', () => {
  const workflow = readFileSync(`${root}/.github/workflows/ci.yml`, 'utf8')
  const [, list = ''] = /^ +runner:\n((?: +- .*\n)+)/m.exec(workflow) ?? []
  expect([...list.matchAll(/- (.*)/g)].map(([, name]) => name)).toEqual(runners().map(({ name }) => name))
})
