import { parseArgs } from 'node:util'

export interface Options {
  readonly help: boolean
  readonly format: 'text' | 'markdown' | 'json'
  /** Fewer and shorter rounds: for a look, not for a table. */
  readonly quick: boolean
  /** Which parts to run; all by default. */
  readonly only: readonly string[]
}

export const parts = [
  'sizes',
  'decisions',
  'definitions',
  'srp',
  'audit',
  'growth',
  'isolates',
  'starts',
  'workerd',
  'Node',
  'Bun',
  'Deno',
] as const

export const usage = `npm run bench -- [--quick] [--only part]… [--markdown | --json]

Measures a build of the package beside its peers, and prints one table on stdout; progress goes to stderr. The peers that
are no development dependencies are in bench/package.json; on first use they are installed there with \`npm ci\`.

  --quick      fewer and shorter rounds: for a look, not for a table
  --only part  ${parts.join(', ')}; may be repeated
  --markdown   the table as Markdown, with versions and date
  --json       everything as JSON

BENCH_BUILD=folder measures that build of the package (with src and adapters in it) instead of making one.
`

/** Reads the command line. Throws TypeError for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: flag,
      quick: flag,
      markdown: flag,
      json: flag,
      only: { type: 'string', multiple: true, default: [...parts] },
    },
  })
  const unknown = values.only.find((name) => !parts.some((part) => part === name))
  if (unknown !== undefined) throw new TypeError(`--only ${unknown}: expected one of ${parts.join(', ')}.`)
  return {
    help: values.help,
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
    quick: values.quick,
    only: values.only,
  }
}
