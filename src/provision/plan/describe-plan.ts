import { escapeControlCharacters } from '../../internal/encoding.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { deriveFromPlan } from './saved-plan.ts'

/**
 * Describes a plan for people: a line for each change (`+` create, `~` change, `-` delete) with its reasons, then the
 * findings (`!`). The changes are worked out again from the plan's desired state and snapshot. The `changes` and `findings`
 * stored in a plan that was saved, and perhaps edited, are not trusted.
 *
 * @example
 * ```ts
 * console.log(describePlan(await planGroups(definitions, clients)))
 * // ~ group editor
 * //     precedence: not set → 30
 * ```
 *
 * @throws ConfigurationError for anything but a plan, and for a plan of version 1
 */
export function describePlan(plan: GroupPlan): string {
  const { changes, found, unmanaged } = deriveFromPlan(plan)
  const { findings, acceptFindings } = plan
  const lines = [
    ...(changes.length === 0 ? ['Nothing to change.'] : []),
    ...changes.flatMap((change) => [formatHeading(change), ...change.reasons.map((reason) => `    ${reason}`)]),
    ...found.flatMap(({ code, group, message }) => {
      // The id is for reading only: `applyPlan` works it out again.
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
      return `  group ${group} is not defined and stays as it is${roleArn === undefined ? '' : `, with the role ${roleArn}`}`
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
