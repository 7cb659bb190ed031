import { createGuard, defineGroups } from '../../src/index.ts'
import type { Material } from '../material.ts'
import { clientId, userPoolId } from '../settings.ts'

/** A guard as an application has it. */
export function createBenchGuard({ jwk }: Pick<Material, 'jwk'>) {
  const teams = Array.from({ length: 20 }, (_, team) => [`team-${team}`, { allow: [`team-${team}.read` as const] }])
  const groups = defineGroups({
    viewer: { allow: ['posts.read', 'comments.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write', 'comments.*'], deny: ['posts.purge'], precedence: 20 },
    admin: { allow: ['*'], precedence: 1 },
    ...(Object.fromEntries(teams) as Record<`team-${number}`, { allow: `team-${number}.read`[] }>),
  })
  return createGuard({ userPoolId, clientId, groups, jwks: { keys: [jwk] } })
}
