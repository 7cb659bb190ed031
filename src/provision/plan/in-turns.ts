/** How many pieces of work are under way at a time: IAM throttles a caller that asks for everything at once. */
const CONCURRENCY = 8

/** Does the work for each item, some at a time; the results are in the order of the items. Rejects with the first failure. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = [...items.entries()].reverse()
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) results[next[0]] = await work(next[1])
  }
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  } finally {
    queue.length = 0
  }
  return results
}
