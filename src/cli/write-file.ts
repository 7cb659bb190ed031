import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from './context.ts'

/**
 * Writes a file so that it is there as a whole or not at all. A new file has the given mode, by default readable by its owner only;
 * one that is replaced keeps its own, and a symbolic link leads to the file that is written. Text that comes in parts is written as it comes.
 * Throws CommandError where the system refuses.
 */
export async function writeAtomically(file: string, text: string | Iterable<string>, newMode = 0o600): Promise<void> {
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => newMode,
  )
  const target = await realpath(file).catch(() => file)
  const part = `${target}.${randomUUID().slice(0, 8)}.part`
  try {
    const handle = await open(part, 'wx', mode)
    try {
      for (const piece of inPieces(typeof text === 'string' ? [text] : text)) await handle.writeFile(piece)
    } finally {
      await handle.close()
    }
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
    throw new CommandError(`${file}: it cannot be written (${error.code})`, { cause: error })
  }
}

/** The same text in pieces of some 64,000 characters and more. */
export function* inPieces(text: Iterable<string>): Generator<string, void, undefined> {
  let piece = ''
  for (const part of text) {
    piece += part
    if (piece.length < 65_536) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
