/** The middle one of the values, which one slow round does not move; the upper of two. NaN where there is none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** The median of the ratios, round by round, so that a slow phase of the machine is in both halves of each. */
export function medianRatio(values: readonly number[], bases: readonly number[]): number {
  return median(values.map((value, round) => value / (bases[round] ?? Number.NaN)))
}

/** The median of the differences, as parts of something else. */
export function medianShare(values: readonly number[], bases: readonly number[], wholes: readonly number[]): number {
  return medianRatio(
    values.map((value, round) => value - (bases[round] ?? Number.NaN)),
    wholes,
  )
}

/** The median of the differences, round by round. */
export function medianDifference(values: readonly number[], bases: readonly number[]): number {
  return median(values.map((value, round) => value - (bases[round] ?? Number.NaN)))
}
