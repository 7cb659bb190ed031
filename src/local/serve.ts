import { dispatch } from './dispatcher.ts'
import type { LocalRequest } from './operation.ts'
import type { World } from './world.ts'

/**
 * Answers a request that came to a server of the local AWS, at whatever address that listens. `dispatch` alone answers at
 * AWS's own host names, so that code under test which asks another host finds nothing there.
 */
export async function serve(world: World, request: LocalRequest): Promise<Response> {
  return dispatch(world, request, undefined, true)
}
