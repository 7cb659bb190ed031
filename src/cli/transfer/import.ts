import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { addMembers, isAwsError, type Journal } from '../../admin/index.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import type { ImportFlags } from '../commands/transfer.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, escapeTerminal } from '../context.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { writeAtomically } from '../write-file.ts'
import { createLines, type Importer, type Outcome } from './import-lines.ts'
import { createLimits, type Line } from './lines.ts'

/** How many lines are tried between two saves, and tried again where a run is killed. */
const BATCH = 100

/** How far an import came. */
interface Position {
  readonly version: 1
  readonly userPoolId: string
  /** SHA-256 of the file. */
  readonly input: string
  /** Lines of groups and users that are behind it. */
  lines: number
  /** How long the file of failed lines is. */
  failedBytes: number
  created: number
  updated: number
  unchanged: number
  failed: number
}

/** Runs `cognigate import`. */
export async function runImport(this: CliContext, flags: ImportFlags, file: string): Promise<void> {
  const isLocal = (flags.endpoint ?? process.env['AWS_ENDPOINT_URL']) !== undefined
  // AWS's quota of writes is 25 a second, for all callers together.
  const { admin, userPoolId } = connect({ ...flags, maxRps: flags.maxRps ?? (isLocal ? undefined : 15) } as ImportFlags)
  const input = await checkFile(file)
  const failedFile = flags.failed ?? `${file.replace(/\.jsonl$/, '')}.failed.jsonl`
  const journal = `${file}.journal`
  const position = await readPosition(journal, { userPoolId, input: input.hash })
  const failures = await openFailures(failedFile, position.failedBytes, file)
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, 'The same command goes on where this one stopped.')
  try {
    const step = () => ({ what: 'lines', done: position.lines, total: input.lines })
    const limits = createLimits({ signal, timeout: flags.timeout }, progress, step)
    const importer = await createLines(admin, flags, limits)
    const members: Member[] = []
    await importLines(file, { flags, importer, position, failures, members, signal }, async () => {
      position.failedBytes = failures.bytes()
      await writeAtomically(journal, JSON.stringify(position))
      progress.show('lines', step())
    })
    const result = await addMembers(admin, members, {
      signal,
      concurrency: flags.concurrency ?? 5,
      ...(flags.timeout !== undefined && { timeout: flags.timeout }),
      journal: toJournal(`${file}.members.journal`),
      onProgress: ({ done, failed, total, waiting }) =>
        progress.show('memberships', { done: done + failed, total, waiting }),
    })
    if (result.stopReason !== 'done') {
      throw new CommandError(`stopped (${result.stopReason}). The same command goes on where this one stopped.`)
    }
    // Entries are given back as they were given.
    const lineOf = new Map<object, Member>(members.map((member) => [member, member]))
    for (const { entry, error } of result.failed) {
      await failures.write({ member: lineOf.get(entry)?.member }, tell(error))
    }
    await rm(journal, { force: true })
    await rm(`${file}.members.journal`, { force: true })
    const { created, updated, unchanged } = position
    const failed = position.failed + result.failed.length
    const counts = {
      created,
      updated,
      unchanged,
      memberships: result.ok.length,
      alreadyMembers: result.skipped.length,
      failed,
    }
    if (flags.json) this.process.stdout.write(`${JSON.stringify({ version: 1, ...counts }, null, 2)}\n`)
    else {
      const text = `${created} created, ${updated} updated, ${unchanged} unchanged, ${result.ok.length} memberships added, ${result.skipped.length} there already, ${failed} failed.`
      this.process.stdout.write(`${text}\n`)
    }
    if (failed > 0) {
      this.process.stderr.write(
        `Failed lines are in ${escapeTerminal(failedFile)}, each with its error; import that file again.\n`,
      )
      this.process.exitCode = 1
    }
  } catch (error) {
    if (signal.aborted && !(error instanceof CommandError)) {
      throw new CommandError('stopped. The same command goes on where this one stopped.')
    }
    throw error
  } finally {
    progress.clear()
    await failures.close()
    dispose()
  }
}

/** A membership, by the name that the pool takes, and as its line has it. */
interface Member {
  readonly username: string
  readonly group: string
  readonly member: NonNullable<Line['member']>
}

interface ImportState {
  readonly flags: ImportFlags
  readonly importer: Importer
  readonly position: Position
  readonly failures: Failures
  readonly members: Member[]
  readonly signal: AbortSignal
}

/** Groups and users line by line; memberships are collected. */
async function importLines(
  file: string,
  { flags, importer, position, failures, members, signal }: ImportState,
  save: () => Promise<void>,
): Promise<void> {
  let number = 0
  let batch: Line[] = []
  const flush = async () => {
    // Groups come before users, and one after the other: an answer may depend on the one before.
    const outcomes = await mapConcurrent(batch, flags.concurrency ?? 5, async (line): Promise<Outcome | Error> => {
      signal.throwIfAborted()
      try {
        return await importer.write(line)
      } catch (error) {
        signal.throwIfAborted()
        if (isAwsError(error) && isFatal(error.code)) throw error
        if (isAwsError(error) || error instanceof CommandError) return error
        throw error
      }
    })
    for (const [index, outcome] of outcomes.entries()) {
      const line = batch[index] ?? {}
      if (typeof outcome === 'string') position[outcome]++
      else {
        position.failed++
        await failures.write(line, tell(outcome))
      }
    }
    batch = []
    position.lines = number
    await save()
  }
  for await (const text of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const line = parseLine(text, file, ++number)
    if (line === undefined) continue
    importer.note(line)
    if (line.member !== undefined) {
      const { Username, GroupName } = line.member
      members.push({ username: importer.nameOf(Username), group: GroupName, member: line.member })
    } else if (line.pool === undefined && number > position.lines) {
      batch.push(line)
      if (batch.length >= BATCH) await flush()
    }
  }
  if (batch.length > 0) await flush()
}

/** Errors that concern every line: going on would fail them all. */
function isFatal(code: string): boolean {
  return /^(AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|SignatureDoesNotMatch|InvalidClientTokenId|TimeoutError)/.test(
    code,
  )
}

function tell(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Throws CommandError, with the line's number, for anything but a line of an export. */
function parseLine(text: string, file: string, number: number): Line | undefined {
  if (text.trim() === '') return undefined
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new CommandError(`${file}:${number}  expected a line of JSON`)
  }
  const fits = (value: unknown, ...names: string[]) =>
    names.every((name) => typeof Object(value)[name] === 'string' && Object(value)[name] !== '')
  const { error: _, ...line } = Object(given)
  const [kind = '', ...more] = Object.keys(line)
  const isLine =
    more.length === 0 &&
    ((kind === 'pool' && line.pool?.version === 1) ||
      (kind === 'group' && fits(line.group, 'GroupName')) ||
      (kind === 'user' && fits(line.user, 'Username')) ||
      (kind === 'member' && fits(line.member, 'Username', 'GroupName')))
  if (!isLine) {
    throw new CommandError(
      `${file}:${number}  expected one of {"pool": …}, {"group": {"GroupName": …}}, {"user": {"Username": …}}, {"member": {"Username": …, "GroupName": …}}`,
    )
  }
  return line as Line
}

/** Reads the file once, so that no mistake of form is found after half of it is done. */
async function checkFile(file: string): Promise<{ hash: string; lines: number }> {
  const hash = createHash('sha256')
  const stream = createReadStream(file)
  stream.on('data', (chunk) => hash.update(chunk))
  let lines = 0
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = parseLine(text, file, ++lines)
      if (line?.user?.Attributes?.some(({ Name }) => typeof Name !== 'string')) {
        throw new CommandError(`${file}:${lines}  expected Attributes of a Name and a Value each`)
      }
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${file}: it cannot be read`)
  }
  return { hash: hash.digest('hex'), lines }
}

async function readPosition(
  journal: string,
  { userPoolId, input }: Pick<Position, 'userPoolId' | 'input'>,
): Promise<Position> {
  const fresh = {
    version: 1,
    userPoolId,
    input,
    lines: 0,
    failedBytes: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    failed: 0,
  } as const
  const text = await readFile(journal, 'utf8').catch(() => undefined)
  if (text === undefined) return { ...fresh }
  try {
    const found: Position = JSON.parse(text)
    if (found.version === 1 && found.userPoolId === userPoolId && found.input === input) return found
  } catch {
    // It is told below.
  }
  throw new CommandError(
    `${journal}: it is of another import; delete it, and ${journal.replace(/journal$/, 'members.journal')}, to begin again`,
  )
}

function toJournal(file: string): Journal {
  return {
    load: () => readFile(file, 'utf8').catch(() => undefined),
    save: (text) => writeAtomically(file, text),
  }
}

/** The file of failed lines. It is made with the first one. */
interface Failures {
  write(line: Line, error: string): Promise<void>
  bytes(): number
  close(): Promise<void>
}

async function openFailures(file: string, bytes: number, input: string): Promise<Failures> {
  if (file === input) throw new CommandError('--failed: expected another file than the input')
  let handle = bytes > 0 ? await open(file, 'r+') : undefined
  await handle?.truncate(bytes)
  let at = bytes
  return {
    async write(line, error) {
      handle ??= await open(file, 'w', 0o600)
      const text = new TextEncoder().encode(`${JSON.stringify({ ...line, error })}\n`)
      await handle.write(text, 0, text.length, at)
      at += text.length
    },
    bytes: () => at,
    close: async () => handle?.close(),
  }
}
