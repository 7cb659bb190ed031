/** What is audited. */
export interface AuditPlan {
  readonly users: number
  readonly groups: number
  /** How many of the users the way of one call per user and group is measured on. */
  readonly sample: number
}

/** In how many groups a user is. */
export const groupsEach = 2

/** How late an answer comes, in milliseconds. */
export const latency = 20

export interface AuditCost {
  readonly calls: number
  readonly seconds: number
}

/** What audits cost. */
export interface AuditMeasure {
  /** By pages, at the pace that spares AWS's quotas. */
  readonly paced: AuditCost
  /** By pages, as fast as answers come. */
  readonly unpaced: AuditCost
  /** By one call per user and group, for the sample. */
  readonly byUser: AuditCost
}

export const auditPlan: AuditPlan = { users: 10_000, groups: 20, sample: 200 }
export const quickAuditPlan: AuditPlan = { users: 1000, groups: 20, sample: 5 }
