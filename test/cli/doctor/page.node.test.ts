import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { expect, it } from 'vitest'
import { root } from '../../../scripts/lib/runtimes.mjs'
import { checks } from '../../../src/cli/doctor/checks.ts'

// The tables of docs/command-line/doctor.md are the data of the checks. UPDATE_DOCS=1 writes them down.

const page = `${root}/docs/command-line/doctor.md`
const cell = (text: string) => text.replaceAll('|', '\\|')

function createTables(): string {
  const found = checks.map(
    ({ id, severity, message, fix }) => `| \`${id}\` | ${severity} | ${cell(message)} | ${cell(fix)} |`,
  )
  const read = checks.map(({ id, reads, needs, asks }) => {
    const inputs = { clients: '`--client`', definitions: 'the definitions', identityPool: '`--identity-pool`' }
    const actions = needs.split(' ').map((action) => `\`${action}\``)
    return `| \`${id}\` | ${reads} | ${actions.join(', ')} | ${asks === undefined ? '' : inputs[asks]} |`
  })
  return [
    '| check | severity | what it says | fix |',
    '|---|---|---|---|',
    ...found,
    '',
    '`unlisted-client` is an error for clients that registered themselves, `long-lived-token` from a day on.',
    '',
    '| check | reads | IAM actions | skipped without |',
    '|---|---|---|---|',
    ...read,
  ].join('\n')
}

it('The tables of the page are the data of the checks.', () => {
  const text = readFileSync(page, 'utf8')
  const marks = /(<!-- checks -->\n)[\s\S]*(<!-- end of checks -->)/
  expect(text).toMatch(marks)
  const now = text.replace(marks, (_, before, after) => `${before}\n${createTables()}\n\n${after}`)
  if (process.env['UPDATE_DOCS']) writeFileSync(page, now)
  expect(now).toBe(process.env['UPDATE_DOCS'] ? now : text)
})
