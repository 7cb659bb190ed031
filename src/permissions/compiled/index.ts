/** A map of groups that was checked when it was built, and the loader that takes it. */
export { ConfigurationError } from '../../errors.ts'
export { compileGroups } from './compile-groups.ts'
export type { CompiledGroup, CompiledGroups, CompiledRule, CompiledTests } from './format.ts'
export { loadGroups } from './load-groups.ts'
