/** How often each operation is called. */
export interface GrowthPlan {
  readonly rounds: number
  readonly calls: number
}

/** How many users the local pools have that are compared: the last with the first. */
export const growthSizes = [1000, 10_000, 100_000]

/** What the operations of local pools cost. */
export interface GrowthMeasure {
  /** By operation, of each size. */
  readonly microseconds: Readonly<Record<string, readonly number[]>>
  /** What the largest pool takes of the heap. */
  readonly megabytes: number
}
