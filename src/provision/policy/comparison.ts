import type { PolicyDocument } from '../../aws/index.ts'
import { type Atom, atomsOf } from './grants.ts'
import { canonicalJson, statementsOf } from './documents.ts'

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
