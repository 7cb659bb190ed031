import type { Row, Step, TokenSpec } from './row.ts'

/** A row as it is written down: `each` makes several of it, and one without `steps` is a single one. */
interface WrittenRow extends Partial<Omit<Row, 'id' | 'family' | 'about'>>, Step {
  readonly id: string
  readonly about: string
  readonly token?: TokenSpec
  readonly each?: readonly unknown[]
}

const rowMembers = 'id about needs options entry token tokens steps each'
const stepMembers = 'pass keys answer send request expect fetches'
const tokenMembers = 'use claims header headerEdit payloadEdit payloadBytes encoding sign key shape'

/** Reads a file of the corpus. Throws where a member is misspelt, since it would then test nothing. */
export function readRows(written: readonly unknown[]): readonly Row[] {
  return written.flatMap((row) => expand(row as WrittenRow).map((one) => complete(one, (row as WrittenRow).id)))
}

function expand(row: WrittenRow): readonly WrittenRow[] {
  checkMembers(row, `${rowMembers} ${stepMembers}`, row.id)
  if (row.each === undefined) return [row]
  const { each, ...rest } = row
  return each.map((value, index) => ({ ...(substitute(rest, value) as WrittenRow), id: `${row.id}-${index + 1}` }))
}

/** Puts a value in the place of each `$each`, in texts too. */
function substitute(template: unknown, value: unknown): unknown {
  if (template === '$each') return value
  if (typeof template === 'string') return substituteText(template, value)
  if (Array.isArray(template)) return template.map((item) => substitute(item, value))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(
    Object.entries(template).map(([name, item]) => [substituteText(name, value), substitute(item, value)]),
  )
}

function substituteText(text: string, value: unknown): string {
  return text.replaceAll('$each', () => String(value))
}

function complete(row: WrittenRow, family: string): Row {
  const { id, about, needs = [], options = {}, entry = 'token', token = {}, tokens = {}, steps, each, ...step } = row
  const all = { token, ...tokens }
  for (const spec of Object.values(all)) checkMembers(spec, tokenMembers, id)
  const moves = steps ?? [step]
  for (const move of moves) checkMembers(move, stepMembers, id)
  if (!moves.some(({ expect }) => expect !== undefined)) throw new Error(`${id} expects nothing`)
  return { id, family, about, needs, options, entry, tokens: all, steps: moves }
}

function checkMembers(value: object, known: string, id: string): void {
  const strange = Object.keys(value).filter((name) => !known.split(' ').includes(name))
  if (strange.length > 0) throw new Error(`${id}: ${strange.join(', ')}?`)
}
