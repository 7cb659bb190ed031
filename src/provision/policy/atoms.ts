import { isJsonObject } from '../../encoding.ts'
import type { PolicyDocument } from '../iam/iam.ts'
import { canonicalCondition, canonicalJson, canonicalPrincipal } from './canonical.ts'
import { textsOf } from './policy-document.ts'

/** One action on one resource, as a statement allows or denies it. Where a list is of exceptions, it stays whole. */
export interface Atom {
  /** Equal for atoms that mean the same. */
  readonly key: string
  /** Equal for atoms that mean the same but for the values of their conditions. */
  readonly outline: string
  readonly effect: unknown
  /** As written. */
  readonly action: string
  /** As written. */
  readonly resource: string
  /** Whom it is about, and unknown members, in words; empty where there are none. */
  readonly terms: string
  /** Names of condition keys; empty where there are none. */
  readonly conditionKeys: string
}

/**
 * What a statement says, action by action and resource by resource: a statement means the same as one statement for each
 * pair. `Sid` is left out, since it means nothing; any member that is not known here is part of every atom.
 */
export function atomsOf({ Sid: _, ...statement }: PolicyDocument): Atom[] {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition, ...unknown } = statement
  const conditions = canonicalJson(canonicalCondition(Condition))
  const others = [Effect, canonicalPrincipal(Principal, true), canonicalPrincipal(NotPrincipal, false), unknown]
  const rest = canonicalJson(others)
  const terms = [
    ...(Principal === undefined ? [] : [`for ${namesIn(Principal)}`]),
    ...(NotPrincipal === undefined ? [] : [`for all but ${namesIn(NotPrincipal)}`]),
    ...(Object.keys(unknown).length === 0 ? [] : [`with ${Object.keys(unknown).join(', ')}`]),
  ].join(' ')
  const conditionKeys = keysIn(Condition)
  const actions = partsOf(Action, NotAction, (text) => text.toLowerCase())
  const resources = partsOf(Resource, NotResource, (text) => text)
  return actions.flatMap((action) =>
    resources.map((resource): Atom => {
      const outline = [action.key, resource.key, rest].join()
      const key = [outline, conditions].join()
      return { key, outline, effect: Effect, action: action.text, resource: resource.text, terms, conditionKeys }
    }),
  )
}

interface Part {
  readonly key: string
  readonly text: string
}

function partsOf(element: unknown, except: unknown, fold: (text: string) => string): Part[] {
  const texts = except === undefined ? textsOf(element) : undefined
  if (texts) return texts.map((text) => ({ key: canonicalJson(['is', fold(text)]), text }))
  const excluded = element === undefined ? textsOf(except) : undefined
  if (excluded) {
    const key = canonicalJson(['not', [...new Set(excluded.map(fold))].sort()])
    return [{ key, text: `all but ${excluded.join(', ')}` }]
  }
  const isAbsent = element === undefined && except === undefined
  return [{ key: canonicalJson(['other', element, except]), text: isAbsent ? '' : 'something unknown' }]
}

function namesIn(principal: unknown): string {
  if (!isJsonObject(principal)) return typeof principal === 'string' ? principal : 'someone unknown'
  return Object.values(principal)
    .flatMap((names) => textsOf(names) ?? 'someone unknown')
    .join(', ')
}

function keysIn(condition: unknown): string {
  if (condition === undefined) return ''
  if (!isJsonObject(condition)) return 'something unknown'
  const keys = Object.values(condition).flatMap((tests) => (isJsonObject(tests) ? Object.keys(tests) : []))
  return [...new Set(keys)].join(', ')
}
