import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { CommandError, escapeJson } from '../context.ts'
import type { Line } from './lines.ts'

/** What became of a line. `added` and `present` are of memberships. */
export type Outcome = 'created' | 'updated' | 'unchanged' | 'added' | 'present' | 'failed'

/** The first line of a journal: how far the import came. Below it are records of single lines. */
interface Head {
  readonly version: 2
  readonly userPoolId: string
  /** SHA-256 of the file. */
  readonly input: string
  readonly failedFile: string
  /** In milliseconds since the epoch. */
  readonly startedAt: number
  /** Groups and users come first, memberships after them, each in the order of the lines. */
  pass: 'records' | 'members'
  /** All lines of the pass up to here are behind it. */
  lines: number
  /** How many lines of the pass are at their end. */
  ended: number
  /** How long the file of failed lines is. */
  failedBytes: number
  readonly counts: Record<Outcome, number>
}

/** What happened to a line: it is about to be written, its user was made, or it is at its end. */
interface JournalRecord {
  readonly begin?: number
  readonly made?: number
  /** When, as `UserCreateDate` has it. */
  readonly at?: number | undefined
  readonly end?: number
  readonly outcome?: Outcome
  readonly failedBytes?: number
}

/** What an earlier run left of a line that it had begun to write. */
export interface Begun {
  /** When it made the user, as `UserCreateDate` has it; undefined where that is not known. */
  readonly madeAt?: number | undefined
}

/** A line as it is written to the file of failed lines. */
export interface FailedLine extends Line {
  readonly error: string
  readonly madeAt?: number | undefined
}

/**
 * Remembers what becomes of each line, so that it is known after any end of the process. What is appended is small and goes out
 * at once: the process may be killed between any two writes.
 */
export interface ImportJournal extends Readonly<Pick<Head, 'startedAt' | 'pass' | 'ended' | 'counts'>> {
  /** Whether a line of this pass is behind it, by this run or an earlier one. */
  isDone(number: number): boolean
  begun(number: number): Begun | undefined
  /** Lines are started in their order. Nothing is written yet. */
  start(number: number): void
  /** Right before the first write for a line. */
  begin(number: number): void
  made(number: number, at: number | undefined): void
  end(number: number, outcome: Exclude<Outcome, 'failed'>): void
  fail(number: number, line: FailedLine): void
  nextPass(): void
  /** The import is complete: no journal stays, and no file of lines that failed earlier. */
  finish(): void
  close(): void
}

/** How many records are appended before the journal is written anew. */
const MOST_RECORDS = 2000

/** Opens the journal of an import. Throws CommandError where it is of another one, and where a file cannot be written. */
export function openJournal(
  file: string,
  identity: Pick<Head, 'userPoolId' | 'input' | 'failedFile'>,
  now: () => number,
): ImportJournal {
  const { failedFile } = identity
  const found = readJournal(file, identity)
  const head: Head = found?.head ?? {
    ...{ version: 2, ...identity, startedAt: now(), pass: 'records', lines: 0, ended: 0, failedBytes: 0 },
    counts: { created: 0, updated: 0, unchanged: 0, added: 0, present: 0, failed: 0 },
  }
  const done = new Set<number>()
  const open = new Map<number, Begun>()
  const running = new Set<number>()
  let last = head.lines
  let count = 0
  let journal: number | undefined
  let failures: number | undefined

  const replay = ({ begin, made, at, end, outcome = 'failed', failedBytes = head.failedBytes }: JournalRecord) => {
    head.failedBytes = failedBytes
    if (begin !== undefined) open.set(begin, {})
    if (made !== undefined) open.set(made, { madeAt: at })
    if (end === undefined) return
    open.delete(end)
    running.delete(end)
    done.add(end)
    head.counts[outcome]++
    head.ended++
  }
  const append = (record: JournalRecord) => {
    replay(record)
    writing(file, () => writeSync(journal ?? -1, `${JSON.stringify(record)}\n`))
    if (++count >= MOST_RECORDS) rewrite()
  }
  /** The head anew, with the records that it does not cover. */
  const rewrite = () => {
    head.lines = running.size > 0 ? Math.min(...running) - 1 : last
    for (const number of done) if (number <= head.lines) done.delete(number)
    const records: object[] = [head, ...[...done].map((number) => ({ done: number }))]
    for (const [number, { madeAt }] of open)
      records.push({ begin: number }, ...(madeAt === undefined ? [] : [{ made: number, at: madeAt }]))
    writing(file, () => {
      const part = `${file}.part`
      writeFileSync(part, records.map((record) => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600 })
      if (journal !== undefined) closeSync(journal)
      renameSync(part, file)
      journal = openSync(file, 'a')
    })
    count = 0
  }

  for (const number of found?.done ?? []) done.add(number)
  for (const record of found?.records ?? []) replay(record)
  checkFailures(failedFile)
  if (found !== undefined) writing(failedFile, () => head.failedBytes > 0 && truncateSync(failedFile, head.failedBytes))
  rewrite()

  return {
    startedAt: head.startedAt,
    counts: head.counts,
    get pass() {
      return head.pass
    },
    get ended() {
      return head.ended
    },
    isDone: (number) => number <= head.lines || done.has(number),
    begun: (number) => open.get(number),
    start(number) {
      running.add(number)
      last = Math.max(last, number)
    },
    begin: (number) => append({ begin: number }),
    made: (number, at) => append({ made: number, at }),
    end: (number, outcome) => append({ end: number, outcome }),
    fail(number, line) {
      const bytes = new TextEncoder().encode(`${escapeJson(JSON.stringify(line))}\n`)
      writing(failedFile, () => {
        failures ??= openSync(failedFile, head.failedBytes > 0 ? 'r+' : 'w', 0o600)
        writeSync(failures, bytes, 0, bytes.length, head.failedBytes)
      })
      append({ end: number, outcome: 'failed', failedBytes: head.failedBytes + bytes.length })
    },
    nextPass() {
      head.pass = 'members'
      head.ended = 0
      last = 0
      done.clear()
      open.clear()
      rewrite()
    },
    finish() {
      if (head.counts.failed === 0) rmSync(failedFile, { force: true })
      rmSync(file, { force: true })
    },
    close() {
      if (journal !== undefined) closeSync(journal)
      if (failures !== undefined) closeSync(failures)
    },
  }
}

function writing<T>(file: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw new CommandError(
      `${file}: it cannot be written (${error instanceof Error && 'code' in error ? error.code : error})`,
    )
  }
}

/** A file of other content that has the name is nobody's to overwrite. */
function checkFailures(file: string): void {
  let text: string
  try {
    const handle = openSync(file, 'r')
    const bytes = new Uint8Array(65_536)
    text = new TextDecoder().decode(bytes.subarray(0, readSync(handle, bytes)))
    closeSync(handle)
  } catch {
    return
  }
  if (text !== '' && !/^\{"(group|user|member)":.*"error":"/.test(text))
    throw new CommandError(`${file}: it holds something else than failed lines; name another file with --failed`)
}

interface Found {
  readonly head: Head
  readonly done: readonly number[]
  readonly records: readonly JournalRecord[]
}

/** Undefined where there is none. What was cut off at the end was not done. */
function readJournal(file: string, identity: Pick<Head, 'userPoolId' | 'input' | 'failedFile'>): Found | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new CommandError(`${file}: it cannot be read`)
  }
  const { userPoolId, input, failedFile } = identity
  const [first = '', ...rest] = text.split('\n').slice(0, -1)
  const head: Head | undefined = parse(first)
  if (head?.version !== 2 || head.userPoolId !== userPoolId || head.input !== input)
    throw new CommandError(`${file}: it is of another import; delete it to begin again`)
  if (head.failedFile !== failedFile)
    throw new CommandError(`--failed: expected ${head.failedFile}, as in the run that this one goes on with`)
  const records = rest.flatMap((line): (JournalRecord & { readonly done?: number })[] => parse(line) ?? [])
  return { head, done: records.flatMap(({ done }) => done ?? []), records }
}

function parse(line: string) {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
