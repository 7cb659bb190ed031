import { beforeAll, describe, expect, it } from 'vitest'
import { corpus } from './corpus/index.ts'
import { ours, oursByToken } from './ours.ts'
import { runRow } from './run-row.ts'
import { corpusKeys, type Keys } from './world.ts'

let keys: Keys

beforeAll(async () => {
  keys = await corpusKeys()
}, 60_000)

const sections = Object.entries(corpus())

describe.each(sections)('hostile %s', (_section, rows) => {
  it.each(rows.map((row) => [row.id, row.about, row] as const))('%s: %s', async (_id, _about, row) => {
    expect((await runRow(row, ours, keys))?.faults).toEqual([])
    expect((await runRow(row, oursByToken, keys))?.faults ?? []).toEqual([])
  })
})

it('names every row once, and has rows of every kind of answer', () => {
  const rows = sections.flatMap(([, section]) => section)
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  const answers = new Set(rows.flatMap(({ steps }) => steps.flatMap((step) => step.expect ?? [])))
  expect(answers).toEqual(new Set([...answers, 'accepted', 'anonymous', 'CONFIGURATION', 'KEYS_UNAVAILABLE']))
  expect(answers.size).toBeGreaterThanOrEqual(22)
})
