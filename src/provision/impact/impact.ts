import type { Audit, AuditRecord, PoolAdmin } from '../../admin/index.ts'
import type { Definitions, GroupsInput } from '../definitions/index.ts'

/** Groups in any form that `defineGroups` takes or returns, or definitions with policies, which do not count here. */
export type ImpactInput = Definitions | GroupsInput

/** What a change means for one user. A function stands in one list at most, in those of the user it changes for only. */
export interface UserImpact {
  readonly username: string
  /** Those of the user's groups that have a say in what changes. */
  readonly groups: readonly string[]
  /** Functions that the user may use from now on, whatever the claims. */
  readonly gains: readonly string[]
  /** Functions that the user may not use any more, be it that the claims decided so far. */
  readonly loses: readonly string[]
  /** Functions over which a condition decides from now on, and nothing or none did before. */
  readonly conditional: readonly string[]
}

/** How many users a change of a function concerns. */
export type FunctionImpact = { readonly [K in 'gains' | 'loses' | 'conditional']: number }

/** What a change of the groups means for their members. Plain data, fit for JSON. */
export interface Impact {
  /** The users for whom anything changes, in the order of their names. */
  readonly users: readonly UserImpact[]
  /** Every function that changes for some group, with how many users it changes for: none, where nobody is concerned. */
  readonly functions: { readonly [name: string]: FunctionImpact }
  /** How many members of changed groups may do exactly what they might: other groups of theirs outweigh the change. */
  readonly unaffected: number
}

/** How far the sweep of the members is. */
export interface ImpactProgress {
  /** Memberships read. */
  readonly memberships: number
  /** Users met among them. */
  readonly users: number
  /** How many seconds a call waits now, because AWS asked to be called less often. */
  readonly waiting?: number | undefined
}

interface CommonOptions {
  /** Told after each membership that counts, and before each wait because AWS asked to be called less often. */
  readonly onProgress?: ((progress: ImpactProgress) => void) | undefined
}

/** Where the members come from: the pool, or an audit of it, whole or as it comes. */
export type ImpactOptions = CommonOptions &
  (
    | {
        readonly admin: Pick<PoolAdmin, 'groups'> & Partial<Pick<PoolAdmin, 'seams'>>
        readonly audit?: undefined
        /** Seconds that one call may wait out throttles. Default 300. */
        readonly deadline?: number | undefined
        /** Ends the sweep: it throws the signal's reason. */
        readonly signal?: AbortSignal | undefined
      }
    | { readonly audit: Audit | AsyncIterable<AuditRecord>; readonly admin?: undefined }
  )
