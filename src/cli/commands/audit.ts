import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { concurrencyFlag, connectionFlags, definitionsFile, noCodeFlag, timeoutFlag } from './shared.ts'

/** The flags of `cognigate audit`. */
export interface AuditFlags extends Omit<ConnectionFlags, 'identityPool'> {
  readonly by: 'group' | 'user'
  readonly can?: string
  readonly format: 'table' | 'json' | 'csv' | 'markdown' | 'html'
  readonly out?: string
  readonly concurrency?: number
  readonly timeout?: number
  readonly noCode: boolean
}

const { identityPool: _, ...poolFlags } = connectionFlags

/** `cognigate audit [FILE]`: who is in which group, and what that lets them do. */
export const auditCommand = buildCommand<AuditFlags, [file?: string], CliContext>({
  loader: async () => (await import('../audit/run.ts')).runAudit,
  parameters: {
    flags: {
      ...poolFlags,
      by: { kind: 'enum', values: ['group', 'user'], default: 'group', brief: 'What each row begins with.' },
      can: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'permission',
        brief: 'Only users who may do this, under a condition included. Needs definitions.',
      },
      format: {
        kind: 'enum',
        values: ['table', 'json', 'csv', 'markdown', 'html'],
        default: 'table',
        brief: 'How to print it. `html` is one page that needs nothing else.',
      },
      out: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Write it there, for your eyes.',
      },
      concurrency: { ...concurrencyFlag, brief: 'How many lists are read at the same time. Default: 5.' },
      timeout: timeoutFlag,
      noCode: noCodeFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ ...definitionsFile, optional: true, brief: 'The definitions, for what members may do.' }],
    },
  },
  docs: {
    brief: 'Show who is in which group and what that lets them do, and what deserves a look.',
    fullDescription:
      'Lists the groups, their members and all users, and says what their groups together allow by the definitions. Disabled users are ' +
      'marked. Nothing is written to AWS. The exit code is 0, findings or not, and 1 for an error.',
    customUsage: [
      { input: '--pool eu-west-1_AbCdEfGhI groups.yaml', brief: 'by group, as a table' },
      { input: '--by user --can posts.purge groups.yaml', brief: 'who can do it' },
      { input: '--format html --out audit.html groups.yaml', brief: 'a page to search, to print and to hand on' },
    ],
  },
})
