import {
  integer,
  isNull,
  listOf,
  type Reader,
  readOptional,
  readOptionalText,
  readText,
  structure,
  text,
  type TextRules,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Handler, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'

/** Handlers whose input is a form: where it breaks the service model, the refusal has the name that Query services use. */
export function inQueryWords(operations: Readonly<Record<string, Handler>>): Operations {
  return Object.fromEntries(Object.entries(operations).map(([name, handler]) => [name, reword(handler)]))
}

/** The same for one handler. */
export function reword(handler: Handler): Handler {
  return (state, input, context) => {
    try {
      return handler(state, input, context)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      const { code, message, status } = error
      if (code === 'InvalidParameterException') throw new ServiceError('ValidationError', message, status)
      if (code === 'SerializationException') throw new ServiceError('MalformedInput', message, status)
      throw error
    }
  }
}

/** A whole number, written in decimal. */
export function readWhole(
  input: JsonObject,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const whole = integer(bounds)
  return readOptional(input, name, (value, path) => {
    return whole(typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value, path)
  })
}

/** A list, which is an empty text when it is empty; undefined where it is absent. */
export function readList<T>(input: JsonObject, name: string, item: Reader<T>, max: number): readonly T[] | undefined {
  const list = listOf(item, max)
  return readOptional(input, name, (value, path) => list(value === '' ? [] : value, path))
}

/** Tags by key, at most 50; undefined where they are absent. */
export function readTags(input: JsonObject): ReadonlyMap<string, string> | undefined {
  const tag = structure({ Key: text(tagKeyRules()), Value: text(tagValueRules()) }, ['Key', 'Value'])
  const list = readList(input, 'Tags', tag, 50)
  if (list === undefined) return undefined
  const tags = new Map(list.map(({ Key, Value }) => [String(Key), String(Value)]))
  const keys = list.map(({ Key }) => String(Key))
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if (keys.some((key) => /^aws:/i.test(key))) throw invalidInput('System tags cannot be added.')
  return tags
}

/** Keys of tags to take away. */
export function readTagKeys(input: JsonObject): readonly string[] {
  const keys = readList(input, 'TagKeys', text(tagKeyRules()), 50)
  if (keys === undefined) throw isNull('tagKeys')
  return keys
}

/** The text of a policy. */
export function readDocument(input: JsonObject, name: 'AssumeRolePolicyDocument' | 'PolicyDocument'): string {
  return readText(input, name, { min: 1, max: 131_072, pattern: /^[\t\n\r\u0020-\u00ff]+$/ })
}

/** Names of roles, of at most 64 characters; those of policies have 128. */
export function iamNameRules(max: number): TextRules {
  return { min: 1, max, pattern: /^[\w+=,.@-]+$/ }
}

/** Paths of roles, users, groups and policies. */
export function pathRules(): TextRules {
  return { min: 1, max: 512, pattern: /^\/(?:[!-~]+\/)?$/ }
}

/** Paths of managed policies, which have fewer characters. */
export function policyPathRules(): TextRules {
  return { min: 1, max: 512, pattern: /^(?:\/[A-Za-z0-9.,+@=_-]+)*\/$/ }
}

/** Beginnings of paths, which lists can be narrowed to. */
export function pathPrefixRules(): TextRules {
  return { min: 1, max: 512, pattern: /^\/[!-\u007f]*$/ }
}

/** A flag of a form: `true` or `false`, in any case. */
export function readFormFlag(input: JsonObject, name: string): boolean | undefined {
  return readOptional(input, name, (value, path) => {
    const text = String(value).toLowerCase()
    if (text === 'true' || text === 'false') return text === 'true'
    throw new ServiceError('MalformedInput', `The value at '${path}' is neither true nor false.`)
  })
}

/** InvalidInput, IAM's answer to input that is of the right form but makes no sense. */
export function invalidInput(message: string): ServiceError {
  return new ServiceError('InvalidInput', message)
}

function tagKeyRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u }
}

function tagValueRules(): TextRules {
  return { max: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u }
}

/** A page of IAM, and the members that say whether there is another. */
export interface IamPage<T> {
  readonly items: readonly T[]
  readonly more: JsonObject
}

/**
 * The page that `Marker` and `MaxItems` (1 to 1000, default 100) ask for, in the order of the keys. A marker is good
 * for one operation. Keys are short, since markers have at most 320 characters.
 */
export function readMarkedPage<T>(
  input: JsonObject,
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: readonly string[],
): IamPage<T> {
  const limit = readWhole(input, 'MaxItems', { min: 1, max: 1000 }) ?? 100
  const marker = readOptionalText(input, 'Marker', { min: 1, max: 320, pattern: /^[\u0020-\u00ff]+$/ })
  const rules = { token: 'NextToken', limit: 'Limit', max: 1000, scope } as const
  const page = readPage({ NextToken: marker, Limit: limit }, items, keyOf, rules)
  const next = page.next['NextToken']
  return { items: page.items, more: { IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) } }
}

/** Items that have no short key of their own, by their place. */
export function readNumberedPage<T>(input: JsonObject, items: readonly T[], scope: readonly string[]): IamPage<T> {
  const numbered = items.map((item, index) => ({ item, key: String(index).padStart(6, '0') }))
  const { items: page, more } = readMarkedPage(input, numbered, ({ key }) => key, scope)
  return { items: page.map(({ item }) => item), more }
}

/** How many characters of a policy IAM counts: all but white space. */
export function sizeOf(text: string): number {
  return text.replace(/\s/g, '').length
}
