import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('no literal of the guard has a property class, which engines build when they read the source', () => {
  const files = globSync('{src/*.ts,src/{guard,groups,tokens,aws,admin,credentials}/**/*.ts,adapters/**/*.ts}')
  expect(files.length).toBeGreaterThan(60)
  const literals = files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => /(?<!['"`].*)\\p\{/.test(line)).map((line) => `${file}: ${line.trim()}`)
  })
  expect(literals).toEqual([])
})
