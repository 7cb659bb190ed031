import type { TestFlags } from '../commands/test.ts'
import { type CliContext, CommandError, createStyle, escapeTerminal } from '../context.ts'
import { type DefinitionsFile, readDefinitionsFile } from '../definitions-file.ts'
import { describeProblem } from '../source-text.ts'
import { type Coverage, findUnnoticed } from './coverage.ts'
import { checkExpectations, type Expectations, type Failure, type Question, readExpectations } from './expectations.ts'

/** Runs `cognigate test`. */
export async function runTest(this: CliContext, flags: TestFlags, ...files: string[]): Promise<void> {
  const { process } = this
  const runs = new Map<string, { definitions: DefinitionsFile; tested: Tested[] }>()
  for (const file of files) {
    const expectations = await readExpectations(file)
    const map = flags.map ?? expectations.map
    if (map === undefined) throw new CommandError(`${file}: expected \`map: FILE\` at its top, or --map FILE`)
    const run = runs.get(map) ?? { definitions: await readDefinitionsFile(map, { noCode: flags.noCode }), tested: [] }
    runs.set(map, run)
    run.tested.push({ expectations, ...checkExpectations(run.definitions.groups, expectations.rows) })
  }
  const results = [...runs.values()].map(({ definitions, tested }) => ({
    definitions,
    tested,
    coverage: flags.noCoverage
      ? undefined
      : findUnnoticed(
          definitions.groups,
          tested.flatMap(({ questions }) => questions),
        ),
  }))
  const isWrong = results.some(({ tested }) => tested.some(({ failures }) => failures.length > 0))
  if (flags.json) process.stdout.write(`${JSON.stringify({ version: 1, maps: results.map(toJson) }, null, 2)}\n`)
  else process.stdout.write(`${results.flatMap((result) => describeResult(this, result)).join('\n')}\n`)
  if (isWrong) process.exitCode = 1
}

interface Tested {
  readonly expectations: Expectations
  readonly questions: readonly Question[]
  readonly failures: readonly Failure[]
}

interface Result {
  readonly definitions: DefinitionsFile
  readonly tested: readonly Tested[]
  readonly coverage: Coverage | undefined
}

function describeResult(context: CliContext, { definitions, tested, coverage }: Result): string[] {
  const style = createStyle(context)
  const lines: string[] = []
  for (const { expectations, failures } of tested) {
    for (const failure of failures) {
      lines.push(style.removed(escapeTerminal(describeProblem(expectations.file, failure))))
      if (failure.reason !== undefined) lines.push(escapeTerminal(`    ${failure.reason}`))
    }
  }
  const asked = tested.reduce((sum, { questions }) => sum + questions.length, 0)
  const wrong = tested.reduce((sum, { failures }) => sum + failures.length, 0)
  const summary = `${escapeTerminal(definitions.file)}: ${asked} questions, ${wrong} wrong`
  lines.push(wrong > 0 ? style.removed(summary) : style.added(summary))
  if (coverage === undefined) return lines
  const { changes, noticed, unnoticed } = coverage
  lines.push(`${noticed} of ${changes} changes of one thing would be noticed.`)
  for (const { path, change, add } of unnoticed.slice(0, 50)) {
    const place = definitions.locate(path)
    const where = place ? `${definitions.file}:${place.line}:${place.column}` : path
    const line = add === undefined ? 'it changes nothing: other rules do the same' : `add:  - ${toYaml(add)}`
    lines.push(escapeTerminal(`${where}  ${change}`), escapeTerminal(`    ${line}`))
  }
  if (unnoticed.length > 50) lines.push(`… and ${unnoticed.length - 50} more; --json has them all.`)
  return lines
}

/** One line that can be pasted into the list. */
function toYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toYaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${toYaml(key)}: ${toYaml(item)}`)
      .join(', ')} }`
  }
  const isPlain =
    typeof value === 'string' && /^[A-Za-z][\w. -]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}

function toJson({ definitions, tested, coverage }: Result) {
  return {
    map: definitions.file,
    files: tested.map(({ expectations, questions, failures }) => ({
      file: expectations.file,
      questions: questions.length,
      failures,
    })),
    ...(coverage !== undefined && { coverage }),
  }
}
