import type { PoolWorld } from './read-world.ts'

/** How bad a finding is, by the levels of SARIF. */
export type Severity = 'error' | 'warning' | 'note'

/** What has to be named for a check, beside the pool. */
export type Input = 'clients' | 'definitions' | 'identityPool'

/** One check: plain data but for `find`. */
export interface Check {
  readonly id: string
  readonly severity: Severity
  /** The members of AWS's answers that it reads. */
  readonly reads: string
  /** The IAM actions that it needs, separated by spaces. */
  readonly needs: string
  /** Without it the check is skipped. */
  readonly asks?: Input
  readonly message: string
  readonly fix: string
  find(world: PoolWorld): readonly Found[]
}

/** Where a check found something. */
export interface Found {
  /** Such as `client/1example`, `group/admin`, `pool/eu-west-1_AbCdEfGhI`. */
  readonly at: string
  /** What people call it, where that is something else. */
  readonly name?: string | undefined
  /** What it is about there. */
  readonly detail?: string
  /** Tells several findings of a check at one place apart, from run to run. */
  readonly key?: string
  /** Where it differs from the check's. */
  readonly severity?: Severity
  /** The group of the definitions that it is about. */
  readonly group?: string | undefined
  /** The part of the definitions that it is about, such as `require["users.delete"]`. */
  readonly path?: string
}

/** Something that a check found. */
export interface Finding extends Omit<Found, 'severity'>, Pick<Check, 'id' | 'severity' | 'message' | 'fix'> {
  /** Why it may stay. */
  readonly accepted?: string
}

/** A check that could not look, or not everywhere. */
export interface Skipped {
  readonly id: string
  /** The IAM actions that were refused: empty where something was not named. */
  readonly refused: readonly string[]
  readonly reason: string
  /** Why it may be so. */
  readonly accepted?: string
}

/** What the checks found, and those that could not look. */
export interface Examination {
  /** The worst first. */
  readonly findings: readonly Finding[]
  readonly skipped: readonly Skipped[]
}

/** `--accept ID=REASON` or `--accept ID@PLACE=REASON`, in its parts. */
export interface Acceptance {
  readonly id: string
  readonly at: string | undefined
  readonly reason: string
}

/**
 * Runs every check. One that lacks something is skipped, and says why; where only some roles were refused, it looks at the
 * others.
 */
export function examine(checks: readonly Check[], world: PoolWorld): Examination {
  const findings: Finding[] = []
  const skipped: Skipped[] = []
  for (const { id, severity, needs, asks, message, fix, find } of checks) {
    const missing = asks === undefined ? undefined : world.unnamed.get(asks)
    if (missing !== undefined) {
      skipped.push({ id, refused: [], reason: missing })
      continue
    }
    const readsRoles = needs.includes('iam:')
    const refused = needs.split(' ').filter((action) => world.refused.has(action))
    const reasons = refused.map((action) => `${action} was refused${ofRoles(world.refused.get(action) ?? [])}`)
    if (readsRoles && world.missingRoles.length > 0) reasons.push(`there is no${ofRoles(world.missingRoles, '')}`)
    if (reasons.length > 0) skipped.push({ id, refused, reason: reasons.join('; ') })
    // Of roles those that were read are looked at; all else was read as a whole or not at all.
    if (refused.length > 0 && !readsRoles) continue
    for (const found of find(world)) findings.push({ id, message, fix, ...found, severity: found.severity ?? severity })
  }
  return { findings: findings.toSorted((a, b) => rankOf(b.severity) - rankOf(a.severity)), skipped }
}

/** In an order that does not depend on which answer came first. */
function ofRoles(names: readonly string[], before = ' for'): string {
  const [first, ...others] = names.toSorted()
  if (first === undefined) return ''
  return `${before} ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`
}

/** 0 for a note, 2 for an error. */
export function rankOf(severity: Severity): number {
  return ['note', 'warning', 'error'].indexOf(severity)
}

/** The place, its name where that says more, and what is wrong there. */
export function placeOf({ at, name, detail }: Finding): string {
  const id = at.slice(at.indexOf('/') + 1)
  const isSaid = name === undefined || name === id || name === id.replaceAll(':', '-')
  return `${at}${isSaid ? '' : ` ${JSON.stringify(name)}`}${detail === undefined ? '' : ` (${detail})`}`
}

/** Marks what is accepted. `unused` are the acceptances that nothing needed. */
export function accept(
  { findings, skipped }: Examination,
  acceptances: readonly Acceptance[],
): Examination & { readonly unused: readonly Acceptance[] } {
  const used = new Set<Acceptance>()
  const mark = <T extends { readonly id: string; readonly at?: string }>(
    item: T,
  ): T & { readonly accepted?: string } => {
    const found = acceptances.find(({ id, at }) => id === item.id && (at === undefined || at === item.at))
    if (found === undefined) return item
    used.add(found)
    return { ...item, accepted: found.reason }
  }
  const marked = { findings: findings.map(mark), skipped: skipped.map(mark) }
  return { ...marked, unused: acceptances.filter((each) => !used.has(each)) }
}
