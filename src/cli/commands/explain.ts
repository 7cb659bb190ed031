import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { connectionFlags, jsonFlag, noCodeFlag, timeoutFlag } from './shared.ts'

/** The flags of `cognigate explain`. */
export interface ExplainFlags extends Omit<ConnectionFlags, 'identityPool'> {
  readonly map?: string
  readonly tokenFile?: string
  readonly client?: readonly string[]
  readonly code?: string
  readonly timeout?: number
  readonly json: boolean
  readonly noCode: boolean
}

const { identityPool: _, ...poolFlags } = connectionFlags

/** `cognigate explain USER PERMISSION`: why a user may do something, or not. */
export const explainCommand = buildCommand<ExplainFlags, [user?: string, permission?: string], CliContext>({
  loader: async () => (await import('../explain/run.ts')).runExplain,
  parameters: {
    flags: {
      map: { kind: 'parsed', parse: String, optional: true, placeholder: 'file', brief: 'The definitions.' },
      tokenFile: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'A file with a token of the user, to explain what it allows beside the directory; - for stdin.',
      },
      client: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'id',
        brief: 'An app client whose tokens the guard accepts. Default: any of the pool. May be given several times.',
      },
      code: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'code',
        brief: 'Explain the code of an error, such as TOKEN_USE_WRONG, and nothing else.',
      },
      ...poolFlags,
      timeout: timeoutFlag,
      json: jsonFlag,
      noCode: noCodeFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, optional: true, placeholder: 'user', brief: 'The name of the user, or an alias.' },
        { parse: String, optional: true, placeholder: 'permission', brief: 'The permission.' },
      ],
    },
  },
  docs: {
    brief: 'Say why a user may do something, or not; or what the code of an error means.',
    fullDescription:
      'Reads the user and the groups of the user from the pool, now, and says which rules decide. With a token, verifies it, says the ' +
      'same of what it carries, and where the two differ: a token keeps its groups until it expires. ' +
      'The exit code is 0, also where the answer is no; 2 where token and directory differ, and 1 for an error.',
    customUsage: [
      { input: '--map groups.yaml bob posts.write', brief: 'from the directory' },
      { input: '--map groups.yaml --token-file - bob posts.write < token', brief: 'and from a token' },
      { input: '--code TOKEN_USE_WRONG', brief: 'the section of docs/errors.md' },
    ],
  },
})
