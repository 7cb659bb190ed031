import { readFileSync } from 'node:fs'
import { importsOf, violation } from './lib/import-rules.mjs'
import { filesBelow, root } from './lib/runtimes.mjs'

const files = ['src', 'adapters', 'examples', 'scripts', 'bench'].flatMap((folder) =>
  filesBelow(folder, ['.ts', '.tsx', '.mjs', '.js']),
)
let wrong = 0
for (const file of files) {
  for (const imported of importsOf(readFileSync(`${root}/${file}`, 'utf8'))) {
    const why = violation(file, imported)
    if (why === undefined) continue
    wrong++
    console.log(`${file}: imports ${imported}: ${why}`)
  }
}
console.log(`${files.length} files, ${wrong} imports against the import direction`)
process.exitCode = wrong === 0 && files.length > 0 ? 0 : 1
