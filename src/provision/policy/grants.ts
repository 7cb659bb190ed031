import type { PolicyDocument } from '../../aws/index.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { canonicalCondition, canonicalJson, canonicalPrincipal, textsOf } from './documents.ts'

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

/** Whether there is a text that both patterns match: `*` is any text and `?` any character, as in IAM's actions and ARNs. */
export function canBothMatch(one: string, other: string): boolean {
  const against = [...other]
  // At each place: whether what is read of `one` and `against` up to there can be the same text.
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of one) {
    const first = places.indexOf(true)
    const next = places.map((_, at) => symbol === '*' && first >= 0 && at >= first)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined || symbol === '*') continue
      if (by === '*') next[at] = true
      else if (by === symbol || by === '?' || symbol === '?') next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** Whether a pattern for certain matches every text that another one matches. */
export function covers(pattern: string, covered: string): boolean {
  const against = [...pattern]
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of covered) {
    const next = places.map(() => false)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined) continue
      if (by === '*') next[at] = true
      else if (by === symbol || (by === '?' && symbol !== '*')) next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** A star may stand for nothing. */
function skipStars(places: boolean[], against: readonly string[]): boolean[] {
  for (const [at, symbol] of against.entries()) if (places[at] && symbol === '*') places[at + 1] = true
  return places
}

/**
 * The ARNs that a statement's resource can stand for, as a pattern. A variable is any text. In an ARN of Cognito or IAM that
 * is still to be filled in, what is no account or no pool is any one, and the region with it.
 */
export function resourcePattern(resource: string): string {
  const pattern = resource.replace(/\$\{[^}]*\}/g, '*')
  const [arn = '', partition = '', service = '', region = '', account = '', ...rest] = pattern.split(':')
  const name = rest.join(':')
  const slash = name.indexOf('/') + 1
  const id = idForms(service)
  if (arn !== 'arn' || !id || name === '') return pattern
  const isAccount = /^(\d{12}|aws)$/.test(account) || /[*?]/.test(account)
  const isId = id.test(name.slice(slash)) || /[*?]/.test(name)
  if (isAccount && isId) return pattern
  const place = [arn, partition, service, service === 'iam' ? region : '*', isAccount ? account : '*']
  return [...place, isId ? name : `${name.slice(0, slash)}*`].join(':')
}

/** What the ids of a service's resources look like; undefined for services that do not matter here. */
function idForms(service: string): RegExp | undefined {
  if (service === 'cognito-idp') return /^[a-z]{2,}(-[a-z]+)+-\d+_[0-9A-Za-z]+$/
  if (service === 'cognito-identity') return /^[a-z]{2,}(-[a-z]+)+-\d+:[0-9a-f-]{36}$/
  return service === 'iam' ? /./ : undefined
}
