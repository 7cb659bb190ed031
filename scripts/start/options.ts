import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

export interface StartOptions {
  /** The port to listen on, 0 for any free one. */
  readonly port: number
  readonly help: boolean
}

const defaultPort = 8787

export const usage = `npm start -- [options]

  --port <number>  the port to listen on, default ${defaultPort}; 0 takes any free one
  --help           this text

Environment
  PORT                  the same as --port, which wins
  COGNITO_USER_POOL_ID  with COGNITO_CLIENT_ID: a user pool of your own in place of the local one;
  COGNITO_CLIENT_ID     or write both into [vars] of wrangler.toml
`

/** The options of the command line and of the environment. Throws StartError for what it does not know. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): StartOptions {
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
