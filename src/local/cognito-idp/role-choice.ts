import type { GroupState } from '../state.ts'

/** The claims of an ID token that tell an identity pool which role to give. */
export interface RoleChoice {
  /** The roles of all groups that have one, each once, in the order of the groups. */
  readonly roles: readonly string[]
  /** The role of the groups with the lowest precedence number; undefined where they have different roles. */
  readonly preferred: string | undefined
}

/**
 * `cognito:roles` and `cognito:preferred_role` of somebody in these groups (CreateGroup, `Precedence`). Only groups
 * with a role count. A group without a precedence comes after all that have one.
 */
export function chooseRole(groups: readonly GroupState[]): RoleChoice {
  const candidates = groups.flatMap(({ roleArn, precedence = Number.POSITIVE_INFINITY }) =>
    roleArn === undefined ? [] : [{ roleArn, precedence }],
  )
  const first = Math.min(...candidates.map(({ precedence }) => precedence))
  const leaders = new Set(candidates.filter(({ precedence }) => precedence === first).map(({ roleArn }) => roleArn))
  return {
    roles: [...new Set(candidates.map(({ roleArn }) => roleArn))],
    preferred: leaders.size === 1 ? [...leaders][0] : undefined,
  }
}
