import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { listPath, operationList } from '../../scripts/lib/operation-list.ts'
import { root } from '../../scripts/lib/runtimes.mjs'

it('The list of operations in the documents is the one that the table of operations gives.', () => {
  expect(readFileSync(`${root}/${listPath}`, 'utf8'), 'npm run generate').toBe(operationList())
})
