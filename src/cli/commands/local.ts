import { buildCommand, numberParser } from '@stricli/core'
import type { CliContext } from '../context.ts'

/** The flags of `cognigate local`. */
export interface LocalFlags {
  readonly port: number
  readonly host: string
  readonly region?: string
  readonly issuer: 'aws' | 'local'
  readonly state?: string
  readonly seed?: string
  readonly empty: boolean
  readonly strict: boolean
  readonly json: boolean
}

/** `cognigate local`: the local AWS over HTTP, until it is stopped. */
export const localCommand = buildCommand<LocalFlags, [], CliContext>({
  loader: async () => (await import('../local/run.ts')).runLocal,
  parameters: {
    flags: {
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
        brief:
          'What the pool begins with, in YAML or JSON: groups, users, clients. A state file that has the pool wins.',
      },
      empty: { kind: 'boolean', default: false, withNegated: false, brief: 'Begin without a user pool.' },
      strict: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: "Refuse access keys that this AWS has not issued. By default they are the administrator's.",
      },
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
