import type { PolicyDocument } from '../../aws/index.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { canonicalCondition, canonicalPrincipal, listStatements, toTexts } from './documents.ts'
import { canonicalJson } from '../../internal/json.ts'

/**
 * Whether two policies mean the same to IAM ("IAM JSON policy elements reference"). These do not matter: one value or a list of
 * it; the order of members, lists and statements, and repetitions; how statements are split; the case of actions and condition
 * keys; `Version` absent or 2008-10-17; condition values as text or not; `Sid`.
 *
 * Everything that is not known here does matter, and so does whatever may or may not mean the same, such as a wildcard that
 * covers the rest of a list.
 */
export function isSamePolicy(one: PolicyDocument, other: PolicyDocument): boolean {
  return describePolicyChange(one, other).length === 0
}

/**
 * What changes from one policy to another, in short phrases such as `allows s3:GetObject on arn:…` and `no longer denies …`.
 * Empty if `isSamePolicy`. Values of conditions are not shown.
 */
export function describePolicyChange(before: PolicyDocument, after: PolicyDocument): string[] {
  const old = readContent(before)
  const now = readContent(after)
  const gone = [...old.grants.values()].filter(({ key }) => !now.grants.has(key))
  const added = [...now.grants.values()].filter(({ key }) => !old.grants.has(key))
  const goneTexts = new Set(gone.map(outlineWithKeys))
  const addedTexts = new Set(added.map(outlineWithKeys))
  const changed = added.filter((grant) => goneTexts.has(outlineWithKeys(grant)))
  return [
    ...describeGrants(changed, (verb) => verb, 'another condition'),
    ...describeGrants(
      added.filter((grant) => !goneTexts.has(outlineWithKeys(grant))),
      (verb) => verb,
    ),
    ...describeGrants(
      gone.filter((grant) => !addedTexts.has(outlineWithKeys(grant))),
      (verb) => `no longer ${verb}`,
    ),
    ...(old.version === now.version ? [] : [`is of version ${now.version}, not ${old.version}`]),
    ...(old.rest === now.rest ? [] : ['has other members beside its statements']),
  ]
}

/** A text that is the same for policies that `isSamePolicy`. */
export function canonicalPolicy(policy: PolicyDocument): string {
  const { grants, version, rest } = readContent(policy)
  return canonicalJson([[...grants.keys()].sort(), version, rest])
}

/** The same for grants that differ only in the values of conditions. */
function outlineWithKeys({ outline, conditionKeys }: Grant): string {
  return `${outline} ${conditionKeys}`
}

interface Content {
  readonly grants: ReadonlyMap<string, Grant>
  readonly version: string
  /** Everything else in the policy. */
  readonly rest: string
}

function readContent({ Version = '2008-10-17', Statement, ...unknown }: PolicyDocument): Content {
  const statements = listStatements({ Statement })
  const isWhole = statements.length === (Array.isArray(Statement) ? Statement.length : 1)
  const grants = new Map(statements.flatMap(listGrants).map((grant) => [grant.key, grant]))
  return {
    grants,
    version: typeof Version === 'string' ? Version : canonicalJson(Version),
    rest: canonicalJson([unknown, isWhole ? null : Statement]),
  }
}

/** Joins grants that differ only in their actions, and then those that differ only in their resources. */
function describeGrants(grants: readonly Grant[], say: (verb: string) => string, condition = 'a condition'): string[] {
  const tailOf = ({ terms, conditionKeys: keys }: Grant): string =>
    [terms, keys === '' ? '' : `under ${condition} on ${keys}`].filter((part) => part !== '').join(' ')
  const groups = groupBy(grants, (grant) => canonicalJson([grant.effect, grant.resource, tailOf(grant)]))
  const lines = groups.map(([first, ...more]) => ({
    verb: say(toVerb(first.effect)),
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

function toVerb(effect: unknown): string {
  return effect === 'Allow' ? 'allows' : effect === 'Deny' ? 'denies' : 'does something unknown with'
}

/** One action on one resource that a statement allows or denies. A list of exceptions (`NotAction`) stays whole. */
interface Grant {
  /** The same for grants that mean the same. */
  readonly key: string
  /** The same for grants that mean the same except for the values of conditions. */
  readonly outline: string
  readonly effect: unknown
  /** As written. */
  readonly action: string
  /** As written. */
  readonly resource: string
  /** Principals and unknown members, as text. May be empty. */
  readonly terms: string
  /** Names of condition keys. May be empty. */
  readonly conditionKeys: string
}

/**
 * Splits a statement into one grant for each action and resource, which means the same. `Sid` is left out. Members that are
 * not known here are part of every grant.
 */
function listGrants({ Sid: _, ...statement }: PolicyDocument): Grant[] {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition, ...unknown } = statement
  const conditions = canonicalJson(canonicalCondition(Condition))
  const others = [Effect, canonicalPrincipal(Principal, true), canonicalPrincipal(NotPrincipal, false), unknown]
  const rest = canonicalJson(others)
  const terms = [
    ...(Principal === undefined ? [] : [`for ${listPrincipals(Principal)}`]),
    ...(NotPrincipal === undefined ? [] : [`for all but ${listPrincipals(NotPrincipal)}`]),
    ...(Object.keys(unknown).length === 0 ? [] : [`with ${Object.keys(unknown).join(', ')}`]),
  ].join(' ')
  const conditionKeys = listConditionKeys(Condition)
  const actions = listParts(Action, NotAction, (text) => text.toLowerCase())
  const resources = listParts(Resource, NotResource, (text) => text)
  return actions.flatMap((action) =>
    resources.map((resource): Grant => {
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

function listParts(element: unknown, except: unknown, fold: (text: string) => string): Part[] {
  const texts = except === undefined ? toTexts(element) : undefined
  if (texts) return texts.map((text) => ({ key: canonicalJson(['is', fold(text)]), text }))
  const excluded = element === undefined ? toTexts(except) : undefined
  if (excluded) {
    const key = canonicalJson(['not', [...new Set(excluded.map(fold))].sort()])
    return [{ key, text: `all but ${excluded.join(', ')}` }]
  }
  const isAbsent = element === undefined && except === undefined
  return [{ key: canonicalJson(['other', element, except]), text: isAbsent ? '' : 'something unknown' }]
}

function listPrincipals(principal: unknown): string {
  if (!isJsonObject(principal)) return typeof principal === 'string' ? principal : 'someone unknown'
  return Object.values(principal)
    .flatMap((names) => toTexts(names) ?? 'someone unknown')
    .join(', ')
}

function listConditionKeys(condition: unknown): string {
  if (condition === undefined) return ''
  if (!isJsonObject(condition)) return 'something unknown'
  const keys = Object.values(condition).flatMap((tests) => (isJsonObject(tests) ? Object.keys(tests) : []))
  return [...new Set(keys)].join(', ')
}
