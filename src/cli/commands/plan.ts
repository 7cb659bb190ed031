import { buildCommand } from '@stricli/core'
import type { ConnectionFlags } from '../connection.ts'
import type { CliContext } from '../context.ts'
import { connectionFlags, definitionsFile, jsonFlag, noCodeFlag, timeoutFlag } from './shared.ts'

/** The flags of everything that plans: `cognigate drift` has no others. */
export interface PlanningFlags extends ConnectionFlags {
  readonly prune: boolean
  readonly accept?: readonly string[]
  readonly adopt?: readonly string[]
  readonly secureIdentityPool: boolean
  readonly accountDetails: boolean
  readonly rolePrefix?: string
  readonly timeout?: number
  readonly json: boolean
  readonly noCode: boolean
}

/** The flags of `cognigate plan`. */
export interface PlanFlags extends PlanningFlags {
  readonly impact?: string
  readonly out?: string
}

/** The flags of `cognigate impact`. */
export interface ImpactFlags extends ConnectionFlags {
  readonly timeout?: number
  readonly json: boolean
  readonly noCode: boolean
}

const off = { kind: 'boolean', default: false, withNegated: false } as const
const list = { kind: 'parsed', parse: String, optional: true, variadic: true } as const

/** The flags of everything that plans. */
export const planningFlags = {
  ...connectionFlags,
  prune: { ...off, brief: "Delete groups that are not defined, and this pool's roles that no defined group has." },
  accept: {
    ...list,
    placeholder: 'id',
    brief: 'A finding that may stay, by its id in the plan. May be given several times.',
  },
  adopt: { ...list, placeholder: 'arn', brief: 'A role to take over. May be given several times.' },
  secureIdentityPool: {
    ...off,
    brief: "Switch off the identity pool's classic flow, and have it choose roles by the token.",
  },
  accountDetails: {
    ...off,
    brief: 'Read roles with iam:GetAccountAuthorizationDetails, which takes far fewer calls.',
  },
  rolePrefix: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'text',
    brief: "The beginning of the roles' names. Default: role_.",
  },
  timeout: timeoutFlag,
  noCode: noCodeFlag,
} as const

const definitions = {
  kind: 'tuple',
  parameters: [{ ...definitionsFile, brief: 'The definitions.' }],
} as const

/** `cognigate plan FILE`: what has to change in AWS. */
export const planCommand = buildCommand<PlanFlags, [file: string], CliContext>({
  loader: async () => (await import('../plan/run.ts')).runPlan,
  parameters: {
    flags: {
      ...planningFlags,
      impact: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Say who gains and who loses what, compared with these earlier definitions.',
      },
      out: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file.json',
        brief: 'Save the plan, so that exactly this is applied: cognigate apply FILE.JSON.',
      },
      json: jsonFlag,
    },
    positional: definitions,
  },
  docs: {
    brief: 'Show what has to change in AWS, and why, with the risks.',
    fullDescription:
      'Compares the definitions with the groups of the pool, their IAM roles and, where the file lists them, their members. Nothing is ' +
      'written. The exit code is 0 where nothing has to change, 2 where something has, findings that block included, and 1 for an error.',
    customUsage: [
      { input: '--pool eu-west-1_AbCdEfGhI groups.yaml', brief: 'groups without policies' },
      { input: '--identity-pool eu-west-1:1234… --out plan.json groups.yaml', brief: 'with roles; the plan is saved' },
      { input: '--endpoint http://127.0.0.1:9400 groups.yaml', brief: 'on `cognigate local`' },
    ],
  },
})

/** `cognigate drift FILE`: whether AWS is as defined. */
export const driftCommand = buildCommand<PlanningFlags, [file: string], CliContext>({
  loader: async () => (await import('../plan/run.ts')).runDrift,
  parameters: { flags: { ...planningFlags, json: jsonFlag }, positional: definitions },
  docs: {
    brief: 'Say whether AWS is still as defined: for schedules.',
    fullDescription:
      'Compares as `plan` does, and says what is not as defined. Nothing is written. ' +
      'The exit code is 0 where all is as defined, 2 where something is not, and 1 for an error.',
    customUsage: [{ input: '--pool eu-west-1_AbCdEfGhI --json groups.yaml', brief: 'for an alarm' }],
  },
})

/** `cognigate impact OLD NEW`: who gains and who loses what. */
export const impactCommand = buildCommand<ImpactFlags, [before: string, after: string], CliContext>({
  loader: async () => (await import('../plan/run.ts')).runImpact,
  parameters: {
    flags: { ...connectionFlags, timeout: timeoutFlag, json: jsonFlag, noCode: noCodeFlag },
    positional: {
      kind: 'tuple',
      parameters: [
        { ...definitionsFile, brief: 'The definitions as they are.' },
        { ...definitionsFile, brief: 'The definitions as they are to be.' },
      ],
    },
  },
  docs: {
    brief: 'Say which users of the pool gain and lose which permissions.',
    fullDescription:
      'Reads who is in the groups that matter, and says who gains and who loses what if the second definitions replace the first. ' +
      'The exit code is 0 where nobody is concerned, 2 where somebody is, and 1 for an error.',
    customUsage: [{ input: '--pool eu-west-1_AbCdEfGhI old.yaml new.yaml', brief: 'for the users of this pool' }],
  },
})
