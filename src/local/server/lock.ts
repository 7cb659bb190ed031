import { createHash, randomUUID } from 'node:crypto'
import { existsSync, linkSync, renameSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ConfigurationError } from '../../errors.ts'

/**
 * Makes sure that no other server has a file, until the process ends in whatever way: the lock is a socket that listens, and
 * the system ends that with the process. Gives the function that takes the lock away. Throws ConfigurationError where
 * another server has the file.
 */
export async function lockFile(file: string): Promise<() => void> {
  const path = lockPath(file)
  for (let attempt = 0; attempt < 5; attempt++) {
    // Asked first, since Bun listens in place of whoever does already.
    if (await isAnswering(path)) throw inUse(file)
    if (existsSync(path) && (await isTakenMeanwhile(path))) throw inUse(file)
    const server = await tryListen(path)
    if (server !== undefined) {
      server.unref()
      return () => server.close()
    }
  }
  throw inUse(file)
}

function inUse(file: string): ConfigurationError {
  return new ConfigurationError(`state: another server is using ${file}; stop it, or name another file.`)
}

/** Beside the file, where the system has room for such a name. */
function lockPath(file: string): string {
  const name = createHash('sha256').update(file).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\cognigate-${name}`
  const beside = `${file}.lock`
  return new TextEncoder().encode(beside).length <= 100 ? beside : join(tmpdir(), `cognigate-${name}.lock`)
}

/** Undefined where there is a socket already, whether or not somebody still listens. */
function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server))
  })
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * Takes the socket of a server that has ended out of the way. Where somebody else has done so already and listens now, theirs
 * is put back.
 */
async function isTakenMeanwhile(path: string): Promise<boolean> {
  const aside = `${path}.${randomUUID().slice(0, 8)}`
  try {
    renameSync(path, aside)
  } catch {
    return false
  }
  const isTaken = await isAnswering(aside)
  if (isTaken && !existsSync(path)) linkSync(aside, path)
  unlinkSync(aside)
  return isTaken
}
