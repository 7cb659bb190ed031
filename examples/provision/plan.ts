/** Shows what would change, and writes the plan to standard output: `npx node examples/provision/plan.ts > plan.json`. */
import { describePlan, planGroups } from 'cognigate/provision'
import { clientsFromEnvironment, showProgress } from './clients.ts'
import * as definitions from './definitions.ts'

const plan = await planGroups(definitions, {
  ...clientsFromEnvironment(),
  secureIdentityPool: true,
  onProgress: showProgress,
})
console.error(describePlan(plan))
console.log(JSON.stringify(plan))
