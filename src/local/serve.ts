import { dispatch } from './dispatcher.ts'
import type { LocalRequest } from './operation.ts'
import type { World } from './world.ts'

/**
 * Answers a request that came to a server of the local AWS, at whatever address that listens, with the page for people too.
 * `dispatch` alone answers at AWS's own host names, so that code under test which asks another host finds nothing there.
 * What a request has changed is kept before it is answered, where the state outlives the process.
 */
export async function serve(world: World, request: LocalRequest): Promise<Response> {
  const { pathname } = new URL(request.url)
  // Read when somebody looks at it: tests in the same process never do.
  const page = pathname === '/' || pathname.startsWith('/_cognigate/') ? await import('./page/index.ts') : undefined
  const response = (await page?.answerPage(world, request)) ?? (await dispatch(world, request, undefined, true))
  world.save()
  return response
}
