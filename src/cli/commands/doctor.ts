import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { connectionFlags, definitionsFile, jsonFlag, noCodeFlag, timeoutFlag } from './shared.ts'

/** The flags of `cognigate doctor`. */
export interface DoctorFlags extends ConnectionFlags {
  readonly client?: readonly string[]
  readonly format: 'text' | 'json' | 'sarif'
  readonly json: boolean
  readonly failOn: 'note' | 'warning' | 'error'
  readonly accept?: readonly string[]
  readonly accountDetails: boolean
  readonly timeout?: number
  readonly noCode: boolean
}

/** `cognigate doctor [FILE]`: what is risky about a pool's settings. */
export const doctorCommand = buildCommand<DoctorFlags, [file?: string], CliContext>({
  loader: async () => (await import('../doctor/run.ts')).runDoctor,
  parameters: {
    flags: {
      ...connectionFlags,
      client: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'id',
        brief: 'An app client that your guards list: any other is a finding. May be given several times.',
      },
      format: { kind: 'enum', values: ['text', 'json', 'sarif'], default: 'text', brief: 'How to print the findings.' },
      json: { ...jsonFlag, brief: 'The same as --format json.' },
      failOn: {
        kind: 'enum',
        values: ['note', 'warning', 'error'],
        default: 'warning',
        brief: 'The least severity that makes the exit code 2.',
      },
      accept: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'id=reason',
        brief:
          'A finding that is meant, by its check, or by check and place (ID@PLACE=REASON). May be given several times.',
      },
      accountDetails: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Read roles with iam:GetAccountAuthorizationDetails, which takes far fewer calls.',
      },
      timeout: timeoutFlag,
      noCode: noCodeFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          ...definitionsFile,
          optional: true,
          brief: 'The definitions, for what conditions depend on, and for places in SARIF.',
        },
      ],
    },
  },
  docs: {
    brief: 'Check the settings of a pool, its clients, identity pool and roles for known risks.',
    fullDescription:
      'Reads the settings of the pool, its app clients, its identity pool and the roles of its groups, and reports known risks, each ' +
      'with its fix. A check whose call is refused is reported as skipped. Nothing is written. ' +
      'The exit code is 0 without findings, 2 with findings or refused calls, and 1 for an error.',
    customUsage: [
      { input: '--pool eu-west-1_AbCdEfGhI groups.yaml', brief: 'findings with their fixes' },
      { input: "--accept 'self-sign-up=The shop is open to all' groups.yaml", brief: 'what is meant does not count' },
      { input: '--format sarif groups.yaml', brief: 'for GitHub code scanning' },
    ],
  },
})
