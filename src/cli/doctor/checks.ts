import type { Check } from './check.ts'
import { clientChecks } from './client-checks.ts'
import { groupChecks } from './group-checks.ts'
import { poolChecks } from './pool-checks.ts'

/** Every check. */
export const checks: readonly Check[] = [...poolChecks, ...groupChecks, ...clientChecks]
