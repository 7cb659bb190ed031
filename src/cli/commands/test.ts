import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { jsonFlag, noCodeFlag } from './shared.ts'

/** The flags of `cognigate test`. */
export interface TestFlags {
  readonly map?: string
  readonly noCoverage: boolean
  readonly json: boolean
  readonly noCode: boolean
}

/** `cognigate test FILE…`: whether the definitions allow what people expect of them. */
export const testCommand = buildCommand<TestFlags, string[], CliContext>({
  loader: async () => (await import('../test/run.ts')).runTest,
  parameters: {
    flags: {
      map: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'The definitions, in place of those that the files name by `map`.',
      },
      noCoverage: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Leave out the changes of one thing that no expectation would notice.',
      },
      json: jsonFlag,
      noCode: noCodeFlag,
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, placeholder: 'file', brief: 'Expectations: .yaml or .json.' },
    },
  },
  docs: {
    brief: 'Check definitions against what people expect of them.',
    fullDescription:
      'Asks the definitions what a file of expectations says: who may do what. A wrong answer is shown with the rule that decided and ' +
      'with who would allow it; then each change of one thing that no expectation would notice, with the line that would. ' +
      'The exit code is 0 where all expectations hold, 1 otherwise.',
    customUsage: [
      { input: 'groups.test.yaml', brief: 'the file names its definitions: `map: groups.yaml`' },
      { input: '--map groups.yaml --no-coverage *.test.yaml', brief: 'several files, one map' },
    ],
  },
})
