import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { connectionFlags } from './shared.ts'

/** The flags of `cognigate init`. */
export interface InitFlags extends Omit<ConnectionFlags, 'identityPool'> {
  readonly app?: string
  readonly members: boolean
}

const { pool, identityPool: _, ...others } = connectionFlags

/** `cognigate init [FILE]`: a first definitions file, or a whole app. */
export const initCommand = buildCommand<InitFlags, [file?: string], CliContext>({
  loader: async () => (await import('../init/run.ts')).runInit,
  parameters: {
    flags: {
      app: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'folder',
        brief: 'Make an app in a new folder: a guarded Hono Worker with its tests, settings and a local AWS.',
      },
      pool: { ...pool, brief: 'Write down the groups of this user pool. Default: an example.' },
      members: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'With --pool: write down the members of the groups too.',
      },
      ...others,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          optional: true,
          placeholder: 'file',
          brief: 'Where to write: .yaml or .json. Default: groups.yaml.',
        },
      ],
    },
  },
  docs: {
    brief: 'Write a first definitions file, from nothing or from a pool; or make a whole app.',
    fullDescription:
      'Writes a definitions file that names its JSON Schema, so that editors complete and check it. A file that is there is not ' +
      'replaced, nor is a folder that holds anything. The exit code is 0 where it is written, and 1 for an error.',
    customUsage: [
      { input: '', brief: 'groups.yaml, as an example' },
      { input: '--pool eu-west-1_AbCdEfGhI groups.yaml', brief: 'with the groups of a pool' },
      { input: '--app my-api', brief: 'a Worker, ready to run, test and deploy' },
    ],
  },
})
