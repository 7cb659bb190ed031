import { type CliContext, createStyle, escapeJson, escapeTerminal } from '../context.ts'
import { type AuditedUser, type PoolAudit, summarize } from './collect.ts'

/** By what the rows begin. */
export type Grouping = 'group' | 'user'

/** Rows of texts, in the order of their columns. Each is made when it is asked for. */
interface Rows {
  readonly columns: readonly string[]
  readonly rows: () => Iterable<readonly string[]>
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
      *rows() {
        for (const user of audit.users) {
          const { may, conditional } = audit.effectiveOf(user.groups)
          const created = user.createdAt?.toISOString().slice(0, 10) ?? ''
          yield [
            ...[user.username, ...state(user), created, user.groups.join(', ')],
            ...(hasMap ? [list(may), list(conditional)] : []),
          ]
        }
      },
    }
  }
  const byGroup = new Map<string, AuditedUser[]>(audit.groups.map(({ name }) => [name, []]))
  for (const user of audit.users) for (const group of user.groups) byGroup.get(group)?.push(user)
  return {
    columns: ['group', 'precedence', 'user', 'name', 'status', 'enabled'],
    *rows() {
      for (const { name, precedence = '' } of audit.groups) {
        const users = byGroup.get(name) ?? []
        if (users.length === 0) yield [name, `${precedence}`, '', '', '', '']
        for (const user of users) yield [name, `${precedence}`, user.username, ...state(user)]
      }
    },
  }
}

/** Columns of text for a terminal. */
export function* formatTable(audit: PoolAudit, by: Grouping, context: CliContext): Generator<string, void, undefined> {
  const style = createStyle(context)
  const total = audit.map?.permissions.length ?? 0
  const { columns, rows } = toRows(audit, by, ({ length }) => `${length} of ${total}`)
  const lengthOf = (text: string) => [...text].length
  const widths = columns.map(lengthOf)
  for (const row of rows()) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, lengthOf(oneLine(cell)))
  }
  const line = (row: readonly string[]) =>
    row
      .map(oneLine)
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - lengthOf(cell)))
      .join('  ')
      .trimEnd()
  yield `${style.strong(line(columns))}\n`
  for (const row of rows()) yield `${row.includes('disabled') ? style.faint(line(row)) : line(row)}\n`
  const findings = summarize(audit.findings).map((text) => `${style.changed('finding')} ${escapeTerminal(text)}`)
  const counts = `${audit.users.length} users, ${audit.groups.length} groups, ${findings.length} findings.`
  yield `${[...(findings.length > 0 ? ['', ...findings] : []), '', counts].join('\n')}\n`
}

function oneLine(text: string): string {
  return escapeTerminal(text).replace(/[\n\t]/g, ' ')
}

/**
 * CSV by RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export function* formatCsv(audit: PoolAudit, by: Grouping): Generator<string, void, undefined> {
  const { columns, rows } = toRows(audit, by, (permissions) => permissions.join(', '))
  const cell = (text: string) => {
    const safe = /^\s*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const line = (row: readonly string[]) => `${row.map(cell).join(',')}\r\n`
  yield line(columns)
  for (const row of rows()) yield line(row)
}

/** Markdown, with what groups may do where there are definitions. */
export function* formatMarkdown(audit: PoolAudit, by: Grouping): Generator<string, void, undefined> {
  const { columns, rows } = toRows(audit, by, (permissions) => permissions.join(', '))
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |\n`
  const head = (names: readonly string[]) => line(names) + line(names.map(() => '---'))
  yield `# Access audit of ${audit.userPoolId}\n\n`
  yield `Read at ${audit.readAt.toISOString()}: ${audit.users.length} users, ${audit.groups.length} groups.\n\n`
  const findings = summarize(audit.findings)
  if (findings.length > 0) yield `## Findings\n\n${findings.map((text) => `- ${escapeMarkdown(text)}\n`).join('')}\n`
  if (audit.map) {
    yield `## What groups may do\n\n${head(['group', 'may', 'under a condition'])}`
    for (const { name } of audit.groups) {
      const { may, conditional } = audit.effectiveOf([name])
      yield line([name, may.join(', '), conditional.join(', ')].map(escapeMarkdown))
    }
    yield '\n'
  }
  yield `${by === 'user' ? '## Users' : '## Members'}\n\n${head(columns)}`
  for (const row of rows()) yield line(row.map(escapeMarkdown))
}

function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|&#~!]/g, (character) => `\\${character}`)
}

/** Everything, findings one by one, as JSON with a version: what JSON.stringify makes of it, without the whole text in memory. */
export function* formatJson(
  { userPoolId, readAt, groups, users, findings, map, effectiveOf }: PoolAudit,
  by: Grouping,
): Generator<string, void, undefined> {
  const mayOf = (memberOf: readonly string[]) => (map === undefined ? {} : effectiveOf(memberOf))
  const list = function* <T>(name: string, items: readonly T[], toJson: (item: T) => object) {
    yield `,\n  ${JSON.stringify(name)}: [`
    for (const [index, item] of items.entries()) {
      yield `${index === 0 ? '' : ','}\n    ${escapeJson(JSON.stringify(toJson(item), null, 2)).replaceAll('\n', '\n    ')}`
    }
    yield items.length > 0 ? '\n  ]' : ']'
  }
  yield JSON.stringify({ version: 1, userPoolId, readAt }, null, 2).slice(0, -2)
  if (by === 'user') yield* list('users', users, (user) => ({ ...user, ...mayOf(user.groups) }))
  else {
    const members = new Map<string, string[]>(groups.map(({ name }) => [name, []]))
    for (const { username, groups: memberOf } of users) for (const group of memberOf) members.get(group)?.push(username)
    const toJson = (group: PoolAudit['groups'][number]) => {
      return { ...group, ...mayOf([group.name]), members: members.get(group.name) }
    }
    yield* list('groups', groups, toJson)
  }
  yield* list('findings', findings, (finding) => finding)
  yield '\n}\n'
}
