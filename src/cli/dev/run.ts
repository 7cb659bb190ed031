import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LocalServer } from '../../local/server/index.ts'
import type { DevFlags } from '../commands/local.ts'
import type { CliContext } from '../context.ts'
import { startFromFlags } from '../local/run.ts'

/** Serves while another command runs, whose calls of AWS come here. Ends with its exit code. */
export async function runDev(this: CliContext, flags: DevFlags, ...command: string[]): Promise<void> {
  const { process } = this
  const server = await startFromFlags(flags, process)
  try {
    const { url } = server
    process.stderr.write(`The local AWS listens at ${url}: the command's calls of Cognito, IAM and STS go there.\n`)
    process.exitCode = await run(command, environmentOf(server, flags.empty, process.env), process)
  } finally {
    await server.close()
  }
}

/** What the command and its SDKs find in their environment. */
function environmentOf(server: LocalServer, isEmpty: boolean, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = isEmpty
    ? {}
    : { COGNITO_USER_POOL_ID: server.settings.userPoolId, COGNITO_CLIENT_ID: server.settings.clientId }
  const option = `--require ${JSON.stringify(preloadPath())}`
  return {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...own,
    ...env,
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    COGNIGATE_LOCAL_URL: server.url,
    NODE_OPTIONS: env['NODE_OPTIONS'] === undefined ? option : `${env['NODE_OPTIONS']} ${option}`,
  }
}

/** Beside this file in the sources, and one folder up from the chunks of the bundle. */
function preloadPath(): string {
  const paths = ['./preload.cjs', '../preload.cjs'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return paths.find((path) => existsSync(path)) ?? 'preload.cjs'
}

/** Runs a command to its end. Gives its exit code; 1 where it cannot be started or was killed. */
function run(command: readonly string[], env: NodeJS.ProcessEnv, process: CliContext['process']): Promise<number> {
  const [name = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(name, args, { env, stdio: 'inherit' })
    const stop = (signal: NodeJS.Signals) => child.kill(signal)
    // A terminal sends Ctrl+C to both; the command decides when it ends.
    const wait = () => {}
    process.on('SIGTERM', stop)
    process.on('SIGINT', wait)
    const end = (code: number) => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', wait)
      resolve(code)
    }
    child.once('error', (error) => {
      process.stderr.write(
        `${name}: ${'code' in error && error.code === 'ENOENT' ? 'there is no such command' : error.message}\n`,
      )
      end(1)
    })
    child.once('exit', (code) => end(code ?? 1))
  })
}
