import { beforeAll, describe, expect, it } from 'vitest'
import { Kit } from './cases/case.ts'
import { cases } from './cases/index.ts'
import { corpusKeys } from './world.ts'

let kit: Kit

beforeAll(async () => {
  kit = new Kit(await corpusKeys())
}, 60_000)

describe.each(Object.entries(cases()))('hostile %s, in code', (_section, table) => {
  it.each(table.map((row) => [row.id, row.about, row] as const))('%s: %s', async (_id, _about, row) => {
    expect(await row.run(kit)).toEqual(row.expect)
  })
})
