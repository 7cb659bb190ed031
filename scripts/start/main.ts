import process from 'node:process'
import { ensureBuilt } from './fresh-build.ts'
import { readOptions, usage } from './options.ts'
import { start } from './start.ts'
import { StartError } from './start-error.ts'
import { untilStopped } from './stopping.ts'

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.help) {
    process.stdout.write(usage)
  } else {
    await ensureBuilt()
    const running = await start(options, process.env)
    const stopped = untilStopped()
    process.stdout.write(running.printout)
    await stopped
    await running.stop()
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
