/** Of each case: the time of one operation in nanoseconds, round by round. */
export type Samples = Record<string, number[]>

export interface SampleOptions {
  readonly rounds: number
  /** How long a batch should take, in milliseconds. */
  readonly batch: number
}

/** Runs `operations` of one case and returns how many milliseconds they took. */
export type TimeBatch = (name: string, operations: number) => Promise<number>

/**
 * Samples cases in turn, so that a slow phase of the machine hits all of them. The number of operations follows from
 * two trial batches, which warm up as well; every other round runs backwards, so that no case always follows the same one.
 */
export async function sample(
  names: readonly string[],
  time: TimeBatch,
  { rounds, batch }: SampleOptions,
): Promise<Samples> {
  const operations = new Map<string, number>()
  for (const name of names) operations.set(name, await operationsFor(name, time, batch))
  const samples: Samples = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const count = operations.get(name) ?? 1
      samples[name]?.push(((await time(name, count)) * 1e6) / count)
    }
  }
  return samples
}

async function operationsFor(name: string, time: TimeBatch, batch: number): Promise<number> {
  let operations = 16
  for (;;) {
    const took = await time(name, operations)
    if (took > batch / 2) return Math.max(1, Math.round((operations * batch) / took))
    operations *= took > batch / 20 ? Math.ceil(batch / took) : 8
  }
}
