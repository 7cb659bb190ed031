import type { Case } from './case.ts'
import { groupCases } from './groups.ts'
import { keyCases } from './keys.ts'
import { requestCases } from './requests.ts'
import { tokenCases } from './tokens.ts'

/** What is no data, by section. */
export function cases(): Readonly<Record<string, readonly Case[]>> {
  return { tokens: tokenCases, groups: groupCases, requests: requestCases, keys: keyCases }
}
