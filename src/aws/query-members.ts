import { isJsonObject } from '../encoding.ts'

/** Which members of outputs are no texts or structures, by name: XML does not tell. */
export interface MemberTypes {
  readonly lists: readonly string[]
  readonly numbers: readonly string[]
  readonly flags: readonly string[]
  readonly times: readonly string[]
}

type Members = Readonly<Record<string, unknown>>

/** Gives members the types that their names promise, whether they came in JSON or in XML. Throws where one has another. */
export function createTyping({
  lists,
  numbers,
  flags,
  times,
}: MemberTypes): (members: Members) => Record<string, unknown> {
  const typed = (members: Members): Record<string, unknown> => {
    const entries = Object.entries(members).map(([name, value]) => [name, memberOf(name, value)] as const)
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }
  const itemOf = (value: unknown) => (isJsonObject(value) ? typed(value) : value)
  const memberOf = (name: string, value: unknown): unknown => {
    if (lists.includes(name)) return listIn(value).map(itemOf)
    if (value === null) return undefined
    if (numbers.includes(name)) return value === '' ? undefined : numberIn(value)
    if (flags.includes(name)) return flagIn(value)
    return times.includes(name) ? timeIn(value) : itemOf(value)
  }
  return typed
}

/** A list is an array, an object whose `member` is one, or nothing where it is empty. */
function listIn(value: unknown): readonly unknown[] {
  if (value === null || value === '') return []
  const items = isJsonObject(value) ? (value['member'] ?? []) : value
  if (!Array.isArray(items)) throw new TypeError('no list')
  return items
}

function numberIn(value: unknown): number {
  const number = typeof value === 'string' ? +value : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new TypeError('no number')
  return number
}

function flagIn(value: unknown): boolean {
  const text = `${value}`
  if (text !== 'true' && text !== 'false') throw new TypeError('neither true nor false')
  return text === 'true'
}

/** Seconds since the epoch, of a number, a number's text or an ISO 8601 text; undefined for anything else. */
function timeIn(value: unknown): number | undefined {
  const text = `${value}`.trim()
  const seconds = /^\d+(\.\d+)?$/.test(text) ? +text : Date.parse(text) / 1000
  return Number.isNaN(seconds) ? undefined : seconds
}
