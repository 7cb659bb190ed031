import type { PolicyDocument } from '../../aws/index.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { canonicalCondition, canonicalJson, canonicalPrincipal, statementsOf, textsOf } from './documents.ts'

/**
 * Whether two policies mean the same to IAM, permissions and trust policies alike ("IAM JSON policy elements reference"):
 * one value or a list of it; members, lists and statements in any order and any number of times; statements split or
 * joined; actions and condition keys in any case; `Version` absent or 2008-10-17; condition values as text.
 *
 * `Sid` does not count: it changes nothing that is allowed, so that a policy which differs in it alone is left as it is.
 * Whatever is not known here does count, and so does everything of which it is in doubt whether it means the same, such as
 * a wildcard that covers the rest of a list.
 */
export function isSamePolicy(one: PolicyDocument, other: PolicyDocument): boolean {
  return describePolicyChange(one, other).length === 0
}

/**
 * What a policy will do that it did not and the reverse, in short phrases such as `allows s3:GetObject on arn:…`,
 * `no longer denies …`. Empty for policies that `isSamePolicy`. Values of conditions are not told.
 */
export function describePolicyChange(before: PolicyDocument, after: PolicyDocument): string[] {
  const old = contentOf(before)
  const now = contentOf(after)
  const gone = [...old.atoms.values()].filter(({ key }) => !now.atoms.has(key))
  const added = [...now.atoms.values()].filter(({ key }) => !old.atoms.has(key))
  const goneTexts = new Set(gone.map(outlineOf))
  const addedTexts = new Set(added.map(outlineOf))
  const changed = added.filter((atom) => goneTexts.has(outlineOf(atom)))
  return [
    ...phrases(changed, (verb) => verb, 'another condition'),
    ...phrases(
      added.filter((atom) => !goneTexts.has(outlineOf(atom))),
      (verb) => verb,
    ),
    ...phrases(
      gone.filter((atom) => !addedTexts.has(outlineOf(atom))),
      (verb) => `no longer ${verb}`,
    ),
    ...(old.version === now.version ? [] : [`is of version ${now.version}, not ${old.version}`]),
    ...(old.rest === now.rest ? [] : ['has other members beside its statements']),
  ]
}

/** A text that is equal for policies that `isSamePolicy`. */
export function canonicalPolicy(policy: PolicyDocument): string {
  const { atoms, version, rest } = contentOf(policy)
  return canonicalJson([[...atoms.keys()].sort(), version, rest])
}

/** Equal where only the values of conditions differ. */
function outlineOf({ outline, conditionKeys }: Atom): string {
  return `${outline} ${conditionKeys}`
}

interface Content {
  readonly atoms: ReadonlyMap<string, Atom>
  readonly version: string
  /** Everything that is neither known nor a statement. */
  readonly rest: string
}

function contentOf({ Version = '2008-10-17', Statement, ...unknown }: PolicyDocument): Content {
  const statements = statementsOf({ Statement })
  const isWhole = statements.length === (Array.isArray(Statement) ? Statement.length : 1)
  const atoms = new Map(statements.flatMap(atomsOf).map((atom) => [atom.key, atom]))
  return {
    atoms,
    version: typeof Version === 'string' ? Version : canonicalJson(Version),
    rest: canonicalJson([unknown, isWhole ? null : Statement]),
  }
}

/** One phrase for atoms that differ in their action only, and for those that then differ in their resource only. */
function phrases(atoms: readonly Atom[], say: (verb: string) => string, condition = 'a condition'): string[] {
  const tailOf = ({ terms, conditionKeys: keys }: Atom): string =>
    [terms, keys === '' ? '' : `under ${condition} on ${keys}`].filter((part) => part !== '').join(' ')
  const groups = groupBy(atoms, (atom) => canonicalJson([atom.effect, atom.resource, tailOf(atom)]))
  const lines = groups.map(([first, ...more]) => ({
    verb: say(verbOf(first.effect)),
    actions: [...new Set([first, ...more].map(({ action }) => action))].join(', '),
    resource: first.resource,
    tail: tailOf(first),
  }))
  return groupBy(lines, ({ verb, actions, tail }) => canonicalJson([verb, actions, tail])).map(([first, ...more]) => {
    const resources = [first, ...more].map(({ resource }) => resource).filter((resource) => resource !== '')
    const on = resources.length === 0 ? '' : `on ${resources.join(', ')}`
    return [first.verb, first.actions, on, first.tail].filter((part) => part !== '').join(' ')
  })
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return [...groups.values()]
}

function verbOf(effect: unknown): string {
  return effect === 'Allow' ? 'allows' : effect === 'Deny' ? 'denies' : 'does something unknown with'
}

/** One action on one resource, as a statement allows or denies it. Where a list is of exceptions, it stays whole. */
interface Atom {
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
function atomsOf({ Sid: _, ...statement }: PolicyDocument): Atom[] {
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
