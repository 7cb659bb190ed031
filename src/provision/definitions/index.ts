export type {
  CognisesDefinition,
  Definitions,
  GroupSpec,
  GroupsInput,
  PolicyDefinitions,
} from './definitions.ts'
export { groupsOf } from './groups-of.ts'
export { readDefinitions } from './read-definitions.ts'
