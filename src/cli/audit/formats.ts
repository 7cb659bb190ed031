import { type CliContext, createStyle, escapeTerminal } from '../context.ts'
import { type AuditedUser, type PoolAudit, summarize } from './collect.ts'

/** By what the rows begin. */
export type Grouping = 'group' | 'user'

/** Rows of texts, in the order of their columns. */
interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * The audit as rows: by group one for each membership, and one for each group without members; by user one for each user. `list`
 * writes permissions.
 */
function toRows(audit: PoolAudit, by: Grouping, list: (permissions: readonly string[]) => string): Rows {
  const state = (user: AuditedUser) => [user.label, user.status, user.enabled ? 'enabled' : 'disabled']
  if (by === 'user') {
    const hasMap = audit.map !== undefined
    return {
      columns: [
        'user',
        'name',
        'status',
        'enabled',
        'created',
        'groups',
        ...(hasMap ? ['may', 'under a condition'] : []),
      ],
      rows: audit.users.map((user) => {
        const { may, conditional } = audit.effectiveOf(user.groups)
        const created = user.createdAt?.toISOString().slice(0, 10) ?? ''
        return [
          ...[user.username, ...state(user), created, user.groups.join(', ')],
          ...(hasMap ? [list(may), list(conditional)] : []),
        ]
      }),
    }
  }
  const byGroup = new Map<string, AuditedUser[]>(audit.groups.map(({ name }) => [name, []]))
  for (const user of audit.users) for (const group of user.groups) byGroup.get(group)?.push(user)
  return {
    columns: ['group', 'precedence', 'user', 'name', 'status', 'enabled'],
    rows: audit.groups.flatMap(({ name, precedence = '' }) => {
      const users = byGroup.get(name) ?? []
      if (users.length === 0) return [[name, `${precedence}`, '', '', '', '']]
      return users.map((user) => [name, `${precedence}`, user.username, ...state(user)])
    }),
  }
}

/** Columns of text for a terminal. */
export function formatTable(audit: PoolAudit, by: Grouping, context: CliContext): string {
  const style = createStyle(context)
  const total = audit.map?.permissions.length ?? 0
  const { columns, rows } = toRows(audit, by, ({ length }) => `${length} of ${total}`)
  const clean = rows.map((row) => row.map(oneLine))
  const widths = columns.map((column, index) =>
    clean.reduce((most, row) => Math.max(most, [...(row[index] ?? '')].length), column.length),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd()
  const lines = [
    style.strong(line(columns)),
    ...clean.map((row) => (row.includes('disabled') ? style.faint(line(row)) : line(row))),
  ]
  const findings = summarize(audit.findings).map((text) => `${style.changed('finding')} ${escapeTerminal(text)}`)
  const counts = `${audit.users.length} users, ${audit.groups.length} groups, ${findings.length} findings.`
  return `${[...lines, ...(findings.length > 0 ? ['', ...findings] : []), '', counts].join('\n')}\n`
}

function oneLine(text: string): string {
  return escapeTerminal(text).replace(/[\n\t]/g, ' ')
}

/**
 * CSV by RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export function formatCsv(audit: PoolAudit, by: Grouping): string {
  const { columns, rows } = toRows(audit, by, (permissions) => permissions.join(', '))
  const cell = (text: string) => {
    const safe = /^\s*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Markdown, with what groups may do where there are definitions. */
export function formatMarkdown(audit: PoolAudit, by: Grouping): string {
  const { columns, rows } = toRows(audit, by, (permissions) => permissions.join(', '))
  const table = (head: readonly string[], body: readonly (readonly string[])[]) =>
    [head, head.map(() => '---'), ...body.map((row) => row.map(escapeMarkdown))].map((row) => `| ${row.join(' | ')} |`)
  const may = audit.groups.map(({ name }) => {
    const { may, conditional } = audit.effectiveOf([name])
    return [name, may.join(', '), conditional.join(', ')]
  })
  const findings = summarize(audit.findings)
  return `${[
    `# Access audit of ${audit.userPoolId}`,
    '',
    `Read at ${audit.readAt.toISOString()}: ${audit.users.length} users, ${audit.groups.length} groups.`,
    '',
    ...(findings.length > 0 ? ['## Findings', '', ...findings.map((text) => `- ${escapeMarkdown(text)}`), ''] : []),
    ...(audit.map ? ['## What groups may do', '', ...table(['group', 'may', 'under a condition'], may), ''] : []),
    by === 'user' ? '## Users' : '## Members',
    '',
    ...table(columns, rows),
  ].join('\n')}\n`
}

function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|&#~!]/g, (character) => `\\${character}`)
}

/** Everything, findings one by one, as JSON with a version. */
export function formatJson(
  { userPoolId, readAt, groups, users, findings, map, effectiveOf }: PoolAudit,
  by: Grouping,
): string {
  const members = new Map<string, string[]>(groups.map(({ name }) => [name, []]))
  for (const { username, groups: memberOf } of users) for (const group of memberOf) members.get(group)?.push(username)
  const mayOf = (memberOf: readonly string[]) => (map === undefined ? {} : effectiveOf(memberOf))
  const rest =
    by === 'user'
      ? { users: users.map((user) => ({ ...user, ...mayOf(user.groups) })) }
      : { groups: groups.map((group) => ({ ...group, ...mayOf([group.name]), members: members.get(group.name) })) }
  return `${JSON.stringify({ version: 1, userPoolId, readAt, ...rest, findings }, null, 2)}\n`
}
