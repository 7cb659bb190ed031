export { checkCollisions } from './collisions.ts'
export { policyNameOf, roleNameOf } from './group-names.ts'
export { sha256Of } from './hash.ts'
export { isTagValue, tagValueOf } from './tag-value.ts'
