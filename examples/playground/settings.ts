import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { root } from '../../scripts/lib/runtimes.mjs'
import { StartError } from './bundle.ts'

/** What `npm start` runs: the worker that wrangler.toml names, with its settings. */
export interface Settings {
  readonly userPoolId: string
  readonly clientId: string
  /** Whether the two ids are those of the clone, for which there is a local pool. */
  readonly local: boolean
  /** The URL of managed login, of the user's own pool where it is told; undefined for the local pool's. */
  readonly domain: string | undefined
  /** The path of the worker's entry. */
  readonly main: string
  /** The worker's other options, as wrangler understands them: compatibility date and flags, bindings with the two ids. */
  readonly worker: object
}

/**
 * Reads wrangler.toml. COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID of the environment win over its `[vars]`. Throws
 * StartError where only one of the two names a pool of the user's own, and where COGNITO_DOMAIN is no https URL.
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
  const domain = local ? undefined : env.COGNITO_DOMAIN || undefined
  if (domain !== undefined && !(URL.canParse(domain) && domain.startsWith('https://'))) {
    throw new StartError(`COGNITO_DOMAIN: expected the https URL of managed login, not ${JSON.stringify(domain)}.`)
  }
  return { userPoolId, clientId, local, domain, main, worker: { ...options, bindings: { ...bindings, ...settings } } }
}

function textOf(bindings: Readonly<Record<string, unknown>>, name: string): string {
  const value = bindings[name]
  if (typeof value === 'string' && value !== '') return value
  throw new StartError(`wrangler.toml: expected ${name} in [vars].`)
}

/**
 * The two settings as the clone has them in wrangler.toml. No such pool exists at AWS: under these ids `npm start` runs
 * a local one.
 */
export const sampleSettings = {
  userPoolId: 'eu-west-1_CogniGate',
  clientId: '4p8m2k7c1v9x3t6r5n0q8h2b7d',
}

/** A user of the local pool. */
export interface SampleUser {
  readonly username: string
  readonly groups: readonly string[]
  /** Who has one gets a code by mail when signing in. */
  readonly email?: string
}

/** The password of them all. */
export const samplePassword = 'Correct-Horse-1'

/** Users in one group, in the other, in both, in none, and in a group that the map does not know. */
export const sampleUsers: readonly SampleUser[] = [
  { username: 'alice', groups: ['Group1'] },
  { username: 'bob', groups: ['String'], email: 'bob@example.com' },
  { username: 'carol', groups: ['Group1', 'String'] },
  { username: 'dave', groups: [] },
  { username: 'erin', groups: ['Visitors'] },
]

/** What the tampered token claims, and who carries it. */
export const tampering = { username: 'dave', group: 'Group1' }
