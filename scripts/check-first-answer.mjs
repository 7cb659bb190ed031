import { readFileSync } from 'node:fs'
import { countLazy } from './lib/eager.mjs'
import { root } from './lib/runtimes.mjs'

/** How many functions of the build V8 compiles only when a first answer calls them; the same on every machine. */
const count = await countLazy(`${root}/dist`)
/** @type {{ lazyFunctions: { limit: number } }} */
const { lazyFunctions } = JSON.parse(readFileSync(`${root}/scripts/first-answer.json`, 'utf8'))
console.log(`a first answer compiles ${count} functions lazily, of at most ${lazyFunctions.limit}`)
if (count > lazyFunctions.limit) {
  console.log('Methods and generators cannot be made eager: write arrow functions, or raise scripts/first-answer.json.')
  process.exitCode = 1
}
