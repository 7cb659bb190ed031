import { dispatch } from './dispatcher.ts'
import type { LocalRequest } from './operation.ts'
import type { World } from './world.ts'

/**
 * Answers a request that came to a server of the local AWS, at whatever address that listens. `dispatch` alone answers at
 * AWS's own host names, so that code under test which asks another host finds nothing there.
 */
export async function serve(world: World, request: LocalRequest): Promise<Response> {
  if (/^\/(_cognigate\/|$)/.test(new URL(request.url).pathname)) {
    // Read when somebody looks at it: tests in the same process never do.
    const { answerPage } = await import('./page/index.ts')
    const page = await answerPage(world, request)
    if (page !== undefined) return page
  }
  return dispatch(world, request, undefined, true)
}
