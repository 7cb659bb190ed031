import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { definitionsFile, noCodeFlag } from './shared.ts'

/** The flags of `cognigate compile`. */
export interface CompileFlags {
  readonly out?: string
  readonly check: boolean
  readonly noCode: boolean
}

/** `cognigate compile FILE`: the definitions, checked, as a small module. */
export const compileCommand = buildCommand<CompileFlags, [file: string], CliContext>({
  loader: async () => (await import('../compile/run.ts')).runCompile,
  parameters: {
    flags: {
      out: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Where to write the module: .js, .mjs, .ts or .mts. Default: it is printed, as JavaScript.',
      },
      check: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Write nothing: exit with 2 where the module of --out is not what would be written.',
      },
      noCode: noCodeFlag,
    },
    positional: { kind: 'tuple', parameters: [{ ...definitionsFile, brief: 'The definitions.' }] },
  },
  docs: {
    brief: 'Write the definitions, checked, as a small module that a Worker loads faster.',
    fullDescription:
      'Checks definitions and writes their groups as a module, which `loadGroups` of `cognigate/compiled` takes without checking them ' +
      'again. Policies and members are not in it. Predicates are code and are refused, with their place. ' +
      'The exit code is 0 where it is written, 1 for an error, and 2 where --check finds another text.',
    customUsage: [
      { input: '--out src/groups.compiled.ts groups.yaml', brief: 'before a build' },
      { input: '--check --out src/groups.compiled.ts groups.yaml', brief: 'whether it is up to date, in a pipeline' },
    ],
  },
})
