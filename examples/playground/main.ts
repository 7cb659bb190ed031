import process from 'node:process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { build } from '../../scripts/lib/build.mjs'
import { root } from '../../scripts/lib/runtimes.mjs'
import { StartError } from './bundle.ts'
import { startPlayground } from './playground.ts'

/** Runs the playground until the person at the terminal stops it. */
async function main(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2), process.env)
    if (options.help) {
      process.stdout.write(usage)
    } else {
      await ensureBuilt()
      const running = await startPlayground(options, process.env)
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
}

interface StartOptions {
  /** The port to listen on, 0 for any free one. */
  readonly port: number
  readonly help: boolean
}

const defaultPort = 8787

const usage = `npm start -- [options]

  --port <number>  the port to listen on, default ${defaultPort}; 0 takes any free one
  --help           this text

Environment
  PORT                  the same as --port, which wins
  COGNITO_USER_POOL_ID  with COGNITO_CLIENT_ID: a user pool of your own in place of the local one;
  COGNITO_CLIENT_ID     or write both into [vars] of wrangler.toml
`

/** The options of the command line and of the environment. Throws StartError for what it does not know. */
function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): StartOptions {
  const { port, help = false } = parse(args)
  if (port !== undefined) return { port: readPort('--port', port), help }
  return { port: env.PORT ? readPort('PORT', env.PORT) : defaultPort, help }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { port: { type: 'string' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new StartError(`${reason}. \`npm start -- --help\` lists the options.`)
  }
}

function readPort(name: string, text: string): number {
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port
  throw new StartError(`${name}: expected a number from 0 to 65535, not ${JSON.stringify(text)}.`)
}

/** Builds the package where `dist` is missing or older than a source. Throws StartError where the build fails. */
async function ensureBuilt(): Promise<void> {
  if (isFresh()) return
  const { ok, output } = await build()
  if (!ok) throw new StartError(`The build failed.\n${output.trimEnd()}`)
}

function isFresh(): boolean {
  const built = `${root}/dist/src/index.js`
  return existsSync(built) && statSync(built).mtimeMs > Math.max(...sources().map((path) => statSync(path).mtimeMs))
}

/** Every file and folder that the build reads: a folder changes when a file in it comes or goes. */
function sources(): string[] {
  const below = ['src', 'adapters'].flatMap((folder) => [
    folder,
    ...readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  ])
  return [...below, 'tsconfig.json', 'tsconfig.build.json'].map((path) => `${root}/${path}`)
}

/**
 * Resolves when the person at the terminal, or whoever runs the script, wants it to end: with Ctrl-C, SIGTERM, a closed
 * terminal, or the end of the npm that started it, which does not always hand signals on. Call it once everything runs:
 * it takes over from listeners that would end the process on the spot. A second Ctrl-C does not wait.
 */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal)
      process.once(signal, () => resolve())
    }
    const parent = process.ppid
    if (process.env.npm_lifecycle_event === undefined) return
    setInterval(() => {
      if (process.ppid !== parent) resolve()
    }, 250).unref()
  })
}

await main()
