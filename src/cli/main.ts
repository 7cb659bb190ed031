#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** Read here, so that `--version` loads nothing else. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const [first, ...others] = process.argv.slice(2)
if ((first === '--version' || first === '-v') && others.length === 0) process.stdout.write(`${version}\n`)
else await (await import('./application.ts')).runApplication(process.argv.slice(2), version)
