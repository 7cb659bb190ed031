import { createHash } from 'node:crypto'
import type { Groups } from '../../index.ts'
import { type PoolAudit, summarize } from './collect.ts'
import { script } from './page-script.ts'
import { style } from './page-style.ts'

/**
 * The audit as one HTML page that loads nothing: its policy names its script and its style by their hashes. Each distinct set of
 * groups is in it once, and what a set may do is put together in the page; a set for which that would be wrong is in it as a whole.
 */
export function formatPage(audit: PoolAudit): string {
  const { userPoolId, readAt, map, users, findings } = audit
  const groups = [...new Set([...audit.groups.map(({ name }) => name), ...(map?.names ?? [])])]
  const permissions = map?.permissions ?? []
  const matrix = map === undefined ? groups.map(() => '') : readMatrix(map, groups)
  const index = new Map(groups.map((name, at) => [name, at]))
  const sets = new Map<string, { readonly id: number; readonly names: readonly string[] }>()
  const states: string[] = []
  const named = users
    .map((user) => {
      // A user name that is a sub says nothing to people.
      const isSub = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/.test(user.username)
      return { user, name: (isSub ? user.label : '') || user.username }
    })
    .map((each) => ({ ...each, key: each.name.toLowerCase() }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const rows = named.map(({ user, name }) => {
    const key = pack(
      user.groups.map((name) => index.get(name) ?? 0),
      groups.length,
    )
    const set = sets.get(key) ?? { id: sets.size, names: user.groups }
    sets.set(key, set)
    const status = user.status.toLowerCase().replaceAll('_', ' ')
    const state = user.enabled ? status : `disabled, ${status}`
    if (!states.includes(state)) states.push(state)
    const days = user.createdAt === undefined ? 0 : Math.floor(+user.createdAt / 86_400_000)
    return { name, set: set.id, state: states.indexOf(state), days }
  })
  const exact: Record<number, string> = {}
  if (map !== undefined) {
    for (const { id, names } of sets.values()) {
      const whole = toDigits(map, names)
      const members = names.map((name) => matrix[index.get(name) ?? -1] ?? '')
      const joined = [...whole].map((_, at) => members.reduce((most, row) => Math.max(most, Number(row[at])), 0))
      if (joined.some((digit, at) => digit % 3 !== Number(whole[at]))) exact[id] = whole
    }
  }
  const data = {
    ...{ pool: userPoolId, at: readAt.toISOString(), groups, permissions, matrix, states, exact },
    sets: [...sets.keys()].join('.'),
    names: rows.map(({ name }) => name),
    set: pack(
      rows.map(({ set }) => set),
      sets.size,
    ),
    state: pack(
      rows.map(({ state }) => state),
      states.length,
    ),
    days: pack(
      rows.map(({ days }) => days),
      46_656,
    ),
    findings: summarize(findings),
    inPool: audit.groups.length,
  }
  // In a script element only `<` can end it.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    `<title>Access audit of ${userPoolId}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<noscript>This page needs its own script to show the tables.</noscript>',
    '<main></main>',
    `<script type="application/json" id="data">${json}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>\n',
  ].join('\n')
}

/** Numbers below `limit` as one text: each to base 36, in as many digits as the largest takes. */
function pack(numbers: readonly number[], limit: number): string {
  const { length } = Math.max(0, limit - 1).toString(36)
  return numbers.map((number) => number.toString(36).padStart(length, '0')).join('')
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

const digits = { deny: '0', conditional: '1', allow: '2' }

function toDigits(map: Groups, names: readonly string[]): string {
  return Object.values(map.effective(names))
    .map((access) => digits[access])
    .join('')
}

/**
 * A row for each group: 0 nothing, 1 under a condition, 2 allowed, 3 denied whatever other groups allow, which is found out by
 * putting the group together with one that allows.
 */
function readMatrix(map: Groups, groups: readonly string[]): string[] {
  const own = groups.map((name) => toDigits(map, [name]))
  const allowing = map.permissions.map((_, at) => own.findIndex((row) => row[at] !== '0'))
  return groups.map((name, group) => {
    const row = [...(own[group] ?? '')]
    for (const other of new Set(allowing)) {
      const partner = groups[other]
      if (partner === undefined || other === group) continue
      const both = toDigits(map, [name, partner])
      for (const [at, digit] of row.entries())
        if (allowing[at] === other && digit === '0' && both[at] === '0') row[at] = '3'
    }
    return row.join('')
  })
}
