import type { Row } from '../row.ts'
import type { World } from '../world.ts'

/** Whether a peer that has these notions, and only the common options, can be asked about a row. */
export function concerns(row: Row, notions: readonly string[], withRequests: boolean): boolean {
  const { entry, needs, options, steps } = row
  return (
    entry === 'token' &&
    needs.every((need) => notions.includes(need)) &&
    Object.keys(options).every((name) => name === 'tokenUse' || name === 'clockTolerance') &&
    (withRequests || steps.every(({ request }) => request === undefined))
  )
}

/** Runs something by the clock and the network of a world; `hangs` where it takes longer than any server would wait. */
export async function inWorld(world: World, run: () => Promise<string>): Promise<string> {
  const { fetch: network } = globalThis
  const { now } = Date
  let timer: ReturnType<typeof setTimeout> | undefined
  const hanging = new Promise<string>((resolve) => (timer = setTimeout(resolve, 1_000, 'hangs')))
  try {
    Date.now = world.now
    globalThis.fetch = (input, init) => world.fetch(new Request(input, init))
    return await Promise.race([run(), hanging])
  } finally {
    clearTimeout(timer)
    Date.now = now
    globalThis.fetch = network
  }
}
