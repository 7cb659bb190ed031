import { conditionsHold } from './conditions.ts'
import { type Names, type Policy, parsePolicy, type Statement } from './document.ts'
import { expandPieces, matchesPieces, piecesOf, type RequestContext } from './pattern.ts'

/** What somebody attempts to do. */
export interface Attempt {
  /** Such as `s3:GetObject`; its case does not matter. */
  readonly action: string
  /** What it is done to; undefined for what is attempted on the role that a trust policy belongs to. */
  readonly resource?: string | undefined
  readonly context: RequestContext
}

/** Whether a statement speaks of the one who attempts; undefined where that cannot be told. */
export type SpeaksOf = (statement: Statement) => boolean | undefined

/**
 * Judges an attempt as IAM does: nothing is allowed by default, one statement that allows is enough, and one that
 * denies beats them all. A policy that cannot be read forbids everything.
 */
export function evaluate(policies: readonly string[], attempt: Attempt, speaksOf: SpeaksOf): boolean {
  let isAllowed = false
  for (const text of policies) {
    const policy = parsePolicy(text)
    if (policy === undefined) return false
    for (const statement of policy.statements) {
      const verdict = applies(policy, statement, attempt, speaksOf)
      if (statement.effect === 'Deny' && verdict !== false) return false
      if (statement.effect === 'Allow' && verdict === true) isAllowed = true
    }
  }
  return isAllowed
}

/** Whether a statement is about the attempt; undefined where that cannot be told. */
function applies(
  { hasVariables }: Policy,
  statement: Statement,
  { action, resource, context }: Attempt,
  speaksOf: SpeaksOf,
): boolean | undefined {
  const verdicts = [
    matchesAction(statement.actions, action),
    matchesResource(statement.resources, resource, context, hasVariables),
    speaksOf(statement),
    conditionsHold(statement.conditions, context, hasVariables),
  ]
  if (verdicts.includes(false)) return false
  return verdicts.includes(undefined) ? undefined : true
}

function matchesAction({ names, isNegated }: Names, action: string): boolean {
  const wanted = action.toLowerCase()
  return names.some((name) => matchesPieces(piecesOf(name.toLowerCase()), wanted)) !== isNegated
}

function matchesResource(
  resources: Names | undefined,
  resource: string | undefined,
  context: RequestContext,
  hasVariables: boolean,
): boolean | undefined {
  if (resource === undefined) return resources === undefined
  if (resources === undefined) return undefined
  const verdicts = resources.names.map((name) => {
    const pieces = hasVariables ? expandPieces(name, context) : piecesOf(name)
    return pieces && matchesPieces(pieces, resource)
  })
  if (verdicts.includes(true)) return !resources.isNegated
  return verdicts.includes(undefined) ? undefined : resources.isNegated
}
