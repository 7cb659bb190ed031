import { readFileSync, writeFileSync } from 'node:fs'
import { bundle, unexpectedFiles } from './lib/bundle.mjs'
import { root } from './lib/runtimes.mjs'

/**
 * @typedef {object} Budget
 * @property {string} import what the limit is measured on
 * @property {number | null} limit bytes, minified and gzipped, 1 kB being 1,000 bytes; null until
 *   `npm run size -- --record` puts the measured size and a tenth there
 * @property {number} [budget] what it is meant to be, where the limit had to be higher; the difference is printed
 * @property {boolean} [onServers] whether it may use Node's modules
 * @property {number} [beside] the limit of what it adds to a bundle that has a guard
 * @property {string[]} folders which parts of the package may be in the bundle
 * @property {string[]} packages which packages may be
 */

const path = `${root}/scripts/sizes.json`
const record = process.argv.includes('--record')
/** @type {Record<string, Budget>} */
const budgets = JSON.parse(readFileSync(path, 'utf8'))
/** @type {Record<string, { default: string } | string>} */
const subpaths = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).exports
/** @type {string[]} */
const faults = []

for (const subpath of Object.keys(budgets)) {
  if (!(subpath in subpaths)) faults.push(`${subpath} has a budget in scripts/sizes.json and is not exported`)
}
for (const [subpath, target] of Object.entries(subpaths)) {
  if (typeof target === 'string') continue
  const budget = budgets[subpath]
  if (budget === undefined) {
    faults.push(`${subpath} has no budget in scripts/sizes.json`)
    continue
  }
  const measured = await bundle(target.default, budget.import, budget.onServers)
  const whole = await bundle(target.default, '*', budget.onServers)
  const tenthMore = Math.ceil((measured.bytes * 1.1) / 10) * 10
  if (record) budget.limit ??= tenthMore
  const limit = budget.limit ?? tenthMore
  console.log(
    `${subpath.padEnd(12)}${String(measured.bytes).padStart(7)} B of ${limit}  ${budget.import}` +
      (budget.import === '*' ? '' : `, the whole entry ${whole.bytes} B`),
  )
  if (budget.beside !== undefined) {
    const guarded = "export { createGuard, defineGroups } from './dist/src/index.js'"
    const [guard, both] = [
      await bundle('dist/src/index.js', '{ createGuard, defineGroups }'),
      await bundle(target.default, budget.import, false, guarded),
    ]
    const added = both.bytes - guard.bytes
    console.log(
      `${' '.repeat(12)}${String(added).padStart(7)} B of ${budget.beside}  added to a bundle that has a guard`,
    )
    if (added > budget.beside) faults.push(`${subpath} adds ${added - budget.beside} B too much to a guard`)
  }
  if (budget.budget !== undefined && measured.bytes > budget.budget) {
    console.log(`${' '.repeat(12)}OVER its budget of ${budget.budget} B by ${measured.bytes - budget.budget} B`)
  }
  if (budget.limit === null) faults.push(`${subpath} has no limit yet: \`npm run size -- --record\``)
  if (measured.bytes > limit) faults.push(`${subpath} is over its limit by ${measured.bytes - limit} B`)
  if (measured.files.length === 0) faults.push(`${subpath} bundles to nothing`)
  for (const file of unexpectedFiles(whole.files, budget)) faults.push(`${subpath} pulls in ${file}`)
}
if (record) writeFileSync(path, `${JSON.stringify(budgets, null, 2)}\n`)
for (const fault of faults) console.log(fault)
process.exitCode = faults.length === 0 ? 0 : 1
