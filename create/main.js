#!/usr/bin/env node
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

// `npm create cognigate my-app` is `cognigate init --app my-app`.
const args = process.argv.slice(2)
const [folder = ''] = args
if (args.length === 1 && folder !== '' && !folder.startsWith('-')) {
  const cognigate = dirname(createRequire(import.meta.url).resolve('cognigate/package.json'))
  process.argv.splice(2, 1, 'init', '--app', folder)
  await import(pathToFileURL(join(cognigate, 'dist/cli/main.js')).href)
} else {
  const isHelp = args.length === 1 && (folder === '--help' || folder === '-h')
  const usage = `Makes a Hono Worker behind cognigate, with tests and a local AWS, in a new folder:

    npm create cognigate my-app

All commands: npx cognigate --help
`
  if (isHelp) process.stdout.write(usage)
  else process.stderr.write(`create-cognigate: expected the name of a new folder and nothing else\n\n${usage}`)
  process.exitCode = isHelp ? 0 : 1
}
