import { once } from 'node:events'
import type { AuditFlags } from '../commands/audit.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, escapeTerminal } from '../context.ts'
import { readDefinitionsFile } from '../definitions-file.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { inPieces, writeAtomically } from '../write-file.ts'
import { collectAudit, type PoolAudit } from './collect.ts'
import { formatCsv, formatJson, formatMarkdown, formatTable } from './formats.ts'
import { formatPage } from './page.ts'

/** Runs `cognigate audit`. */
export async function runAudit(this: CliContext, flags: AuditFlags, file?: string): Promise<void> {
  const { can, by, out } = flags
  const map = file === undefined ? undefined : (await readDefinitionsFile(file, { noCode: flags.noCode })).groups
  if (can !== undefined && map === undefined)
    throw new CommandError('--can: expected definitions too: cognigate audit FILE')
  if (can !== undefined && !map?.permissions.includes(can)) {
    throw new CommandError(`--can: expected a permission of the definitions, not ${can}`)
  }
  const { admin } = connect(flags)
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, 'Nothing was changed.')
  const whole = await collectAudit(admin, map, {
    signal,
    concurrency: flags.concurrency,
    timeout: flags.timeout,
    onRead: (done, waiting) => progress.show('users and memberships', { done, waiting }),
  }).finally(() => {
    progress.clear()
    dispose()
  })
  const audit = can === undefined ? whole : onlyWhoCan(whole, can)
  const formats = {
    table: () => formatTable(audit, by, this),
    json: () => formatJson(audit, by),
    // A file has names as they are.
    csv: () =>
      out === undefined && this.process.stdout.isTTY ? escapeLines(formatCsv(audit, by)) : formatCsv(audit, by),
    markdown: () => formatMarkdown(audit, by),
    html: () => [formatPage(audit)],
  }
  const text = formats[flags.format]()
  if (out !== undefined) return await writeAtomically(out, text)
  for (const piece of inPieces(text)) {
    if (!this.process.stdout.write(piece)) await once(this.process.stdout, 'drain')
  }
}

function* escapeLines(lines: Iterable<string>): Generator<string, void, undefined> {
  for (const line of lines) yield `${escapeTerminal(line.replace(/\r\n$/, ''))}\n`
}

function onlyWhoCan(audit: PoolAudit, permission: string): PoolAudit {
  const users = audit.users.filter(({ groups }) => {
    const { may, conditional } = audit.effectiveOf(groups)
    return may.includes(permission) || conditional.includes(permission)
  })
  return { ...audit, users }
}
