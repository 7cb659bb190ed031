import { writeFileSync } from 'node:fs'
import { root } from './lib/runtimes.mjs'
import { wireTypes } from './lib/wire-types.ts'

const sdk = `${root}/node_modules/@aws-sdk/client-cognito-identity-provider`

for (const [path, text] of Object.entries(wireTypes(sdk))) {
  writeFileSync(`${root}/${path}`, text)
  console.log(`${path}  ${text.length} characters`)
}
