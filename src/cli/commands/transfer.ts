import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { concurrencyFlag, connectionFlags, jsonFlag, timeoutFlag } from './shared.ts'

/** The flags of `cognigate export`. */
export interface ExportFlags extends Omit<ConnectionFlags, 'identityPool'> {
  readonly out?: string
  readonly noMfa: boolean
  readonly concurrency?: number
  readonly timeout?: number
}

/** The flags of `cognigate import`. */
export interface ImportFlags extends Omit<ConnectionFlags, 'identityPool'> {
  readonly update: boolean
  readonly confirm: boolean
  readonly failed?: string
  readonly concurrency?: number
  readonly timeout?: number
  readonly json: boolean
}

const { identityPool: _, ...poolFlags } = connectionFlags

/** `cognigate export`: groups, users and memberships as JSON lines. */
export const exportCommand = buildCommand<ExportFlags, [], CliContext>({
  loader: async () => (await import('../transfer/export.ts')).runExport,
  parameters: {
    flags: {
      ...poolFlags,
      out: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file.jsonl',
        brief: 'Write it there. If it is interrupted, the same command goes on where it stopped.',
      },
      noMfa: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Leave out the second factors of users, which take a call for each (AdminGetUser).',
      },
      concurrency: concurrencyFlag,
      timeout: timeoutFlag,
    },
  },
  docs: {
    brief: 'Write the groups, users and memberships of a pool as JSON lines.',
    fullDescription:
      'One line for each group, user and membership, with all that Cognito gives, in the names of its API. Passwords and keys of ' +
      'authenticator apps are not given to anybody. The exit code is 0 when all is written, and 1 otherwise.',
    customUsage: [
      { input: '--pool eu-west-1_AbCdEfGhI --out pool.jsonl', brief: 'into a file that only you can read' },
      { input: '--pool eu-west-1_AbCdEfGhI --no-mfa', brief: 'quickly, to a pipe' },
    ],
  },
})

/** `cognigate import FILE`: makes groups, users and memberships of JSON lines. */
export const importCommand = buildCommand<ImportFlags, [file: string], CliContext>({
  loader: async () => (await import('../transfer/import.ts')).runImport,
  parameters: {
    flags: {
      ...poolFlags,
      update: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Change groups and users that are there already. By default one that differs is a failed line.',
      },
      confirm: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief:
          'Give new users that were confirmed a password that nobody knows, so that they can reset it. With --update also users who are there and have a temporary one.',
      },
      failed: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file.jsonl',
        brief: 'Where failed lines are written, to be imported again. Default: FILE.failed.jsonl.',
      },
      concurrency: concurrencyFlag,
      timeout: timeoutFlag,
      json: jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'file', brief: 'What `export` wrote, or lines like those.' }],
    },
  },
  docs: {
    brief: 'Create the groups, users and memberships of a file of JSON lines.',
    fullDescription:
      'Creates what is not there yet; nobody is sent a message. If it is interrupted, the same command goes on where it stopped. Failed ' +
      'lines are written to a file of their own. The exit code is 0 when every line is done, and 1 otherwise.',
    customUsage: [
      { input: '--pool eu-west-1_AbCdEfGhI pool.jsonl', brief: 'into another pool' },
      { input: '--confirm pool.jsonl', brief: 'users reset their passwords when they first sign in' },
      { input: 'pool.failed.jsonl', brief: 'what failed, once the cause is gone' },
    ],
  },
})
