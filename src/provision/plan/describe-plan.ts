import { escapeControlCharacters } from '../../internal/encoding.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { deriveFromPlan } from './saved-plan.ts'

/**
 * A plan for people: a line for each change, `+` for what is created, `~` changed, `-` deleted, with its reasons, then the
 * findings. It is worked out from the desired state and from what the plan saw, and does not go by the changes and findings
 * that are written in the plan. Throws ConfigurationError for what is no plan, or one of version 1.
 */
export function describePlan(plan: GroupPlan): string {
  const { changes, found, unmanaged } = deriveFromPlan(plan)
  const { findings, acceptFindings } = plan
  const lines = [
    ...(changes.length === 0 ? ['Nothing to change.'] : []),
    ...changes.flatMap((change) => [formatHeading(change), ...change.reasons.map((reason) => `    ${reason}`)]),
    ...found.flatMap(({ code, group, message }) => {
      // Its id, as far as the plan was not edited: applying works it out again.
      const known = findings.find((finding) => {
        return (
          finding.code === code &&
          finding.group === group &&
          finding.message.startsWith(escapeControlCharacters(message))
        )
      })
      const id = known?.id ?? [code, group].filter((part) => part !== undefined).join(':')
      const isAccepted = known !== undefined && acceptFindings.includes(id)
      return [`! ${id}${isAccepted ? ' (accepted)' : ''}`, `    ${known?.message ?? message}`]
    }),
    ...unmanaged.map(({ group, roleArn }) => {
      return `  group ${group} is not defined, and left alone${roleArn === undefined ? '' : ` with ${roleArn}`}`
    }),
  ]
  return lines.map(escapeControlCharacters).join('\n')
}

function formatHeading(change: PlannedChange): string {
  const sign = { create: '+', change: '~', delete: '-' }[change.action]
  if (change.kind === 'identity-pool') return `${sign} identity pool`
  if (change.kind === 'role') return `${sign} role ${change.name} of group ${change.group}`
  return `${sign} group ${change.group}`
}
