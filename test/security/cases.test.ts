import { beforeAll, describe, expect, it } from 'vitest'
import { inBrowser } from '../support/browser.ts'
import { Kit } from './cases/case.ts'
import { cases } from './cases/index.ts'
import { corpusKeys } from './world.ts'

let kit: Kit

beforeAll(async () => {
  kit = new Kit(await corpusKeys())
}, 60_000)

describe.each(Object.entries(cases()))('hostile %s, in code', (_section, table) => {
  // A page cannot read the cookies of an answer.
  const here = table.filter(({ id }) => !inBrowser || id !== 'answers-untouched')
  it.each(here.map((row) => [row.id, row.about, row] as const))('%s: %s', async (_id, _about, row) => {
    expect(await row.run(kit)).toEqual(row.expect)
  })
})
