import { buildCommand, type FlagParametersForType, numberParser } from '@stricli/core'
import type { CliContext } from '../context.ts'

/** The flags by which a server is started. */
export interface ServerFlags {
  readonly port: number
  readonly host: string
  readonly region?: string
  readonly issuer: 'aws' | 'local'
  readonly state?: string
  readonly seed?: string
  readonly empty: boolean
  readonly strict: boolean
}

/** The flags of `cognigate local`. */
export interface LocalFlags extends ServerFlags {
  readonly json: boolean
}

/** The flags of `cognigate dev`. */
export type DevFlags = ServerFlags

const serverFlags = {
  port: {
    kind: 'parsed',
    parse: numberParser,
    default: '9400',
    placeholder: 'number',
    brief: 'Where to listen; 0 for any free port.',
  },
  host: {
    kind: 'parsed',
    parse: String,
    default: '127.0.0.1',
    placeholder: 'address',
    brief: 'The address to listen at. By default only this machine reaches it.',
  },
  region: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'region',
    brief: 'The region of the pool, and of calls that name none. Default: eu-west-1.',
  },
  issuer: {
    kind: 'enum',
    values: ['aws', 'local'],
    default: 'aws',
    brief: "Whose names the tokens bear as their issuer: AWS's, or the server's own address.",
  },
  state: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'A file that keeps everything over restarts. Default: everything is gone at the end.',
  },
  seed: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'What the pool begins with, in YAML or JSON: groups, users, clients. A state file that has the pool wins.',
  },
  empty: { kind: 'boolean', default: false, withNegated: false, brief: 'Begin without a user pool.' },
  strict: {
    kind: 'boolean',
    default: false,
    withNegated: false,
    brief: "Refuse access keys that this AWS has not issued. By default they are the administrator's.",
  },
} satisfies FlagParametersForType<ServerFlags, CliContext>

/** `cognigate local`: the local AWS over HTTP, until it is stopped. */
export const localCommand = buildCommand<LocalFlags, [], CliContext>({
  loader: async () => (await import('../local/run.ts')).runLocal,
  parameters: {
    flags: {
      ...serverFlags,
      json: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Print one line of JSON in place of the lines to paste.',
      },
    },
    aliases: { p: 'port' },
  },
  docs: {
    brief: 'Serve user pools, identity pools, IAM and STS on this machine.',
    fullDescription:
      'Serves user pools, identity pools, IAM and STS on this machine, for the AWS CLI, the SDKs, Terraform, Amplify and a guard. ' +
      'What it is and what it has: https://www.npmjs.com/package/cognigate, docs/local-server.md.',
    customUsage: [
      { input: '', brief: 'an empty pool on port 9400' },
      { input: '--port 0 --json', brief: 'any free port, printed as JSON, for scripts' },
      { input: '--seed seed.yaml', brief: 'with the groups, users and clients of a file' },
      { input: '--state .cognigate/state', brief: 'everything is there the next time' },
      { input: '--issuer local', brief: "tokens of the server's own address" },
    ],
  },
})

/** `cognigate dev`: another command, whose calls of AWS come to a local AWS. */
export const devCommand = buildCommand<DevFlags, string[], CliContext>({
  loader: async () => (await import('../dev/run.ts')).runDev,
  parameters: {
    flags: serverFlags,
    aliases: { p: 'port' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { brief: 'The command to run, after --.', parse: String, placeholder: 'command' },
    },
  },
  docs: {
    brief: 'Run a command, such as wrangler dev, against a local AWS.',
    fullDescription:
      'Starts the local AWS, and then a command whose calls of Cognito, IAM and STS come to it, with nothing changed in its code: those ' +
      'of Workers in wrangler dev or in Vite, those by fetch on Node, and those of the AWS CLI and the SDKs.',
    customUsage: [
      {
        input: '--seed seed.yaml -- wrangler dev',
        brief: 'a Worker as it is deployed; the seed has the ids of its settings',
      },
      { input: '-- node server.js', brief: 'a server on Node' },
    ],
  },
})
