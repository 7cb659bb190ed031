import { open, readFile, rename, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { isAwsError, type PoolAdmin } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import type { ExportFlags } from '../commands/transfer.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, escapeJson } from '../context.ts'
import { abortOnInterrupt, createProgress, type Progress } from '../progress.ts'
import { writeAtomically } from '../write-file.ts'
import { createLimits, type Line, readUser } from './lines.ts'

/** How far an export came: which list it is in, where in it, and what is written. */
interface Position {
  readonly version: 1
  readonly userPoolId: string
  readonly mfa: boolean
  /** -2: the groups, -1: the users, then the members of each group. */
  list: number
  token?: string | undefined
  /** Where the output of this list begins, and how much is written. */
  listStart: number
  bytes: number
  groups: string[]
  users: number
  members: number
  /** The users and memberships before this list. */
  before: number
}

/** Where lines go. `keep` says that all until here is settled. */
interface Output {
  write(text: string): Promise<void>
  keep(position: Position): Promise<void>
  /** Takes back what was written after this many bytes; false where it cannot. */
  rewind(bytes: number): Promise<boolean>
}

/** Runs `cognigate export`. */
export async function runExport(this: CliContext, flags: ExportFlags): Promise<void> {
  const { admin, userPoolId } = connect(flags)
  const fresh: Position = {
    ...{ version: 1, userPoolId, mfa: !flags.noMfa, list: -2, listStart: 0, bytes: 0 },
    ...{ groups: [], users: 0, members: 0, before: 0 },
  }
  const progress = createProgress(this)
  const resume =
    flags.out === undefined ? 'What is written is not complete.' : 'The same command goes on where this one stopped.'
  const { signal, dispose } = abortOnInterrupt(this, resume)
  let where = fresh
  let users = 0
  const step = () =>
    where.list < 0
      ? { what: 'users', done: where.users + users, total: where.users + users > total ? undefined : total }
      : { what: 'memberships', done: where.members, total: undefined }
  let total = 0
  const limits = createLimits({ stop: signal, timeout: flags.timeout }, progress, step)
  const work = async (output: Output, position: Position) => {
    where = position
    total = await estimate(admin, limits.call())
    await exportPool(admin, position, output, {
      call: limits.call,
      concurrency: flags.concurrency ?? 5,
      onRead(count) {
        users = count
        progress.show(step().what, step())
      },
    })
  }
  try {
    if (flags.out === undefined) await work(toStream(this, progress), fresh)
    else await exportToFile(flags.out, fresh, work)
  } catch (error) {
    throw limits.describe(error, resume)
  } finally {
    progress.clear()
    dispose()
  }
}

/** How many users there are about, for the time that is left. Whoever may not read the pool's settings does without. */
async function estimate(admin: PoolAdmin, options: CallOptions): Promise<number> {
  try {
    const { UserPool } = await admin.call('DescribeUserPool', {}, options)
    return UserPool?.EstimatedNumberOfUsers ?? 0
  } catch (error) {
    if (isAwsError(error) && /AccessDenied|NotAuthorized/.test(error.code)) return 0
    throw error
  }
}

function toStream({ process: { stdout } }: CliContext, progress: Progress): Output {
  return {
    async write(text) {
      // At a terminal both are on one screen.
      if (stdout.isTTY) progress.clear()
      if (!stdout.write(text)) await once(stdout, 'drain')
    },
    keep: async () => {},
    rewind: async () => false,
  }
}

async function exportToFile(
  file: string,
  fresh: Position,
  work: (output: Output, position: Position) => Promise<void>,
): Promise<void> {
  const [part, journal] = [`${file}.part`, `${file}.journal`]
  const position = (await readPosition(journal, fresh)) ?? fresh
  const handle = await open(part, position.bytes === 0 ? 'w' : 'r+', 0o600).catch(() => {
    throw new CommandError(`${part}: it cannot be written; to begin again, delete ${journal}`)
  })
  try {
    await handle.truncate(position.bytes)
    let at = position.bytes
    await work(
      {
        async write(text) {
          const bytes = new TextEncoder().encode(text)
          await handle.write(bytes, 0, bytes.length, at)
          at += bytes.length
          position.bytes = at
        },
        keep: (kept) => writeAtomically(journal, JSON.stringify(kept)),
        async rewind(bytes) {
          await handle.truncate(bytes)
          at = bytes
          return true
        },
      },
      position,
    )
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(part, file)
  await rm(journal, { force: true })
}

async function readPosition(journal: string, { userPoolId, mfa }: Position): Promise<Position | undefined> {
  const text = await readFile(journal, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const found: Position = JSON.parse(text)
    if (found.version === 1 && found.userPoolId === userPoolId && found.mfa === mfa) return found
  } catch {
    // It is told below.
  }
  throw new CommandError(`${journal}: it is of another export; delete it and the .part beside it to begin again`)
}

interface ExportOptions {
  readonly call: () => CallOptions
  readonly concurrency: number
  /** Told of the users of a page that is not written yet. */
  readonly onRead: (users: number) => void
}

/** Writes what is left from a position on, page by page: no more than a page of users and the names of groups are held. */
async function exportPool(
  admin: PoolAdmin,
  position: Position,
  output: Output,
  { call, concurrency, onRead }: ExportOptions,
): Promise<void> {
  const write = (lines: readonly Line[]) =>
    output.write(lines.map((line) => `${escapeJson(JSON.stringify(line))}\n`).join(''))
  onRead(0)
  if (position.list === -2 && position.token === undefined) {
    await write([{ pool: { version: 1, Id: admin.userPoolId, exportedAt: new Date().toISOString() } }])
    position.listStart = position.bytes
  }
  for (; position.list < position.groups.length; await nextList()) {
    const seen = new Set<string>()
    do {
      const page = await readPage(position.token, seen.size === 0)
      if (page === undefined) continue
      const { lines, token } = page
      await write(lines)
      if (position.list === -2) position.groups.push(...lines.flatMap(({ group }) => group?.GroupName ?? []))
      else if (position.list === -1) position.users += lines.length
      else position.members += lines.length
      if (token !== undefined && seen.has(token)) throw new CommandError('AWS gave the same page twice; export again')
      if (token !== undefined) seen.add(token)
      position.token = token
      onRead(0)
      if (token !== undefined) await output.keep(position)
    } while (position.token !== undefined)
  }

  async function nextList() {
    position.list++
    position.listStart = position.bytes
    position.before = position.list < 0 ? position.users : position.members
    await output.keep(position)
  }

  /** Undefined where the token is of an earlier run and too old: the list begins again. */
  async function readPage(token: string | undefined, isFirst: boolean) {
    try {
      return await read(token)
    } catch (error) {
      const isStale = isAwsError(error) && error.code === 'InvalidParameterException' && token !== undefined && isFirst
      if (!isStale || !(await output.rewind(position.listStart))) throw error
      position.bytes = position.listStart
      position.token = undefined
      if (position.list === -2) position.groups = []
      else if (position.list === -1) position.users = position.before
      else position.members = position.before
      return read(undefined)
    }
  }

  async function read(token: string | undefined): Promise<{ lines: Line[]; token: string | undefined }> {
    if (position.list === -2) {
      const page = await admin.call('ListGroups', { NextToken: token }, call())
      return { lines: (page.Groups ?? []).map((group) => ({ group })), token: page.NextToken || undefined }
    }
    if (position.list === -1) {
      const page = await admin.call('ListUsers', { PaginationToken: token }, call())
      let read = 0
      const users = await mapConcurrent(page.Users ?? [], concurrency, async (user) => {
        if (!position.mfa || user.Username === undefined) return user
        // A user who was deleted meanwhile stays as listed.
        const more = await readUser(admin, user.Username, call()).catch(ignoreMissing)
        onRead(++read)
        return { ...user, ...more }
      })
      return { lines: users.map((user) => ({ user }) as Line), token: page.PaginationToken || undefined }
    }
    const GroupName = position.groups[position.list] ?? ''
    const page = await admin.call('ListUsersInGroup', { GroupName, NextToken: token }, call())
    const lines = (page.Users ?? []).map(({ Username = '' }) => ({ member: { Username, GroupName } }))
    return { lines, token: page.NextToken || undefined }
  }
}

function ignoreMissing(error: unknown): undefined {
  if (isAwsError(error) && error.code === 'UserNotFoundException') return undefined
  throw error
}
