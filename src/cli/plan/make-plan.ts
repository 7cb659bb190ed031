import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { PoolAdmin } from '../../admin/index.ts'
import {
  describePlan,
  type GroupPlan,
  type Impact,
  planGroups,
  planImpact,
  type PlanOptions,
} from '../../provision/index.ts'
import type { PlanFlags, PlanningFlags } from '../commands/plan.ts'
import { connect, type Connection } from '../connection.ts'
import { type CliContext, CommandError, type Style, escapeTerminal } from '../context.ts'
import { type DefinitionsFile, readDefinitionsFile } from '../definitions-file.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { writeAtomically } from '../write-file.ts'

/** What `cognigate plan --out` saves and `cognigate apply` makes. Plain JSON. */
export interface SavedPlan {
  readonly cognigatePlan: 1
  readonly plan: GroupPlan
  readonly members: readonly MembersChange[]
}

/** Who joins and who leaves a group whose members the file lists. */
export interface MembersChange {
  readonly group: string
  readonly add: readonly string[]
  readonly remove: readonly string[]
  /** The members when it was planned. With others the plan is out of date. */
  readonly found: readonly string[]
}

/** A plan and what it was made from. */
export interface MadePlan extends SavedPlan {
  readonly connection: Connection
  readonly definitions: DefinitionsFile
  readonly impact?: Impact | undefined
}

/** Plans what the definitions of a file need. Nothing is written. */
export async function makePlan(
  context: CliContext,
  flags: PlanningFlags & Pick<PlanFlags, 'impact'>,
  file: string,
): Promise<MadePlan> {
  const definitions = await readDefinitionsFile(file, { noCode: flags.noCode })
  const connection = connect(flags)
  const { admin, iam, identityPool } = connection
  const progress = createProgress(context)
  const { signal, dispose } = abortOnInterrupt(context, 'Nothing was changed.')
  try {
    const options: PlanOptions = {
      admin,
      iam,
      identityPool,
      signal,
      prune: flags.prune,
      accountDetails: flags.accountDetails,
      secureIdentityPool: flags.secureIdentityPool,
      acceptFindings: flags.accept ?? [],
      adopt: flags.adopt ?? [],
      ...(flags.rolePrefix !== undefined && { rolePrefix: flags.rolePrefix }),
      ...(flags.timeout !== undefined && { timeout: flags.timeout }),
      onProgress: ({ read, total, waiting }) => progress.show('reading roles', { done: read, total, waiting }),
    }
    const plan = await planGroups(definitions.definitions, options)
    const members = await planMembers(admin, definitions.members, plan, signal)
    const impact =
      flags.impact === undefined ? undefined : await readImpact(flags.impact, definitions, connection, signal)
    return { cognigatePlan: 1, plan, members, connection, definitions, impact }
  } finally {
    progress.clear()
    dispose()
  }
}

/** Compares the members that a file lists with those that the groups have. Groups that list none are left alone. */
async function planMembers(
  admin: PoolAdmin,
  listed: ReadonlyMap<string, readonly string[]>,
  plan: GroupPlan,
  signal: AbortSignal,
): Promise<MembersChange[]> {
  const created = new Set(
    plan.changes.flatMap((change) => (change.kind === 'group' && change.action === 'create' ? [change.group] : [])),
  )
  const changes: MembersChange[] = []
  for (const [group, wanted] of listed) {
    const found = created.has(group) ? [] : await readMembers(admin, group, signal)
    const add = wanted.filter((user) => !found.includes(user))
    const remove = found.filter((user) => !wanted.includes(user))
    if (add.length + remove.length > 0) changes.push({ group, add, remove, found })
  }
  return changes
}

/** The user names of a group's members, sorted. */
export async function readMembers(admin: PoolAdmin, group: string, signal: AbortSignal): Promise<string[]> {
  const names: string[] = []
  for await (const { username } of admin.groups.members(group, { signal, timeout: 300 })) names.push(username)
  return names.sort()
}

async function readImpact(before: string, { groups }: DefinitionsFile, { admin }: Connection, signal: AbortSignal) {
  const old = await readDefinitionsFile(before)
  return planImpact(old.groups, groups, { admin, signal })
}

/** Whether a plan has anything to do, or a finding that blocks it. */
export function isEmpty({ plan, members }: SavedPlan): boolean {
  return plan.changes.length === 0 && members.length === 0 && plan.findings.every(({ accepted }) => accepted)
}

/** The plan as text, in colour at a terminal. */
export function describe({ plan, members }: SavedPlan, style: Style): string {
  // Messages of the library name its options: here they are flags.
  const lines = describePlan(plan)
    .replaceAll('`secureIdentityPool`', '--secure-identity-pool')
    .replaceAll('the plan names it in `adopt`', 'the plan was made with --adopt')
    .split('\n')
    .filter((line) => members.length === 0 || line !== 'Nothing to change.')
  for (const { group, add, remove } of members) {
    lines.push(`~ members of ${group}`, ...add.map((user) => `    + ${user}`), ...remove.map((user) => `    - ${user}`))
  }
  const blocking = plan.findings.filter(({ accepted }) => !accepted).length
  if (blocking > 0) {
    lines.push(
      '',
      `${blocking} ${blocking === 1 ? 'finding blocks' : 'findings block'} this plan: fix them, or accept them with --accept ID.`,
    )
  }
  return lines.map((line) => paint(escapeTerminal(line), style)).join('\n')
}

function paint(line: string, style: Style): string {
  const sign = line.trimStart()[0]
  if (sign === '+') return style.added(line)
  if (sign === '-') return style.removed(line)
  if (sign === '~' || sign === '!') return style.changed(line)
  return line
}

/** The impact on users as text: at most 20 users, and counts for all. */
export function describeImpact({ users, permissions, unaffected }: Impact): string {
  const lines = Object.entries(permissions).map(
    ([name, { gains, loses, conditional }]) =>
      `${name}: ${gains} gain it, ${loses} lose it, ${conditional} have it under a condition`,
  )
  for (const { username, gains, loses, conditional } of users.slice(0, 20)) {
    const parts = [
      ...gains.map((name) => `+${name}`),
      ...loses.map((name) => `-${name}`),
      ...conditional.map((name) => `?${name}`),
    ]
    lines.push(`  ${username}: ${parts.join(' ')}`)
  }
  if (users.length > 20) lines.push(`  … and ${users.length - 20} more users; --json has them all`)
  if (lines.length === 0) lines.push('Nobody gains or loses anything.')
  if (unaffected > 0) lines.push(`${unaffected} members of changed groups keep what they have.`)
  return lines.map(escapeTerminal).join('\n')
}

/** Saves a plan, readable by its owner only, with a hash by which a plan that was edited is known. */
export async function savePlan(file: string, { cognigatePlan, plan, members }: SavedPlan): Promise<void> {
  const saved = { cognigatePlan, plan, members }
  await writeAtomically(file, `${JSON.stringify({ ...saved, sha256: hashPlan(saved) })}\n`)
}

/** Against edits by hand: it is no signature, and whoever may write the file may make another. */
function hashPlan(saved: object): string {
  return createHash('sha256').update(JSON.stringify(saved)).digest('hex')
}

/** A saved plan; undefined where the file is none. Throws CommandError for one of another version, or that was edited. */
export async function readSavedPlan(file: string): Promise<SavedPlan | undefined> {
  if (!file.endsWith('.json')) return undefined
  let given: unknown
  try {
    given = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
  if (typeof given !== 'object' || given === null || !('cognigatePlan' in given)) return undefined
  const { sha256, ...saved }: { sha256?: unknown; cognigatePlan: unknown } = given
  if (saved.cognigatePlan !== 1 || sha256 !== hashPlan(saved)) {
    throw new CommandError(`${file}: the plan is of another version or was edited; make a new one with cognigate plan`)
  }
  return saved as SavedPlan
}
