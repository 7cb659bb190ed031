import { createInterface } from 'node:readline/promises'
import { isatty } from 'node:tty'
import { addMembers, type BulkProgress, removeMembers } from '../../admin/index.ts'
import { applyPlan, type PlannedChange, PlanFailedError } from '../../provision/index.ts'
import type { ApplyFlags } from '../commands/apply.ts'
import { connect, type Connection } from '../connection.ts'
import { type CliContext, CommandError, createStyle, counted } from '../context.ts'
import { readText } from '../definitions-file.ts'
import { describe, isEmpty, makePlan, readMembers, readSavedPlan, type SavedPlan } from '../plan/make-plan.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { writeAtomically } from '../write-file.ts'

/** A saved plan is stale once a part of it is made. */
const goOn = 'Apply the definitions, or make a new plan, to go on.'

/** Runs `cognigate apply`. */
export async function runApply(this: CliContext, flags: ApplyFlags, file: string): Promise<void> {
  const { stdout, stderr } = this.process
  const saved = await readSavedPlan(file)
  if (saved !== undefined && flags.writeBack)
    throw new CommandError('--write-back: expected definitions, not a saved plan')
  if (flags.writeBack) await checkWriteBack(file)
  const made = saved ?? (await makePlan(this, flags, file))
  const connection =
    'connection' in made && made.connection !== undefined
      ? (made.connection as Connection)
      : connect({
          pool: made.plan.userPoolId,
          ...(made.plan.identityPoolId && { identityPool: made.plan.identityPoolId }),
          ...flags,
        })
  if (!flags.json) stdout.write(`${describe(made, createStyle(this))}\n`)
  const blocking = made.plan.findings.filter(({ accepted }) => !accepted)
  if (blocking.length > 0) {
    const ids = blocking.map(({ id }) => id).join(', ')
    throw new CommandError(`nothing was changed, since findings block the plan: ${ids}`)
  }
  const hasWork = made.plan.changes.length + made.members.length > 0
  if (hasWork && !flags.yes && !(await confirm(this))) {
    stderr.write('Nothing was changed.\n')
    this.process.exitCode = 1
    return
  }
  const done =
    isEmpty(made) && saved === undefined ? { changes: [], members: 0 } : await make(this, flags, connection, made)
  if (flags.writeBack) await writeBack(file)
  if (flags.json) stdout.write(`${JSON.stringify({ version: 1, ...done }, null, 2)}\n`)
  else stdout.write(`${describeDone(done)}\n`)
}

function describeDone({ changes, members }: { changes: readonly PlannedChange[]; members: number }): string {
  const memberships = members > 0 ? ` and ${counted(members, 'membership')}` : ''
  return `${counted(changes.length, 'change')}${memberships} made.`
}

async function confirm({ process }: CliContext): Promise<boolean> {
  // Asked of the descriptor: on old Nodes a pipe that `process.stdin` was made for can keep the process alive.
  if (!isatty(0)) throw new CommandError('--yes: expected, since there is no terminal to ask at')
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^yes$/i.test((await prompt.question('Make these changes? Only "yes" goes on: ')).trim())
  } finally {
    prompt.close()
  }
}

async function make(
  context: CliContext,
  { timeout, accountDetails, concurrency = 5 }: ApplyFlags,
  { admin, iam, identityPool }: Connection,
  { plan, members }: SavedPlan,
): Promise<{ changes: readonly PlannedChange[]; members: number }> {
  const start = performance.now()
  const progress = createProgress(context)
  const { signal, dispose } = abortOnInterrupt(context, `What is done stays. ${goOn}`)
  try {
    const created = new Set(
      plan.changes.flatMap((each) => (each.kind === 'group' && each.action === 'create' ? [each.group] : [])),
    )
    for (const { group, found } of members) {
      const now = created.has(group) ? found : await readMembers(admin, group, signal)
      if (now.join('\n') !== found.toSorted().join('\n')) {
        throw new CommandError(`the plan is out of date: the members of ${group} have changed; make a new one`)
      }
    }
    const options = { admin, iam, identityPool, signal, accountDetails, ...(timeout !== undefined && { timeout }) }
    const changes = await applyPlan(plan, {
      ...options,
      onChange: ({ done, total }) => progress.show('changes', { done, total }),
      onProgress: ({ read, total, waiting }) => progress.show('checking', { done: read, total, waiting }),
    })
    const flat = (key: 'add' | 'remove') =>
      members.flatMap((change) => change[key].map((username) => ({ username, group: change.group })))
    const bulk = {
      ...{ signal, concurrency },
      ...(timeout !== undefined && { timeout: Math.max(0.001, timeout - (performance.now() - start) / 1000) }),
      onProgress: ({ done, failed, total, waiting }: BulkProgress) =>
        progress.show('memberships', { done: done + failed, total, waiting }),
    }
    let count = 0
    for (const result of [
      await addMembers(admin, flat('add'), bulk),
      await removeMembers(admin, flat('remove'), bulk),
    ]) {
      const [failed] = result.failed
      if (failed !== undefined) {
        const why = failed.error instanceof Error ? `: ${failed.error.message}` : ''
        throw new CommandError(`${failed.entry.username} in ${failed.entry.group} failed${why}; apply again to go on`)
      }
      count += result.ok.length + result.skipped.length
      if (result.stopReason === 'done') continue
      const made = describeDone({ changes, members: count })
      throw new CommandError(`stopped (${result.stopReason}): ${made} ${goOn}`)
    }
    return { changes, members: count }
  } catch (error) {
    if (signal.aborted && error instanceof PlanFailedError) {
      throw new CommandError(
        `stopped after ${error.done.length} of ${plan.changes.length} changes; the next one may be half made. ${goOn}`,
        { cause: error },
      )
    }
    if (!signal.aborted || (error instanceof CommandError && error !== signal.reason)) throw error
    throw new CommandError('stopped before anything was changed', { cause: error })
  } finally {
    progress.clear()
    dispose()
  }
}

/** Throws CommandError unless this is a cognises file in JSON. */
async function checkWriteBack(file: string): Promise<void> {
  const isJson = file.endsWith('.json')
  const given: unknown = isJson ? JSON.parse(await readText(file)) : undefined
  if (!Array.isArray(given)) throw new CommandError('--write-back: expected a cognises file: a JSON list of groups')
}

/** Sets `created` of every group, as a text where it was one, and keeps the rest and the indentation. */
async function writeBack(file: string): Promise<void> {
  const text = await readText(file)
  const groups: { created?: unknown }[] = JSON.parse(text)
  const updated = groups.map((group) => ({ ...group, created: typeof group.created === 'boolean' ? true : 'true' }))
  const indent = /\n([ \t]+)/.exec(text)?.[1] ?? 2
  await writeAtomically(file, `${JSON.stringify(updated, null, indent)}\n`)
}
