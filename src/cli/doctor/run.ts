import type { DoctorFlags } from '../commands/doctor.ts'
import { connect } from '../connection.ts'
import { type CliContext, createStyle, escapeTerminal } from '../context.ts'
import { readDefinitionsFile } from '../definitions-file.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { checks, type Examination, examine } from './checks.ts'
import { readWorld } from './read-world.ts'
import { toSarif } from './sarif.ts'

/** Runs `cognigate doctor`. */
export async function runDoctor(this: CliContext, flags: DoctorFlags, file?: string): Promise<void> {
  const { stdout } = this.process
  const definitions = file === undefined ? undefined : await readDefinitionsFile(file, { noCode: flags.noCode })
  const connection = connect(flags)
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, 'Nothing was changed.')
  const world = await readWorld(connection, { definitions, listedClients: flags.client }, progress, signal).finally(
    () => {
      progress.clear()
      dispose()
    },
  )
  const examination = examine(world)
  if (flags.format === 'sarif') {
    stdout.write(
      `${JSON.stringify(toSarif(examination, this.version, file ?? 'cognigate.yaml', definitions), null, 2)}\n`,
    )
  } else if (flags.format === 'json') stdout.write(`${JSON.stringify({ version: 1, ...examination }, null, 2)}\n`)
  else stdout.write(`${describe(this, examination)}\n`)
  const ranks = ['note', 'warning', 'error']
  const limit = ranks.indexOf(flags.failOn)
  if (examination.findings.some(({ severity }) => ranks.indexOf(severity) >= limit)) this.process.exitCode = 2
}

function describe(context: CliContext, { findings, skipped }: Examination): string {
  const style = createStyle(context)
  const paint = { error: style.removed, warning: style.changed, note: style.faint }
  const lines = findings.flatMap(({ id, severity, message, fix, at, detail }) => [
    `${paint[severity](severity)} ${style.strong(id)} ${escapeTerminal(at)}${detail === undefined ? '' : ` (${escapeTerminal(detail)})`}`,
    `    ${message}`,
    `    ${style.faint(`fix: ${fix}`)}`,
  ])
  for (const { id, reason } of skipped) lines.push(`${style.changed('skipped')} ${id}`, `    ${escapeTerminal(reason)}`)
  const ran = checks.length - skipped.length
  return [...lines, `${ran} checks, ${findings.length} findings, ${skipped.length} skipped.`].join('\n')
}
