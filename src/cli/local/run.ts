import { type LocalServer, startLocalServer } from '../../local/server/index.ts'
import type { LocalFlags, ServerFlags } from '../commands/local.ts'
import { type CliContext, CommandError } from '../context.ts'
import { describeServer, toSettings } from './describe.ts'
import { readSeed } from './seed.ts'

/** Serves until the process is told to stop. Prints how to use it once it listens. */
export async function runLocal(this: CliContext, flags: LocalFlags): Promise<void> {
  const server = await startFromFlags(flags, this.process)
  const { json, empty } = flags
  this.process.stdout.write(json ? `${JSON.stringify(toSettings(server, empty))}\n` : describeServer(server, empty))
  await stopped(this.process)
  await server.close()
}

/** Starts the server that the flags describe; what it has to say goes to `stderr`. */
export async function startFromFlags(flags: ServerFlags, { stderr }: CliContext['process']): Promise<LocalServer> {
  const { port, host, region, issuer, state, strict, seed: file, empty } = flags
  if (empty && file !== undefined) throw new CommandError('--empty and --seed exclude each other: a seed is a pool.')
  const seed = file === undefined ? undefined : await readSeed(file)
  try {
    return await startLocalServer({
      ...{ port, host, region, issuer, state, strict },
      pool: !empty && (seed?.settings ?? {}),
      log: (line) => stderr.write(`${line}\n`),
    })
  } catch (error) {
    throw seed?.explain(error) ?? error
  }
}

/** Resolves at the first signal to stop. At a second one the process ends at once, as it would without us. */
async function stopped(process: CliContext['process']): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
