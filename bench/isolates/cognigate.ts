import { createGuard, defineGroups } from '../../src/index.ts'
import { clientId, userPoolId } from '../settings.ts'
import { type Scope, serve } from './serve.ts'

export default serve(async (request, { jwk, answer }: Scope) => {
  if (!answer) return [createGuard, defineGroups].every(Boolean)
  const groups = defineGroups({
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'] },
  })
  const guard = createGuard({ userPoolId, clientId, groups, jwks: { keys: [jwk] } })
  guard.authorize(await guard.authenticate(request), 'posts.write', { request })
  return true
})
