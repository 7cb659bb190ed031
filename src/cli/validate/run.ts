import type { ValidateFlags } from '../commands/validate.ts'
import { type CliContext, createStyle, escapeTerminal, counted } from '../context.ts'
import { readDefinitionsFile } from '../definitions-file.ts'
import { describeProblem, FileError, type Problem } from '../source-text.ts'

/** Runs `cognigate validate`. */
export async function runValidate(
  this: CliContext,
  { json, noCode, strict }: ValidateFlags,
  file: string,
): Promise<void> {
  const { process } = this
  const style = createStyle(this)
  const { errors, warnings, summary } = await check(file, noCode)
  const isWrong = errors.length > 0 || (strict && warnings.length > 0)
  if (json) {
    process.stdout.write(`${JSON.stringify({ version: 1, file, errors, warnings }, null, 2)}\n`)
  } else {
    const lines = [
      ...errors.map((problem) => `${style.removed('error')} ${describeProblem(file, problem)}`),
      ...warnings.map((problem) => `${style.changed('warning')} ${describeProblem(file, problem)}`),
      ...(isWrong ? [] : [`${file}: ${summary}`]),
    ]
    process.stdout.write(`${lines.map(escapeTerminal).join('\n')}\n`)
  }
  if (isWrong) process.exitCode = 1
}

async function check(file: string, noCode: boolean) {
  try {
    const { groups, warnings } = await readDefinitionsFile(file, { noCode })
    const summary = `${counted(groups.names.length, 'group')}, ${counted(groups.permissions.length, 'permission')}, no mistakes`
    return { errors: [], warnings, summary }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const warnings: Problem[] = []
    return { errors: error.problems, warnings, summary: '' }
  }
}
