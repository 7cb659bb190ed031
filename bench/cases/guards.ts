import { createGuard, defineGroups } from '../../src/index.ts'
import type { Material } from '../material.ts'
import { clientId, userPoolId } from '../settings.ts'

/** A guard as an application has it, over one pool, or over as many more as a platform has tenants. */
export function createBenchGuard({ jwk }: Pick<Material, 'jwk'>, more = 0) {
  const teams = Array.from({ length: 20 }, (_, team) => [`team-${team}`, { allow: [`team-${team}.read` as const] }])
  const groups = defineGroups({
    viewer: { allow: ['posts.read', 'comments.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write', 'comments.*'], deny: ['posts.purge'], precedence: 20 },
    admin: { allow: ['*'], precedence: 1 },
    ...(Object.fromEntries(teams) as Record<`team-${number}`, { allow: `team-${number}.read`[] }>),
  })
  const pool = { userPoolId, clientId, groups, jwks: { keys: [jwk] } }
  const others = Array.from({ length: more }, (_, at) => ({ userPoolId: `eu-west-1_Tenant${at}`, clientId, groups }))
  return more > 0 ? createGuard({ pools: [...others, pool] }) : createGuard(pool)
}
