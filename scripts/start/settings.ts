import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { root } from '../lib/runtimes.mjs'
import { sampleSettings } from './sample.ts'
import { StartError } from './start-error.ts'

/** What `npm start` runs: the worker that wrangler.toml names, with its settings. */
export interface Settings {
  readonly userPoolId: string
  readonly clientId: string
  /** Whether the two ids are those of the clone, for which there is a local pool. */
  readonly local: boolean
  /** The path of the worker's entry. */
  readonly main: string
  /** The worker's other options, as wrangler understands them: compatibility date and flags, bindings with the two ids. */
  readonly worker: object
}

/**
 * Reads wrangler.toml. COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID of the environment win over its `[vars]`. Throws
 * StartError where only one of the two names a pool of the user's own.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const { main, workerOptions } = readWorkerOptions(`${root}/wrangler.toml`)
  if (main === undefined) throw new StartError('wrangler.toml: expected `main`, the entry of the worker.')
  const { modulesRules: _, bindings: given, ...options } = workerOptions
  const bindings = typeof given === 'object' ? { ...given } : {}
  const userPoolId = env.COGNITO_USER_POOL_ID || textOf(bindings, 'COGNITO_USER_POOL_ID')
  const clientId = env.COGNITO_CLIENT_ID || textOf(bindings, 'COGNITO_CLIENT_ID')
  const local = userPoolId === sampleSettings.userPoolId
  if (local !== (clientId === sampleSettings.clientId)) {
    const own = local ? 'COGNITO_CLIENT_ID' : 'COGNITO_USER_POOL_ID'
    const missing = local ? 'COGNITO_USER_POOL_ID' : 'COGNITO_CLIENT_ID'
    throw new StartError(`${own} is your own and ${missing} still the sample's: set both, or neither for a local pool.`)
  }
  const settings = { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId }
  return { userPoolId, clientId, local, main, worker: { ...options, bindings: { ...bindings, ...settings } } }
}

function textOf(bindings: Readonly<Record<string, unknown>>, name: string): string {
  const value = bindings[name]
  if (typeof value === 'string' && value !== '') return value
  throw new StartError(`wrangler.toml: expected ${name} in [vars].`)
}
