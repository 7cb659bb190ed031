import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { walkThrough } from '../../examples/provision/walk-through.ts'

it("takes cognises' own file through its life, as the README shows", async () => {
  const printed: string[] = []
  await walkThrough((text) => printed.push(text))
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const shown = readme.split('npx node examples/provision/walk-through.ts\n```\n\n```\n')[1]?.split('\n```')[0]
  expect(printed.join('\n')).toBe(shown)
})
