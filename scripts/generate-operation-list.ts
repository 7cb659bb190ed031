import { writeFileSync } from 'node:fs'
import { listPath, operationList } from './lib/operation-list.ts'
import { root } from './lib/runtimes.mjs'

const text = operationList()
writeFileSync(`${root}/${listPath}`, text)
console.log(`${listPath}  ${text.length} characters`)
