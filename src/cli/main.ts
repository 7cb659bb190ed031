#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** The folder of the package. */
const root = new URL('../../', import.meta.url)
/** Read here, so that `--version` loads nothing else. */
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const [first, ...others] = process.argv.slice(2)
if ((first === '--version' || first === '-v') && others.length === 0) process.stdout.write(`${version}\n`)
else await (await import('./application.ts')).runApplication(process.argv.slice(2), { version, root })
