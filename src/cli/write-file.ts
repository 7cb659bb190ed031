import { randomUUID } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'

/**
 * Writes a file so that it is there as a whole or not at all. A new file has the given mode, by default readable by its owner only;
 * one that is replaced keeps its own.
 */
export async function writeAtomically(file: string, text: string, newMode = 0o600): Promise<void> {
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => newMode,
  )
  const part = `${file}.${randomUUID().slice(0, 8)}.part`
  try {
    await writeFile(part, text, { mode, flag: 'wx' })
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
