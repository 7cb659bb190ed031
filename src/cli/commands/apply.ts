import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { planningFlags, type PlanningFlags } from './plan.ts'
import { concurrencyFlag, jsonFlag } from './shared.ts'

/** The flags of `cognigate apply`. */
export interface ApplyFlags extends PlanningFlags {
  readonly yes: boolean
  readonly writeBack: boolean
  readonly concurrency?: number
}

/** `cognigate apply FILE`: makes the changes of a saved plan, or of a plan that it makes and shows first. */
export const applyCommand = buildCommand<ApplyFlags, [file: string], CliContext>({
  loader: async () => (await import('../apply/run.ts')).runApply,
  parameters: {
    flags: {
      ...planningFlags,
      yes: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Do not ask. Needed where there is no terminal.',
      },
      writeBack: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Set `created` in a cognises file (JSON) afterwards.',
      },
      concurrency: {
        ...concurrencyFlag,
        brief: 'Memberships that are changed at the same time; groups and roles come one after the other. Default: 5.',
      },
      json: jsonFlag,
    },
    aliases: { y: 'yes' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'file', brief: 'A plan that `plan --out` saved, or definitions.' }],
    },
  },
  docs: {
    brief: 'Make the changes: of a saved plan exactly, or of definitions after showing them.',
    fullDescription:
      'With a saved plan, makes exactly its changes, and refuses it where anything that it depends on has changed since. With ' +
      'definitions, plans first, shows the plan and asks. It can be run again at any time. ' +
      'The exit code is 0 when all is done, and 1 for an error.',
    customUsage: [
      { input: 'plan.json', brief: 'a saved plan; it asks before it begins' },
      { input: '--yes --pool eu-west-1_AbCdEfGhI groups.yaml', brief: 'in a pipeline' },
    ],
  },
})
