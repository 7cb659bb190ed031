import { createHash } from 'node:crypto'
import { isAwsError } from '../../admin/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { ImportFlags } from '../commands/transfer.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, escapeTerminal } from '../context.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { type ImportJournal, openJournal } from './import-journal.ts'
import { createImporter, type Importer } from './import-lines.ts'
import { createLimits, type NumberedLine, readLines } from './lines.ts'

const goOn = 'The same command goes on where this one stopped.'

/** Runs `cognigate import`. */
export async function runImport(this: CliContext, flags: ImportFlags, file: string): Promise<void> {
  const isLocal = (flags.endpoint ?? process.env['AWS_ENDPOINT_URL']) !== undefined
  // AWS's quota of writes is 25 a second, for all callers together.
  const { admin, userPoolId } = connect({ ...flags, maxRps: flags.maxRps ?? (isLocal ? undefined : 15) } as ImportFlags)
  const failedFile = flags.failed ?? `${file.replace(/\.jsonl$/, '')}.failed.jsonl`
  if (failedFile === file) throw new CommandError('--failed: expected another file than the input')
  const input = await checkFile(file)
  const journal = openJournal(`${file}.journal`, { userPoolId, input: input.hash, failedFile }, Date.now)
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, goOn)
  const step = () => {
    const { pass, ended: done } = journal
    return pass === 'records'
      ? { what: 'groups and users', done, total: input.records }
      : { what: 'memberships', done, total: input.members }
  }
  const limits = createLimits({ stop: signal, timeout: flags.timeout }, progress, step)
  try {
    const importer = await createImporter(admin, flags, limits.call, journal.startedAt)
    const onLine = () => progress.show(step().what, step())
    const options = { journal, importer, signal, concurrency: flags.concurrency ?? 5, onLine }
    if (journal.pass === 'members') for await (const { line } of readLines(file)) importer.note(line)
    else {
      await importPass(file, options)
      journal.nextPass()
    }
    await importPass(file, options)
    journal.finish()
  } catch (error) {
    throw limits.describe(error, goOn)
  } finally {
    progress.clear()
    journal.close()
    dispose()
  }
  const { created, updated, unchanged, added, present, failed } = journal.counts
  if (flags.json) {
    const counts = { created, updated, unchanged, memberships: added, alreadyMembers: present, failed }
    this.process.stdout.write(`${JSON.stringify({ version: 1, ...counts }, null, 2)}\n`)
  } else {
    this.process.stdout.write(
      `${created} created, ${updated} updated, ${unchanged} unchanged, ${added} memberships added, ${present} there already, ${failed} failed.\n`,
    )
  }
  if (failed === 0) return
  this.process.stderr.write(
    `Failed lines are in ${escapeTerminal(failedFile)}, each with its error; import that file again.\n`,
  )
  this.process.exitCode = 1
}

interface PassOptions {
  readonly journal: ImportJournal
  readonly importer: Importer
  readonly signal: AbortSignal
  readonly concurrency: number
  readonly onLine: () => void
}

/**
 * One pass over the file: groups and users, or memberships. As many lines as may be under way are in memory, and no more. Throws
 * what concerns every line, once those that are under way are at their end.
 */
async function importPass(
  file: string,
  { journal, importer, signal, concurrency, onLine }: PassOptions,
): Promise<void> {
  const { pass } = journal
  /** Lines under way, by what they are about: lines about the same thing come one after the other. */
  const running = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const isOpen = () => failures.length === 0 && !signal.aborted
  onLine()
  for await (const item of readLines(file)) {
    const { number, line } = item
    if (pass === 'records') importer.note(line)
    if (line.pool !== undefined || (line.member !== undefined) !== (pass === 'members') || journal.isDone(number))
      continue
    const key = JSON.stringify([
      line.group?.GroupName,
      line.user?.Username,
      line.member?.Username,
      line.member?.GroupName,
    ])
    while (isOpen() && running.has(key)) await running.get(key)
    while (isOpen() && running.size >= concurrency) await Promise.race(running.values())
    if (!isOpen()) break
    journal.start(number)
    const work = writeLine(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(key))
    running.set(key, work)
  }
  await Promise.all(running.values())
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]

  async function writeLine({ number, line, madeAt }: NumberedLine): Promise<void> {
    const begun = journal.begun(number) ?? (madeAt === undefined ? undefined : { madeAt })
    let made = begun?.madeAt
    try {
      const outcome = await importer.write(line, {
        begun,
        begin: () => journal.begin(number),
        made(at) {
          made = at
          journal.made(number, at)
        },
      })
      journal.end(number, outcome)
    } catch (error) {
      signal.throwIfAborted()
      if (isAwsError(error) && (error.throttled || isFatal(error.code))) throw error
      const isOfLine = isAwsError(error) || error instanceof CommandError || error instanceof ConfigurationError
      if (!isOfLine) throw error
      journal.fail(number, { ...line, error: error.message, ...(made !== undefined && { madeAt: made }) })
    }
    onLine()
  }
}

/** Errors that concern every line: going on would fail them all. */
function isFatal(code: string): boolean {
  return /^(AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|SignatureDoesNotMatch|InvalidClientTokenId|TimeoutError|NetworkError)/.test(
    code,
  )
}

/** Reads the file once, so that no mistake of form is found after half of it is done. */
async function checkFile(file: string): Promise<{ hash: string; records: number; members: number }> {
  const hash = createHash('sha256')
  const count = { records: 0, members: 0 }
  for await (const { line } of readLines(file, (chunk) => hash.update(chunk))) {
    if (line.member !== undefined) count.members++
    else if (line.pool === undefined) count.records++
  }
  return { hash: hash.digest('hex'), ...count }
}
