import { advantage, type Row, verdict } from './row.ts'

const titles = ['what', 'ours', 'peers', 'best peer ÷ ours', 'budget', 'goal', ''] as const

/** The rows as a table, for terminals or as Markdown. */
export function tableOf(rows: readonly Row[], markdown: boolean): string {
  const lines = rows.map(cellsOf)
  if (markdown) return [titles, titles.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  // The peers go below, since no terminal is wide enough.
  const narrow = [titles, ...lines].map((cells) => cells.filter((_, at) => at !== 2))
  const widths = titles.slice(1).map((_, at) => Math.max(...narrow.map((cells) => cells[at]?.length ?? 0)))
  return narrow
    .map((cells, line) => {
      const text = cells
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  ')
      return line === 0 ? text : `${text.trimEnd()}\n    ${lines[line - 1]?.[2] || '(no peer)'}`
    })
    .join('\n')
}

function cellsOf(row: Row): string[] {
  const times = advantage(row)
  const limit = (value: number | undefined) => (value === undefined ? '' : `≤ ${value}`)
  const list = (values: Row['references'] = {}) =>
    Object.entries(values).map(([name, value]) => `${name} ${written(value)}`)
  const references = list(row.references)
  const peers = list(row.peers).join(', ') + (references.length > 0 ? ` (${references.join(', ')})` : '')
  return [
    row.what,
    `${written(row.ours)} ${row.unit}`,
    peers.trim(),
    times === undefined ? '' : `${written(times)} ×`,
    limit(row.budget),
    limit(row.goal),
    verdict(row),
  ]
}

/** Three digits are all that a measurement is good for. */
function written(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : `${Number(value.toPrecision(3))}`
}
