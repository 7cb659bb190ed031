import { startLocalServer } from '../../local/server/index.ts'
import type { LocalFlags } from '../commands/local.ts'
import { type CliContext, CommandError } from '../context.ts'
import { describeServer, toSettings } from './describe.ts'
import { readSeed } from './seed.ts'

/** Serves until the process is told to stop. Prints how to use it once it listens. */
export async function runLocal(this: CliContext, flags: LocalFlags): Promise<void> {
  const { stdout, stderr } = this.process
  const { json, seed: file, empty, ...options } = flags
  if (empty && file !== undefined) throw new CommandError('--empty and --seed exclude each other: a seed is a pool.')
  const seed = file === undefined ? undefined : await readSeed(file)
  const server = await startLocalServer({
    ...options,
    pool: !empty && (seed?.settings ?? {}),
    log: (line) => stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    throw seed?.explain(error) ?? error
  })
  stdout.write(json ? `${JSON.stringify(toSettings(server, empty))}\n` : describeServer(server, empty))
  await stopped(this.process)
  await server.close()
}

/** Resolves at the first signal to stop. At a second one the process ends at once, as it would without us. */
async function stopped(process: CliContext['process']): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
