import type { ProvisionClients } from './observe.ts'

/** How far a plan has come. */
export interface PlanProgress {
  /** Roles that were read, of all that are. */
  readonly read: number
  readonly total: number
}

/** How a plan is made. */
export interface PlanOptions extends ProvisionClients {
  /** Whether groups that are not defined, and roles of ours that no defined group has, are deleted. Default false. */
  readonly prune?: boolean | undefined
  /** Ids of findings that do not block the plan, such as `self-access:admin` or `other-pool`. Default: none. */
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
  readonly onProgress?: ((progress: PlanProgress) => void) | undefined
}
