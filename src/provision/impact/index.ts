export type { PermissionImpact, Impact, ImpactInput, ImpactOptions, ImpactProgress, UserImpact } from './impact.ts'
export { planImpact } from './impact.ts'
