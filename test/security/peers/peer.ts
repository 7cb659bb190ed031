import { settled } from '../../support/issuer.ts'
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

/** Runs something by the clock and the network of a world; `hangs` where it is not done when everything else is. */
export async function inWorld(world: World, run: () => Promise<string>): Promise<string> {
  const { fetch: network } = globalThis
  const { now } = Date
  let done = false
  // By turns as well as by time, so that a busy machine makes nothing hang.
  const hanging = async () => {
    const end = performance.now() + 1000
    for (let turn = 0; !done && (turn < 50 || performance.now() < end); turn++) await settled()
    return 'hangs'
  }
  try {
    Date.now = world.now
    globalThis.fetch = (input, init) => world.fetch(new Request(input, init))
    return await Promise.race([run(), hanging()])
  } finally {
    done = true
    Date.now = now
    globalThis.fetch = network
  }
}
