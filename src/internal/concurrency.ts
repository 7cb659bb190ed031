/** The items of several sources, of at most `width` at a time, as they come. */
export async function* merge<T>(
  sources: Iterable<AsyncIterator<T>>,
  width: number,
): AsyncGenerator<T, void, undefined> {
  const queue = sources[Symbol.iterator]()
  const active = new Map<AsyncIterator<T>, Promise<readonly [AsyncIterator<T>, IteratorResult<T>]>>()
  const advance = (source: AsyncIterator<T>) => {
    const next = source.next().then((result) => [source, result] as const)
    // A source that fails while another one is waited for is heard of when its turn comes.
    next.catch(() => {})
    active.set(source, next)
  }
  const open = () => {
    const source = queue.next()
    if (!source.done) advance(source.value)
  }
  for (let count = 0; count < width; count++) open()
  while (active.size > 0) {
    const [source, result] = await Promise.race(active.values())
    active.delete(source)
    if (result.done) open()
    else {
      advance(source)
      yield result.value
    }
  }
}

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
