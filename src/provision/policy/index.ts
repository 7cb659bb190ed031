export { describePolicyChange, isSamePolicy } from './comparison.ts'
export { actionsOf } from './policy-document.ts'
export { type SelfAccess, selfAccessOf, type SelfAccessPlace } from './self-access.ts'
export { trustPolicyOf } from './trust-policy.ts'
