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

/** How many permissions or groups the compared definitions have. */
export const definitionSizes = [200, 2000, 20_000]

/** Microseconds that a definition and its first decision take, by what grows, of each size. */
export type DefinitionMeasure = Readonly<Record<string, readonly number[]>>
