import { Kit } from './cases/case.ts'
import { cases } from './cases/index.ts'
import { corpus } from './corpus/index.ts'
import { maps, rows as groupRows } from './groups.ts'
import { defineGroups } from '../../src/index.ts'
import { runRow } from './run-row.ts'
import type { Verifier } from './verifier.ts'
import { corpusKeys } from './world.ts'

/** How a verifier did in one line of the table: all rows of one family. */
export interface Cell {
  readonly rows: number
  /** What it did instead, for each row that it got wrong. */
  readonly wrong: readonly string[]
}

export interface Line {
  readonly section: string
  readonly id: string
  readonly about: string
  /** By verifier; absent where the line means nothing to it. */
  readonly cells: Readonly<Record<string, Cell>>
}

/** Puts the verifiers through everything there is. What is no data is about us alone: `own` is the column for it. */
export async function runAll(verifiers: readonly Verifier[], own: string): Promise<readonly Line[]> {
  const keys = await corpusKeys()
  const lines = new Map<string, { section: string; id: string; about: string; cells: Record<string, Cell> }>()
  const enter = (section: string, id: string, about: string, name: string, wrong: readonly string[]) => {
    const key = `${section}/${id}`
    const line = lines.get(key) ?? { section, id, about, cells: {} }
    lines.set(key, line)
    const { rows, wrong: before } = line.cells[name] ?? { rows: 0, wrong: [] }
    line.cells[name] = { rows: rows + 1, wrong: [...before, ...(wrong.length > 0 ? [wrong.join('; ')] : [])] }
  }
  for (const [section, rows] of Object.entries(corpus())) {
    for (const row of rows) {
      for (const verifier of verifiers) {
        const verdict = await runRow(row, verifier, keys)
        if (verdict !== undefined) enter(section, row.family, row.about, verifier.name, verdict.faults)
      }
    }
  }
  for (const { what, map, memberOf, fn, code } of groupRows) {
    const got = defineGroups<string, string>(maps[map]).explain(memberOf, fn).code
    enter('groups', what, 'names and inheritance', own, got === code ? [] : [`${got}, not ${code}`])
  }
  const kit = new Kit(keys)
  for (const [section, table] of Object.entries(cases())) {
    for (const { id, about, run, expect } of table) {
      const got = JSON.stringify(await run(kit))
      enter(section, id, about, own, got === JSON.stringify(expect) ? [] : [`${got}, not ${JSON.stringify(expect)}`])
    }
  }
  return [...lines.values()]
}

/** The table as text; control characters and other scripts are escaped. */
export function format(lines: readonly Line[], names: readonly string[]): string {
  const header = ['section', 'row', ...names]
  const body = lines.map(({ section, id, cells }) => [section, id, ...names.map((name) => textOf(cells[name]))])
  const totals = names.map((name) => {
    const all = lines.flatMap(({ cells }) => cells[name] ?? [])
    const rows = all.reduce((sum, cell) => sum + cell.rows, 0)
    const wrong = all.reduce((sum, cell) => sum + cell.wrong.length, 0)
    return `${rows - wrong} ok, ${wrong} wrong`
  })
  const table = [header, ...body, ['', 'rows in all', ...totals]].map((line) => line.map(printable))
  const widths = header.map((_title, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)))
  return table
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return 'n/a'
  if (cell.wrong.length === 0) return cell.rows > 1 ? `ok (${cell.rows})` : 'ok'
  const [first = ''] = cell.wrong
  const share = cell.rows > 1 ? ` ${cell.wrong.length} of ${cell.rows}` : ''
  return `WRONG${share}: ${first.split(', not ')[0]?.slice(0, 40)}`
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
