import { planImpact } from '../../provision/index.ts'
import type { ImpactFlags, PlanFlags, PlanningFlags } from '../commands/plan.ts'
import { connect } from '../connection.ts'
import { type CliContext, createStyle } from '../context.ts'
import { readDefinitionsFile } from '../definitions-file.ts'
import { abortOnInterrupt, createProgress } from '../progress.ts'
import { describe, describeImpact, isEmpty, type MadePlan, makePlan, savePlan } from './make-plan.ts'

/** Runs `cognigate plan`. */
export async function runPlan(this: CliContext, flags: PlanFlags, file: string): Promise<void> {
  const made = await makePlan(this, flags, file)
  if (flags.out !== undefined) await savePlan(flags.out, made)
  print(this, flags, made)
  if (flags.out !== undefined && !flags.json) {
    this.process.stderr.write(`Saved as ${flags.out}. To make exactly these changes: cognigate apply ${flags.out}\n`)
  }
  if (!isEmpty(made)) this.process.exitCode = 2
}

/** Runs `cognigate drift`. */
export async function runDrift(this: CliContext, flags: PlanningFlags, file: string): Promise<void> {
  const made = await makePlan(this, flags, file)
  print(this, flags, made)
  if (!isEmpty(made)) this.process.exitCode = 2
}

/** Runs `cognigate impact`. */
export async function runImpact(this: CliContext, flags: ImpactFlags, before: string, after: string): Promise<void> {
  const [old, now] = [await readDefinitionsFile(before, flags), await readDefinitionsFile(after, flags)]
  const progress = createProgress(this)
  const { signal, dispose } = abortOnInterrupt(this, 'Nothing was changed.')
  const impact = await planImpact(old.groups, now.groups, {
    admin: connect(flags).admin,
    signal,
    ...(flags.timeout !== undefined && { timeout: flags.timeout }),
    onProgress: ({ memberships, waiting }) => progress.show('memberships', { done: memberships, waiting }),
  }).finally(() => {
    progress.clear()
    dispose()
  })
  const isNone = impact.users.length === 0
  if (flags.json) this.process.stdout.write(`${JSON.stringify({ version: 1, ...impact }, null, 2)}\n`)
  else this.process.stdout.write(`${describeImpact(impact)}\n`)
  if (!isNone) this.process.exitCode = 2
}

function print(context: CliContext, { json }: PlanningFlags, made: MadePlan): void {
  const { plan, members, impact } = made
  if (json) {
    context.process.stdout.write(
      `${JSON.stringify({ version: 1, plan, members, ...(impact && { impact }) }, null, 2)}\n`,
    )
    return
  }
  const parts = [describe(made, createStyle(context)), ...(impact ? ['', describeImpact(impact)] : [])]
  context.process.stdout.write(`${parts.join('\n')}\n`)
}
