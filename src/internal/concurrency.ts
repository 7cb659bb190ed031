/**
 * Does work for each item, at most `concurrency` at once; resolves to the results in the order of the items. After a failure,
 * or once `mayStart` says false, no more work is started, and what is under way is waited for. Rejects with the first failure.
 */
export async function mapConcurrent<T, R>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
  mayStart: () => boolean = () => true,
): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  const queue = items[Symbol.iterator]()
  let count = 0
  const worker = async () => {
    for (let next = queue.next(); !next.done && failures.length === 0 && mayStart(); next = queue.next()) {
      const index = count++
      try {
        results[index] = await work(next.value)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}

/** The items of several streams as they come, at most `concurrency` streams at once. */
export async function* mergeConcurrent<T>(
  streams: Iterable<AsyncIterator<T>>,
  concurrency: number,
): AsyncGenerator<T, void, undefined> {
  const queue = streams[Symbol.iterator]()
  const active = new Map<AsyncIterator<T>, Promise<readonly [AsyncIterator<T>, IteratorResult<T>]>>()
  const advance = (stream: AsyncIterator<T>) => {
    const next = stream.next().then((result) => [stream, result] as const)
    // If it fails while another stream is waited for, its turn comes later: until then the rejection is not unhandled.
    next.catch(() => {})
    active.set(stream, next)
  }
  const open = () => {
    const stream = queue.next()
    if (!stream.done) advance(stream.value)
  }
  for (let count = 0; count < concurrency; count++) open()
  while (active.size > 0) {
    const [stream, result] = await Promise.race(active.values())
    active.delete(stream)
    if (result.done) open()
    else {
      advance(stream)
      yield result.value
    }
  }
}
