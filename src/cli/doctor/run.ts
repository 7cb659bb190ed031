import { relative } from 'node:path'
import process from 'node:process'
import { assertKnown } from '../../internal/options.ts'
import type { DoctorFlags } from '../commands/doctor.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, createStyle, escapeTerminal } from '../context.ts'
import { readDefinitionsFile } from '../definitions-file.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { type Acceptance, accept, type Examination, examine, placeOf, rankOf, type Skipped } from './check.ts'
import { checks } from './checks.ts'
import { readWorld } from './read-world.ts'
import { toSarif } from './sarif.ts'

/** Runs `cognigate doctor`. */
export async function runDoctor(this: CliContext, flags: DoctorFlags, file?: string): Promise<void> {
  const { stdout, stderr } = this.process
  const format = readFormat(flags)
  const acceptances = (flags.accept ?? []).map(readAcceptance)
  if (format === 'sarif' && file === undefined) {
    throw new CommandError('--format sarif: expected a definitions file as well, in which the findings are placed')
  }
  const definitions = file === undefined ? undefined : await readDefinitionsFile(file, { noCode: flags.noCode })
  const connection = connect(flags)
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, 'Nothing was changed.')
  const { client: listedClients, accountDetails, timeout } = flags
  const given = { definitions, listedClients, accountDetails, timeout }
  const world = await readWorld(connection, given, progress, signal).finally(() => {
    progress.clear()
    dispose()
  })
  const { unused, ...examination } = accept(examine(checks, world), acceptances)
  for (const { id, at } of unused) {
    stderr.write(`--accept ${id}${at === undefined ? '' : `@${escapeTerminal(at)}`}: there is nothing to accept\n`)
  }
  if (format === 'sarif' && definitions !== undefined) {
    const uri = relative(process.cwd(), definitions.file)
    stdout.write(`${JSON.stringify(toSarif(examination, this.version, uri, definitions), null, 2)}\n`)
  } else if (format === 'json') stdout.write(`${JSON.stringify({ version: 1, ...examination }, null, 2)}\n`)
  else stdout.write(`${describe(this, examination)}\n`)
  if (isFaulty(examination, flags.failOn)) this.process.exitCode = 2
}

function readFormat({ json, format }: DoctorFlags): DoctorFlags['format'] {
  if (json && format === 'sarif') throw new CommandError('--json: expected without --format sarif')
  return json ? 'json' : format
}

function readAcceptance(text: string): Acceptance {
  const [, id = '', at, reason = ''] = /^([^=@]*)(?:@([^=]*))?=(.*)$/s.exec(text) ?? []
  if (id === '' || reason.trim() === '') {
    throw new CommandError(
      `--accept ${text}: expected ID=REASON, or ID@PLACE=REASON, such as 'guests=Visitors see the shop'`,
    )
  }
  assertKnown('--accept', 'check', id, new Set(checks.map((check) => check.id)))
  return { id, at, reason: reason.trim() }
}

/** A check whose call is refused may have missed something, which is no reason to pass. */
function isFaulty({ findings, skipped }: Examination, failOn: DoctorFlags['failOn']): boolean {
  return (
    findings.some(({ severity, accepted }) => accepted === undefined && rankOf(severity) >= rankOf(failOn)) ||
    skipped.some(({ refused, accepted }) => accepted === undefined && refused.length > 0)
  )
}

function describe(context: CliContext, { findings, skipped }: Examination): string {
  const style = createStyle(context)
  const paint = { error: style.removed, warning: style.changed, note: style.faint }
  const lines: string[] = []
  const open = findings.filter(({ accepted }) => accepted === undefined)
  for (const [index, finding] of open.entries()) {
    const { id, severity, message, fix } = finding
    lines.push(`${paint[severity](severity)} ${style.strong(id)} ${escapeTerminal(placeOf(finding))}`)
    // What is found at many places is explained once.
    const next = open[index + 1]
    if (next?.id !== id || next.severity !== severity) lines.push(`    ${message}`, `    ${style.faint(`fix: ${fix}`)}`)
  }
  for (const finding of findings) {
    if (finding.accepted === undefined) continue
    lines.push(`${style.faint('accepted')} ${finding.id} ${escapeTerminal(`${placeOf(finding)}: ${finding.accepted}`)}`)
  }
  for (const [reason, ids] of byReason(skipped)) {
    lines.push(`${style.changed('skipped')} ${ids.join(', ')}`, `    ${escapeTerminal(reason)}`)
  }
  if (open.some(({ at }) => /^(pool|client|identity-pool)\//.test(at))) {
    lines.push(
      style.faint(
        'Updates at AWS reset what they leave out: docs/command-line/doctor.md shows how to change one setting.',
      ),
    )
  }
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const number = open.filter((finding) => finding.severity === severity).length
    return number > 0 ? [`${number} ${severity}${number > 1 ? 's' : ''}`] : []
  })
  const accepted = findings.length - open.length
  const parts = [
    counts.length > 0 ? counts.join(', ') : 'no findings',
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ]
  return [...lines, `${checks.length} checks: ${parts.join(', ')}.`].join('\n')
}

function byReason(skipped: readonly Skipped[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { id, reason, accepted } of skipped) {
    const said = accepted === undefined ? reason : `${reason}; accepted: ${accepted}`
    found.set(said, [...(found.get(said) ?? []), id])
  }
  return found
}
