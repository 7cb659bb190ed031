/** What must not compile, each line with a part of what the compiler has to say of it. */
import { createGuard, defineGroups } from 'cognigate'

const groups = defineGroups({ viewer: { allow: ['posts.read'] } })
const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client' }
export const guard = createGuard({ ...pool, groups })

createGuard({ userPoolID: 'eu-west-1_AbCdEfGhI', clientId: 'client', groups }) // Did you mean to write 'userPoolId'?
createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientID: 'client', groups }) // Did you mean to write 'clientId'?
createGuard({ pools: [{ userPoolID: 'eu-west-1_AbCdEfGhI', clientId: 'client' }] }) // Did you mean to write 'userPoolId'?
createGuard({ ...pool, groups: ['viewer'] }) // Type 'string[]' is missing
createGuard({ ...pool, groups: { viewer: { allow: ['posts.read'] } } }) // 'viewer' does not exist
groups.can(['viewer'], 'posts.raed') // '"posts.raed"' is not assignable to parameter of type '"posts.read"'
groups.explain(['viewer']) // Expected 2-3 arguments, but got 1
defineGroups({ editor: { inherits: ['viewr'] }, viewer: {} }) // '"viewr"' is not assignable to type
