import type { Driver } from './drivers/driver.ts'
import { clientSteps } from './scenario/clients.ts'
import { endSteps } from './scenario/deletions.ts'
import { groupSteps } from './scenario/groups.ts'
import { providerSteps } from './scenario/identity-providers.ts'
import { pagingSteps } from './scenario/lists.ts'
import { signInSteps } from './scenario/sign-in.ts'
import { userSteps } from './scenario/users.ts'
import type { Run, Step } from './scenario/step.ts'

/** Runs all steps in order and gives the outcome of each, by name. */
export async function runScenario(driver: Driver): Promise<Map<string, unknown>> {
  const outcomes = new Map<string, unknown>()
  const run: Run = { ...driver, clients: new Map() }
  for (const step of steps()) {
    try {
      outcomes.set(step.name, await step.run(run))
    } catch (error) {
      outcomes.set(step.name, { failed: error instanceof Error ? error.name : 'unknown' })
    }
  }
  return outcomes
}

/** The steps, in the order in which they build on each other. */
export function steps(): readonly Step[] {
  return [
    ...groupSteps(),
    ...userSteps(),
    ...pagingSteps(),
    ...clientSteps(),
    ...signInSteps(),
    ...providerSteps(),
    ...endSteps(),
  ]
}
