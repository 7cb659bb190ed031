import { createGuard } from '../../src/index.ts'
import { type CompiledGroups, loadGroups } from '../../src/permissions/compiled/index.ts'
import { clientId, userPoolId } from '../settings.ts'
import { type Scope, serve } from './serve.ts'

/** The groups of `cognigate.ts`, as `cognigate compile` writes them. */
const compiled: CompiledGroups<'posts.read' | 'posts.write', 'viewer' | 'editor'> = {
  cognigate: 1,
  map: [
    ['posts.read', 'posts.write'],
    [
      ['viewer', [0], [], []],
      ['editor', [1], [], [0]],
    ],
    [],
    [],
  ],
}

export default serve(async (request, { jwk, answer }: Scope) => {
  if (!answer) return [createGuard, loadGroups].every(Boolean)
  const groups = loadGroups(compiled)
  const guard = createGuard({ userPoolId, clientId, groups, jwks: { keys: [jwk] } })
  guard.authorize(await guard.authenticate(request), 'posts.write', { request })
  return true
})
