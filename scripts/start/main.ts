import process from 'node:process'
import { ensureBuilt } from './fresh-build.ts'
import { readOptions, usage } from './options.ts'
import { start } from './start.ts'
import { StartError } from './start-error.ts'

/** Ends with Ctrl-C; a second one does not wait. */
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.help) {
    process.stdout.write(usage)
  } else {
    await ensureBuilt()
    const running = await start(options, process.env)
    process.stdout.write(running.printout)
    await stopped
    await running.stop()
  }
  process.exitCode = 0
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
