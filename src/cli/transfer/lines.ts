import { createReadStream } from 'node:fs'
import { isAwsError, type PoolAdmin } from '../../admin/index.ts'
import { type CallOptions, createPace, type Pace } from '../../aws/index.ts'
import { CommandError } from '../context.ts'
import type { Progress } from '../progress.ts'

/** A user as ListUsers gives it and, with AdminGetUser, the second factors; a group as ListGroups does. */
export type UserLine = Awaited<ReturnType<typeof readUser>>
export type GroupLine = NonNullable<Awaited<ReturnType<typeof readGroup>>>

/** What a line of an export holds: one of these. */
export interface Line {
  /** The first line of an export. */
  readonly pool?: { readonly version: 1; readonly Id: string; readonly exportedAt: string }
  readonly group?: GroupLine
  readonly user?: UserLine
  readonly member?: { readonly Username: string; readonly GroupName: string } | undefined
}

/** A line of a file that is imported. */
export interface NumberedLine {
  readonly number: number
  readonly line: Line
  /** Of a failed line: when the user was made that could not be finished, as `UserCreateDate` has it. */
  readonly madeAt?: number | undefined
}

/** What an export adds to a user of ListUsers. */
export async function readUser(admin: PoolAdmin, Username: string, options: CallOptions) {
  const { UserAttributes: Attributes, ...user } = await admin.call('AdminGetUser', { Username }, options)
  return { ...user, Attributes }
}

export async function readGroup(admin: PoolAdmin, GroupName: string, options: CallOptions) {
  const { Group } = await admin.call('GetGroup', { GroupName }, options)
  return Group
}

/**
 * The lines of a file, one by one; `onChunk` is given its bytes. Throws CommandError, with the line's number, for anything but a
 * line of an export or of what failed.
 */
export async function* readLines(
  file: string,
  onChunk: (chunk: Uint8Array) => void = () => {},
): AsyncGenerator<NumberedLine, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 0
  let rest = ''
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw new CommandError(`${file}: expected UTF-8`)
    }
  }
  try {
    for await (const chunk of createReadStream(file)) {
      onChunk(chunk)
      // Not by node:readline, which ends lines at U+2028 and U+2029 too: JSON leaves those as they are.
      const texts = (rest + decode(chunk)).split('\n')
      rest = texts.pop() ?? ''
      for (const text of texts) yield* parseLine(text, file, ++number)
    }
    yield* parseLine(rest + decode(), file, ++number)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new CommandError(`${file}: it cannot be read`)
    throw error
  }
}

function parseLine(text: string, file: string, number: number): NumberedLine[] {
  if (text.trim() === '') return []
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new CommandError(`${file}:${number}  expected a line of JSON`)
  }
  const fits = (value: unknown, ...names: string[]) =>
    names.every((name) => typeof Object(value)[name] === 'string' && Object(value)[name] !== '')
  const { error: _, madeAt, ...line } = Object(given)
  const [kind = '', ...more] = Object.keys(line)
  const isLine =
    more.length === 0 &&
    ['number', 'undefined'].includes(typeof madeAt) &&
    ((kind === 'pool' && line.pool?.version === 1) ||
      (kind === 'group' && fits(line.group, 'GroupName')) ||
      (kind === 'user' && fits(line.user, 'Username')) ||
      (kind === 'member' && fits(line.member, 'Username', 'GroupName')))
  if (!isLine) {
    throw new CommandError(
      `${file}:${number}  expected one of {"pool": …}, {"group": {"GroupName": …}}, {"user": {"Username": …}}, {"member": {"Username": …, "GroupName": …}}`,
    )
  }
  const { Attributes = [] } = line.user ?? {}
  if (!Array.isArray(Attributes) || Attributes.some((each) => !fits(each, 'Name'))) {
    throw new CommandError(`${file}:${number}  expected Attributes of a Name and a Value each`)
  }
  return [{ number, line, madeAt }]
}

/** How a command may call: `stop` ends it before its next call, and calls that are under way have this long to end, in seconds. */
const GRACE = 5

/** The limits of a command. */
export interface Limits {
  /** For each call: throttles are waited out, and shown. */
  call(): CallOptions
  /** What an error of a call means for the command: `goOn` says how its work goes on. */
  describe(error: unknown, goOn: string): unknown
}

/** Calls that begin before `stop` aborts are not cut off by it, so that a write is known to have happened or not. */
export function createLimits(
  { stop, timeout = 86_400 }: { readonly stop: AbortSignal; readonly timeout?: number | undefined },
  progress: Progress,
  step: () => { readonly what: string; readonly done: number; readonly total?: number | undefined },
): Limits {
  const end = performance.now() + timeout * 1000
  const pace = createPace({}, ({ seconds }) => {
    const { what, ...at } = step()
    progress.show(what, { ...at, waiting: seconds })
  })
  const paceUntilStop: Pace = {
    ...pace,
    async next(signal) {
      stop.throwIfAborted()
      await pace.next(signal)
      stop.throwIfAborted()
    },
  }
  const cut = new AbortController()
  stop.addEventListener('abort', () => {
    setTimeout(() => cut.abort(stop.reason), GRACE * 1000).unref()
  })
  const left = () => (end - performance.now()) / 1000
  return {
    call: () => ({ signal: cut.signal, pace: paceUntilStop, timeout: Math.max(0.001, left()), attempts: 5 }),
    describe(error, goOn) {
      if (stop.aborted) return new CommandError(`stopped. ${goOn}`)
      if (!isAwsError(error)) return error
      // Throttles are waited out until then.
      const isLate = error.throttled || (error.code === 'TimeoutError' && left() <= 0)
      const what = isLate ? `stopped after the ${timeout} seconds of --timeout` : error.message
      return new CommandError(`${what}. ${goOn}`, { cause: error })
    },
  }
}
