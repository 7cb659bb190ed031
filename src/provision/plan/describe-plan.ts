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
    ...changes.flatMap((change) => [
      formatHeading(change),
      ...listAdoption(change),
      ...change.reasons.map((reason) => `    ${reason}`),
    ]),
    ...found.flatMap(({ code, group, message }) => {
      const base = [code, group].filter((part) => part !== undefined).join(':')
      const isOfBase = (id: unknown) =>
        typeof id === 'string' &&
        (id === base || (id.startsWith(base) && /^@[0-9a-f]{16}$/.test(id.slice(base.length))))
      // Only the digest is taken from what is stored: `applyPlan` refuses another one.
      const id = findings.find((finding) => isOfBase(finding?.id))?.id ?? base
      const accepted = acceptFindings.filter(isOfBase)
      const other = accepted.includes(id) ? '' : `: ${accepted.join(', ')}`
      return [`! ${id}${accepted.length > 0 ? ` (accepted${other})` : ''}`, `    ${message}`]
    }),
    ...unmanaged.map(({ group, roleArn }) => {
      return `  group ${group} is not defined and stays as it is${roleArn === undefined ? '' : `, with the role ${roleArn}`}`
    }),
  ]
  return lines.map(escapeControlCharacters).join('\n')
}

/** A role without our tags is taken over only because the plan says so. */
function listAdoption(change: PlannedChange): string[] {
  const isAdopted =
    change.kind === 'role' && change.action === 'change' && change.edits.some(({ edit }) => edit === 'tag')
  return isAdopted ? [`    takes over ${change.arn}, which is not cognigate's: the plan names it in \`adopt\``] : []
}

function formatHeading(change: PlannedChange): string {
  const sign = { create: '+', change: '~', delete: '-' }[change.action]
  if (change.kind === 'identity-pool') return `${sign} identity pool`
  if (change.kind === 'role') return `${sign} role ${change.name} of group ${change.group}`
  return `${sign} group ${change.group}`
}
