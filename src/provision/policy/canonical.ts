import { isJsonObject } from '../../encoding.ts'
import { textsOf } from './policy-document.ts'

/** JSON whose members stand in order, so that equal values have equal texts. Undefined members count as absent. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(ordered(value))
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  // Apart from null, which IAM refuses where it takes nothing at all.
  if (value === undefined) return { absent: true }
  if (!isJsonObject(value)) return value
  // Pairs, since an object would put keys that are numbers first, and takes no `__proto__`.
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return { members: members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, ordered(member)]) }
}

/**
 * A principal, as IAM takes it: lists in any order, an account's id for the ARN of its root and the reverse, and, in
 * `Principal` only, `*` for `{ "AWS": "*" }` ("AWS JSON policy elements: Principal"). No two partitions share an account.
 */
export function canonicalPrincipal(principal: unknown, isPositive: boolean): unknown {
  if (isPositive && principal === '*') return canonicalPrincipal({ AWS: '*' }, true)
  if (!isJsonObject(principal)) return principal
  return Object.entries(principal)
    .map(([type, names]) => [type, canonicalNames(type, names)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function canonicalNames(type: string, names: unknown): unknown {
  const texts = textsOf(names)
  if (!texts) return ['other', names]
  const account = (name: string) => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1] ?? name
  return ['names', [...new Set(type === 'AWS' ? texts.map(account) : texts)].sort()]
}

/**
 * A condition block: operators and keys in any order, keys without regard to case, values as a set of texts, for IAM takes
 * `true` and `1` for `"true"` and `"1"`. Undefined where nothing is asked.
 */
export function canonicalCondition(condition: unknown): unknown {
  if (!isJsonObject(condition)) return condition
  const operators = Object.entries(condition)
  if (operators.length === 0) return undefined
  return operators
    .map(([operator, tests]) => [operator, isJsonObject(tests) ? canonicalTests(tests) : ['other', tests]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function canonicalTests(tests: Record<string, unknown>): string[] {
  return Object.entries(tests)
    .map(([key, values]) => canonicalJson([key.toLowerCase(), canonicalValues(values)]))
    .sort()
}

function canonicalValues(values: unknown): unknown {
  const list: unknown[] = Array.isArray(values) ? values : [values]
  const isPlain = list.every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  return isPlain ? ['values', [...new Set(list.map(String))].sort()] : ['other', values]
}
