import { Buffer } from 'node:buffer'
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { createMap, isObject } from '../json.ts'
import { createState, type State } from '../state/index.ts'
import { lockFile } from './lock.ts'
import { isContainer, isTracked, type Path, trackState } from './tracked-state.ts'

/** Of the form of the file, and of the state in it. A file of a later one is refused. */
const version = 1

/** How many bytes of changes a file may gather, beside as many as it began with, before it is written anew. */
const spare = 4_000_000

/** About how long, in characters, a line of a fresh file is: reading goes line by line, writing in slices of one. */
const lineLength = 65_536

/** A state that a file keeps. */
export interface SavedState {
  readonly state: State
  /** Whether the file was there before. */
  readonly isOld: boolean
  /** Writes what has changed since the last time. Throws where it cannot; the changes are then written the next time. */
  save(): void
  /** Writes the file anew from the state, in slices between which everything else goes on. */
  compact(): Promise<void>
  /** Writes the file anew with what `fill` puts into the state: for more than a line should hold. */
  begin(fill: () => void): Promise<void>
  /** Saves, and lets another server have the file. */
  close(): Promise<void>
}

/**
 * Opens the file that keeps a state. It is a line that says what it is, and then one line of JSON for each operation: the
 * paths that it has changed, each with the value that is there since, or with none where there is nothing any more. Lines
 * are written before the answer is sent, so that what was answered is there whenever the process ends. A last line that is
 * torn was never answered, and is dropped.
 *
 * Throws ConfigurationError where another server has the file, and where it is something else or of a later version.
 */
export async function openStateFile(path: string, report: (line: string) => void): Promise<SavedState> {
  let file = path
  let unlock: (() => void) | undefined
  try {
    file = findFile(path)
    unlock = await lockFile(file)
    return openLocked(file, report, unlock)
  } catch (error) {
    unlock?.()
    throw toFileError(error, file)
  }
}

/**
 * The file itself, where the path is a link to it. Whatever else has that name is refused before anything is done to it: a
 * device, a folder, a link to nothing.
 */
function findFile(path: string): string {
  if (!existsSync(path)) {
    const isLink = lstatSync(path, { throwIfNoEntry: false }) !== undefined
    if (isLink) throw new ConfigurationError(`state: ${path} is a link to nothing; remove it, or name another file.`)
    return join(realpathSync(dirnameOf(path)), basename(path))
  }
  if (!statSync(path).isFile()) throw new ConfigurationError(`state: ${path} is not a regular file; name another.`)
  return realpathSync(path)
}

/** What the system says where a file cannot be had, told as a fault of the option. */
function toFileError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ConfigurationError(
        `state: ${file} cannot be written, nor files beside it; allow it, or name another file.`,
      )
    case 'ENOSPC':
    case 'EFBIG':
    case 'EDQUOT':
      return new ConfigurationError(
        `state: there is no room for more in ${file}; make some: what could not be written is written then.`,
      )
    case 'ENAMETOOLONG':
      return new ConfigurationError('state: the name of the file is too long; give it a shorter one.')
    default:
      return error
  }
}

function dirnameOf(path: string): string {
  const folder = dirname(resolve(path))
  if (!existsSync(folder)) throw new ConfigurationError(`state: there is no folder ${folder}; create it first.`)
  return folder
}

function openLocked(file: string, report: (line: string) => void, unlock: () => void): SavedState {
  const fresh = `${file}.new`
  if (existsSync(fresh)) unlinkSync(fresh)
  const isOld = existsSync(file)
  const raw = createState()
  let fd = openSync(file, isOld ? 'r+' : 'wx+', 0o600)
  let size = 0
  if (isOld) {
    try {
      size = load(fd, file, raw)
      chmodSync(file, 0o600)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }
  if (size === 0) size = append(fd, 0, `${JSON.stringify({ cognigate: 'local', version })}\n`)
  let base = size
  let compacting: { fd: number; size: number } | undefined
  let running: Promise<void> | undefined
  let isClosed = false

  const save = () => {
    const paths = tracked.takeChanges()
    if (paths.length === 0) return
    try {
      const line = `${JSON.stringify(paths.map((path) => toChange(raw, path)))}\n`
      size = append(fd, size, line)
      if (compacting !== undefined) compacting.size = append(compacting.fd, compacting.size, line)
    } catch (error) {
      tracked.putBack(paths)
      throw toFileError(error, file)
    }
    if (size > base * 2 + spare) void compact().catch((error) => report(`state: ${toMessage(error)}`))
  }
  /** Changes outside of a request, and those of requests that take their time, are saved in the same turn. */
  const saveSoon = () =>
    queueMicrotask(() => {
      try {
        if (!isClosed) save()
      } catch (error) {
        report(`state: ${toMessage(error)}`)
      }
    })
  const tracked = trackState(raw, saveSoon)
  const compact = () => {
    running ??= rewrite().finally(() => {
      running = undefined
    })
    return running
  }
  const rewrite = async () => {
    const target = openSync(fresh, 'w', 0o600)
    const next = { fd: target, size: append(target, 0, `${JSON.stringify({ cognigate: 'local', version })}\n`) }
    try {
      compacting = next
      for (const line of snapshot(raw)) {
        next.size = append(target, next.size, line)
        await new Promise((resume) => setImmediate(resume))
        if (isClosed) break
      }
      await new Promise<void>((resume, fail) => fsync(target, (error) => (error ? fail(error) : resume())))
      if (isClosed) throw new Error('closed')
      renameSync(fresh, file)
      closeSync(fd)
      fd = target
      base = size = next.size
    } catch (error) {
      closeSync(target)
      if (existsSync(fresh)) unlinkSync(fresh)
      if (!isClosed) throw error
    } finally {
      compacting = undefined
    }
  }
  if (size > 2 * spare) setImmediate(() => void compact().catch((error) => report(`state: ${toMessage(error)}`)))
  return {
    state: tracked.state,
    isOld,
    save,
    compact,
    async begin(fill) {
      fill()
      tracked.takeChanges()
      await compact()
    },
    async close() {
      if (isClosed) return
      try {
        save()
      } finally {
        isClosed = true
        await running
        closeSync(fd)
        unlock()
      }
    },
  }
}

/** Writes all of a text at the end, or nothing of it: what a full disk has torn is cut off again. Gives the new size. */
function append(fd: number, size: number, text: string): number {
  const bytes = Buffer.from(text)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written, size + written)
  } catch (error) {
    ftruncateSync(fd, size)
    throw error
  }
  return size + written
}

/** What there is at a path, as a line has it. */
function toChange(raw: State, path: Path): readonly [Path] | readonly [Path, unknown] {
  let value: unknown = raw
  for (const name of path) {
    value = value === undefined || value === null ? undefined : Reflect.get(Object(value), name)
  }
  return value === undefined ? [path] : [path, value]
}

/** The lines of a file that holds just the state: as it is when each of them is asked for. */
function* snapshot(raw: State): Generator<string> {
  let [changes, length]: [string[], number] = [[], 0]
  for (const path of pathsOf(raw)) {
    const change = toChange(raw, path)
    if (change.length === 1) continue
    const text = JSON.stringify(isEmptied(path) ? [path, Array.isArray(change[1]) ? [] : {}] : change)
    changes.push(text)
    length += text.length
    if (length < lineLength) continue
    yield `[${changes.join(',')}]\n`
    changes = []
    length = 0
  }
  if (changes.length > 0) yield `[${changes.join(',')}]\n`

  function isEmptied(path: Path): boolean {
    return isTracked(path) && Array.isArray(toChange(raw, path)[1]) === false && isObject(toChange(raw, path)[1])
  }
}

/** The paths of everything that can change on its own, whatever holds other things before what it holds. */
function* pathsOf(raw: State, path: Path = []): Generator<Path> {
  const value = path.length === 0 ? raw : toChange(raw, path)[1]
  if (path.length > 0) yield path
  if (!isObject(value) || (path.length > 0 && !isTracked(path))) return
  for (const name of Object.keys(value)) yield* pathsOf(raw, [...path, name])
}

/** Reads the file into an empty state. Gives its size without a torn last line; 0 for an empty file. */
function load(fd: number, file: string, raw: State): number {
  const { size } = fstatSync(fd)
  const chunk = Buffer.alloc(Math.min(1_048_576, Math.max(1, size)))
  let [rest, at, good, lines]: [Buffer, number, number, number] = [Buffer.alloc(0), 0, 0, 0]
  while (at < size) {
    const count = readSync(fd, chunk, 0, chunk.length, at)
    if (count === 0) break
    at += count
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)])
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      lines += 1
      readLine(bytes.toString('utf8', start, end), lines, file, raw)
      good += end + 1 - start
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  if (size > 0 && lines === 0) throw foreign(file)
  if (good < size) ftruncateSync(fd, good)
  return good
}

function readLine(line: string, number: number, file: string, raw: State): void {
  const content = parse(line)
  if (number === 1) {
    if (!isObject(content) || content['cognigate'] !== 'local') throw foreign(file)
    const found = content['version']
    if (found === version) return
    throw new ConfigurationError(
      `state: ${file} is of version ${found}, and this cognigate reads version ${version}; ` +
        'update cognigate, or name another file.',
    )
  }
  if (!Array.isArray(content) || !content.every((change) => apply(raw, change))) {
    throw new ConfigurationError(
      `state: line ${number} of ${file} is damaged; take a copy of the file, or delete it to start over.`,
    )
  }
}

function foreign(file: string): ConfigurationError {
  return new ConfigurationError(
    `state: ${file} is not a state file of cognigate, and is left as it is; name another file.`,
  )
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Whether the change was one. */
function apply(raw: State, change: unknown): boolean {
  if (!Array.isArray(change) || !isPath(change[0])) return false
  const path = change[0]
  if (!Object.hasOwn(raw, path[0] ?? '')) return false
  let parent: object = raw
  for (const name of path.slice(0, -1)) {
    const next: unknown = Object.hasOwn(parent, name) ? Reflect.get(parent, name) : undefined
    if (typeof next === 'object' && next !== null) parent = next
    else if (change.length === 1) return true
    else Reflect.set(parent, name, (parent = createMap()))
  }
  const name = path.at(-1) ?? ''
  return change.length === 1 ? Reflect.deleteProperty(parent, name) : Reflect.set(parent, name, revive(path, change[1]))
}

function isPath(value: unknown): value is Path {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')
}

/**
 * Records have no prototype, so that every name is one like any other. Users are left as they are parsed: theirs hold
 * names of the schema, and would need four times the memory.
 */
function revive(path: Path, value: unknown): unknown {
  if (path.length === 4 && path[2] === 'users') return value
  if (Array.isArray(value)) return value.map((item) => revive(path, item))
  if (!isObject(value)) return value
  const isUsers = path.length === 3 && path[2] === 'users'
  const isPool = isContainer(path)
  return createMap(
    Object.entries(value).map(([name, member]) => [
      name,
      isUsers ? member : revive(isPool ? [...path, name] : path, member),
    ]),
  )
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
