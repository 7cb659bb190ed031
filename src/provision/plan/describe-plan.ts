import type { GroupPlan, PlannedChange } from './plan.ts'
import { printable } from '../../internal/printable.ts'

/** A plan for people: a line for each change, `+` for what is created, `~` changed, `-` deleted, with its reasons, then the findings. */
export function describePlan({ changes, findings, unmanaged }: GroupPlan): string {
  const lines = [
    ...(changes.length === 0 ? ['Nothing to change.'] : []),
    ...changes.flatMap((change) => [headingOf(change), ...change.reasons.map((reason) => `    ${reason}`)]),
    ...findings.flatMap(({ id, message, allowed }) => [`! ${id}${allowed ? ' (allowed)' : ''}`, `    ${message}`]),
    ...unmanaged.map(({ group, roleArn }) => {
      return `  group ${group} is not defined, and left alone${roleArn === undefined ? '' : ` with ${roleArn}`}`
    }),
  ]
  return lines.map(printable).join('\n')
}

function headingOf(change: PlannedChange): string {
  const sign = { create: '+', change: '~', delete: '-' }[change.action]
  if (change.kind === 'identity-pool') return `${sign} identity pool`
  if (change.kind === 'role') return `${sign} role ${change.name} of group ${change.group}`
  return `${sign} group ${change.group}`
}
