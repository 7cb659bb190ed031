export type {
  CognisesDefinition,
  Definitions,
  GroupSpec,
  GroupsInput,
  PolicyDefinitions,
} from './definitions.ts'
export { groupsOf } from './definitions.ts'
export { readDefinitions } from './read.ts'
