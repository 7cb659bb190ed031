import { startLocalServer } from '../../local/server/index.ts'
import type { LocalFlags } from '../commands/local.ts'
import type { CliContext } from '../context.ts'
import { describeServer, toSettings } from './describe.ts'

/** Serves until the process is told to stop. Prints how to use it once it listens. */
export async function runLocal(this: CliContext, flags: LocalFlags): Promise<void> {
  const { stdout, stderr } = this.process
  const { json, ...options } = flags
  const server = await startLocalServer({ ...options, log: (line) => stderr.write(`${line}\n`) })
  stdout.write(json ? `${JSON.stringify(toSettings(server))}\n` : describeServer(server))
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
