import process from 'node:process'
import { auditPool, createPoolAdmin, type PoolAdmin, type User } from '../../src/admin/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { type AuditMeasure, type AuditPlan, groupsEach, latency } from '../audit-plan.ts'
import { credentials } from '../settings.ts'

/** Audits a local pool that answers late, by pages and by one call per user and group, in a process of its own. */
const plan: AuditPlan = JSON.parse(process.argv[2] ?? '')
const groups = Array.from({ length: plan.groups }, (_, index) => `group-${index}`)
const users = Array.from({ length: plan.users }, (_, index) => ({
  username: `user-${index}`,
  groups: Array.from({ length: groupsEach }, (_, at) => groups[(index + 7 * at) % groups.length] ?? ''),
}))
const pool = await createLocalPool({ groups, users })
pool.fail('*', { delay: latency })
const admin = createPoolAdmin({ userPoolId: pool.settings.userPoolId, credentials, fetch: pool.fetch })

const paced = await measured(plan.users, () => auditByPages(15))
const unpaced = await measured(plan.users, () => auditByPages(1_000_000))
const sample = await admin.users.list().toArray(plan.sample)
const byUser = await measured(plan.sample, () => auditByUser(admin, sample))
process.stdout.write(JSON.stringify({ paced, unpaced, byUser } satisfies AuditMeasure))

async function measured(count: number, audit: () => Promise<number>) {
  const before = pool.requests.length
  const begun = performance.now()
  const memberships = await audit()
  const seconds = (performance.now() - begun) / 1000
  if (memberships !== count * groupsEach) throw new Error(`An audit found ${memberships} memberships.`)
  return { calls: pool.requests.length - before, seconds }
}

async function auditByPages(rate: number): Promise<number> {
  const audit = await auditPool(admin, { rate })
  if (audit.users.length !== plan.users) throw new Error(`An audit found ${audit.users.length} users.`)
  return audit.users.reduce((sum, user) => sum + user.groups.length, 0)
}

/** For every group every user is asked for, and every user once more; the users and the groups are known. */
async function auditByUser({ users }: PoolAdmin, sample: readonly User[]): Promise<number> {
  let memberships = 0
  for (const name of groups) {
    for (const { username } of sample) {
      const found = await users.groups(username).toArray()
      if (found.some((group) => group.name === name)) memberships++
    }
  }
  for (const { username } of sample) await users.groups(username).toArray()
  return memberships
}
