import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import type { PlanClients } from './observe.ts'

export type { PlanClients } from './observe.ts'

/** How far the reading has come: it is told after each role, and before each wait. */
export interface PlanProgress {
  /** Roles that were read, of all that are; both are 0 until it is known which. */
  readonly read: number
  readonly total: number
  /** How many seconds a call waits now, because AWS asked to be called less often. */
  readonly waiting?: number | undefined
}

/** How AWS is read. */
export interface ReadOptions {
  /**
   * Whether roles are read all at once (IAM's GetAccountAuthorizationDetails), which for 50 groups takes 6 calls and not 206.
   * The AWS key needs `iam:GetAccountAuthorizationDetails` on `*`; where that is denied, roles are read one by one. Default
   * false.
   */
  readonly accountDetails?: boolean | undefined
  /** Told how far it is, and of every wait because AWS asked to be called less often, while changes are made as well. */
  readonly onProgress?: ((progress: PlanProgress) => void) | undefined
}

/** How a plan is made. */
export interface PlanOptions extends PlanClients, ReadOptions {
  /** Whether groups that are not defined, and roles of ours that no defined group has, are deleted. Default false. */
  readonly prune?: boolean | undefined
  /**
   * Ids of findings that do not block the plan, such as `classic-flow`. An id that depends on what was found, such as
   * `self-access:admin@0123456789abcdef`, is to be copied from the plan: it does not cover a later policy. Default: none.
   */
  readonly allow?: readonly string[] | undefined
  /**
   * ARNs of roles without our tags that are taken over, each for one group: where several are linked to it, for the one that
   * it is named after, or else the first; the others get roles of their own. Default: none.
   */
  readonly adopt?: readonly string[] | undefined
  /**
   * Whether the plan switches off the identity pool's classic flow and has it choose roles by the token. Default false:
   * both are findings.
   */
  readonly secureIdentityPool?: boolean | undefined
  /** What stands before a group's name in the name of its role. Two pools of one account need two. Default `role_`. */
  readonly rolePrefix?: string | undefined
  /** Seconds that all reading together may take, throttles included. Default 300. */
  readonly deadline?: number | undefined
  /** Ends the reading; its reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

/** Throws ConfigurationError, naming the option. */
export function checkPlanOptions(options: PlanOptions): void {
  checkOptions<PlanOptions>(
    'planGroups',
    options,
    [
      'admin',
      'iam',
      'identityPool',
      'accountDetails',
      'prune',
      'allow',
      'adopt',
      'secureIdentityPool',
      'rolePrefix',
      'deadline',
      'signal',
      'onProgress',
    ],
    {
      onChange: 'applyPlan takes it.',
      onFinding: 'the plan holds its findings.',
      groups: 'groups and policies are the first argument.',
      policies: 'groups and policies are the first argument.',
    },
  )
  for (const name of ['prune', 'secureIdentityPool', 'accountDetails'] as const) {
    checkOption(name, options[name], 'true or false', (value) => typeof value === 'boolean')
  }
  for (const name of ['allow', 'adopt'] as const) {
    checkOption(name, options[name], 'a list of texts', (value) => {
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    })
  }
}

function checkOption(name: string, value: unknown, expected: string, isRight: (value: unknown) => boolean): void {
  if (value !== undefined && !isRight(value)) throw new ConfigurationError(`planGroups: ${name}: expected ${expected}.`)
}
