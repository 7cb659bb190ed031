import { isJsonObject } from './encoding.ts'

/** JSON with its members in order, so that equal values have equal texts. Undefined members count as absent. */
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

/** Whether two JSON values are equal, but for the order of members. Undefined members count as absent. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
