import { createPoolAdmin, type PoolAdmin, type PoolAdminOptions } from '../../src/admin/index.ts'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import { credentials } from './aws.ts'

/** A local pool with its administration, by a clock that only waiting moves. */
export async function administered(
  pool: LocalPoolOptions = {},
  options: Partial<PoolAdminOptions> = {},
): Promise<{ pool: LocalPool; admin: PoolAdmin; slept: number[] }> {
  const local = await createLocalPool({ now: () => Date.UTC(2026, 0, 1), ...pool })
  const slept: number[] = []
  const { userPoolId, now } = local.settings
  const admin = createPoolAdmin({
    userPoolId,
    credentials,
    fetch: local.fetch,
    now,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      if (milliseconds > 0) local.advance(milliseconds / 1000)
    },
    ...options,
  })
  return { pool: local, admin, slept }
}
