import { createMap, isObject, type JsonObject } from '../json.ts'

/** What a form holds while it is read: a text, or members by name. */
interface Members {
  [name: string]: string | Members
}

/** More than the parameters of IAM and STS need. */
const maxDepth = 8

/**
 * The input that a form of AWS's Query protocol stands for: `Tags.member.1.Key=a` is `{ Tags: [{ Key: 'a' }] }`, in
 * the order of the numbers, and an empty list is an empty text. Values stay texts. Undefined where a name comes twice,
 * or both as a value and with members, or lies deeper than any parameter of AWS.
 */
export function decodeForm(form: URLSearchParams): JsonObject | undefined {
  const root: Members = createMap()
  for (const [name, value] of form) {
    const path = name.split('.')
    const last = path.pop() ?? ''
    const parent = path.length > maxDepth ? undefined : descend(root, path)
    if (parent === undefined || parent[last] !== undefined) return undefined
    parent[last] = value
  }
  return objectOf(root)
}

function descend(root: Members, path: readonly string[]): Members | undefined {
  let at = root
  for (const name of path) {
    const next = at[name] ?? createMap()
    if (typeof next === 'string') return undefined
    at[name] = next
    at = next
  }
  return at
}

function objectOf(members: Members): JsonObject {
  return createMap(Object.entries(members).map(([name, member]) => [name, memberValue(member)]))
}

function memberValue(member: string | Members): unknown {
  if (typeof member === 'string') return member
  const items = member['member']
  const isList = isObject(items) && Object.keys(member).length === 1
  if (!isList || !Object.keys(items).every((name) => /^[1-9]\d{0,5}$/.test(name))) return objectOf(member)
  return Object.keys(items)
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => memberValue(items[name] ?? ''))
}
