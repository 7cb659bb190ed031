import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { definitionsFile, jsonFlag, noCodeFlag } from './shared.ts'

/** The flags of `cognigate validate`. */
export interface ValidateFlags {
  readonly json: boolean
  readonly noCode: boolean
  readonly strict: boolean
}

/** `cognigate validate FILE`: every mistake of a definitions file. */
export const validateCommand = buildCommand<ValidateFlags, [file: string], CliContext>({
  loader: async () => (await import('../validate/run.ts')).runValidate,
  parameters: {
    flags: {
      json: jsonFlag,
      noCode: noCodeFlag,
      strict: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Count warnings as mistakes.',
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ ...definitionsFile, brief: 'The definitions: .yaml, .json, .js or .ts.' }],
    },
  },
  docs: {
    brief: 'Report every mistake in a definitions file, with file, line and column.',
    fullDescription:
      'Reports every mistake in a definitions file with file, line and column, and warns of what is legal and probably wrong. ' +
      'The exit code is 0 without mistakes and 1 with them.',
    customUsage: [
      { input: 'groups.yaml', brief: 'mistakes and warnings, one a line' },
      { input: '--strict --json groups.yaml', brief: 'for a pipeline: warnings count, and the answer is JSON' },
    ],
  },
})
