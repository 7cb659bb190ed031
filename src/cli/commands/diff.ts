import { buildCommand } from '@stricli/core'
import type { DifferenceCause } from '../../provision/index.ts'
import type { CliContext } from '../context.ts'
import { definitionsFile, jsonFlag, noCodeFlag } from './shared.ts'

/** The flags of `cognigate diff`. */
export interface DiffFlags {
  readonly onlyNarrower: boolean
  readonly accept?: readonly DifferenceCause[]
  readonly unknownGroups?: string
  readonly json: boolean
  readonly noCode: boolean
}

const causes = [
  'new-group',
  'removed-group',
  'unknown-group',
  'new-permission',
  'removed-permission',
  'allow',
  'deny',
  'condition',
  'gate',
] as const satisfies readonly DifferenceCause[]

/** `cognigate diff OLD NEW`: what the new definitions allow that the old ones do not, and the other way round, proved. */
export const diffCommand = buildCommand<DiffFlags, [old: string, now: string], CliContext>({
  loader: async () => (await import('../diff/run.ts')).runDiff,
  parameters: {
    flags: {
      onlyNarrower: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief:
          'Exit with 0 where nobody may do more, whatever they may do less; with 2 otherwise, unproved gains included.',
      },
      accept: {
        kind: 'enum',
        values: causes,
        optional: true,
        variadic: true,
        brief: 'A cause of gains that is meant, for --only-narrower. May be given several times.',
      },
      unknownGroups: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'old,new',
        brief:
          "What the guards do about groups that a map does not define: 'ignore' or 'refuse', for each map. Default: ignore,ignore.",
      },
      json: jsonFlag,
      noCode: noCodeFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { ...definitionsFile, brief: 'The old definitions: a file, or one of Git such as main:groups.yaml.' },
        { ...definitionsFile, brief: 'The new definitions.' },
      ],
    },
  },
  docs: {
    brief: 'Prove what new definitions allow that old ones do not, and the other way round.',
    fullDescription:
      'Proves what members of any set of groups may do by the new definitions and not by the old ones, and the other way round, ' +
      'with the smallest example of each difference. Precedence, policies and descriptions are not compared. ' +
      'The exit code is 0 where nothing differs, 2 where something does, and 1 for an error.',
    customUsage: [
      { input: 'main:groups.yaml groups.yaml', brief: 'what this branch changes' },
      { input: '--only-narrower --accept new-group old.yaml new.yaml', brief: 'a check for a pipeline' },
    ],
  },
})
