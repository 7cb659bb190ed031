import type { Driver } from '../drivers/driver.ts'

/** One step: what is done, and what Cognito answers, as far as it is the same in every run. */
export interface Step {
  readonly name: string
  readonly expected: unknown
  run(run: Run): Promise<unknown>
}

/** One run on an empty pool, and what its later steps need to know of the earlier ones. */
export interface Run extends Driver {
  readonly clients: Map<string, { readonly id: string; readonly secret: string | undefined }>
}
