import { isObject, type JsonObject } from './json.ts'
import { invalidParameter, ServiceError } from './operation.ts'

/** A member that may be absent or null. */
export function readOptional<T>(input: JsonObject, name: string, reader: Reader<T>): T | undefined {
  const value = input[name] ?? undefined
  return value === undefined ? undefined : reader(value, memberName(name))
}

/** A member that must be there. */
export function readMember<T>(input: JsonObject, name: string, reader: Reader<T>): T {
  const value = readOptional(input, name, reader)
  if (value === undefined) throw isNull(memberName(name))
  return value
}

/** A text member that must be there. */
export function readText(input: JsonObject, name: string, rules: TextRules): string {
  return readMember(input, name, text(rules))
}

/** A text member that may be absent or null. */
export function readOptionalText(input: JsonObject, name: string, rules: TextRules): string | undefined {
  return readOptional(input, name, text(rules))
}

/** A whole number that may be absent or null. */
export function readOptionalInteger(
  input: JsonObject,
  name: string,
  bounds: { readonly min: number; readonly max?: number },
): number | undefined {
  return readOptional(input, name, integer(bounds))
}

/** A boolean that may be absent or null: then false. */
export function readFlag(input: JsonObject, name: string): boolean {
  return readOptional(input, name, flag()) ?? false
}

/** One of some texts; may be absent or null. */
export function readChoice<const T extends string>(
  input: JsonObject,
  name: string,
  choices: readonly T[],
): T | undefined {
  return readOptional(input, name, choice(choices))
}

/** An `AttributeListType`: name and value of each, the last of a name counts. Absent values are empty. */
export function readAttributes(input: JsonObject, name: string): ReadonlyMap<string, string> {
  const attribute = structure({ Name: text(attributeNameRules()), Value: text({ max: 2048 }) }, ['Name'])
  const list = readOptional(input, name, listOf(attribute)) ?? []
  return new Map(list.map(({ Name, Value = '' }) => [String(Name), String(Value)]))
}

/** A map from text to text, such as `ClientMetadata`; absent or null is empty. */
export function readTexts(input: JsonObject, name: string): Readonly<Record<string, string>> {
  return readOptional(input, name, mapOf(text(), text())) ?? {}
}

/** `ClientMetadata`, for triggers; undefined where there is none. */
export function readMetadata(input: JsonObject): Readonly<Record<string, string>> | undefined {
  return readOptional(input, 'ClientMetadata', mapOf(text(), text()))
}

/** What Cognito's service model demands of a text. Lengths are in code points. */
export interface TextRules {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
}

/** User and group names: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, at most 128. */
export function nameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u }
}

/** Role ARNs of groups, and other ARNs. */
export function arnRules(): TextRules {
  return {
    min: 20,
    max: 2048,
    pattern: /^arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?$/,
  }
}

/** Names of user attributes. */
export function attributeNameRules(): TextRules {
  return { min: 1, max: 32, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+$/u }
}

/** Passwords, whatever the pool's policy says beyond. */
export function passwordRules(): TextRules {
  return { max: 256, pattern: /^\S+$/ }
}

/** Ids of app clients. Cognito's have 26 characters. */
export function clientIdRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w+]+$/ }
}

/** Names of app clients. */
export function clientNameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }
}

/** Names of identity providers that are there; new ones have rules of their own. */
export function providerNameRules(): TextRules {
  return { min: 1, max: 32, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+$/u }
}

/** A scope token (RFC 6749 section 3.3). */
export function scopeRules(): TextRules {
  return { min: 1, max: 256, pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/ }
}

/** Values for which the service model sets no bounds of its own. */
export function anyTextRules(): TextRules {
  return { max: 131_072 }
}

/** What is wrong with a text, as AWS's validation reports it. Undefined if nothing is. */
export function textFault(text: string, { min = 0, max, pattern }: TextRules): string | undefined {
  const length = [...text].length
  if (length < min) return `Member must have length greater than or equal to ${min}`
  if (max !== undefined && length > max) return `Member must have length less than or equal to ${max}`
  if (pattern !== undefined && !pattern.test(text)) return 'Member must satisfy regular expression pattern'
  return undefined
}

/**
 * Reads a value that is there, and throws a ServiceError where it breaks the service model. `path` is its place in the
 * input as AWS's validation writes it, such as `userAttributes.1.member.name`.
 */
export type Reader<T> = (value: unknown, path: string) => T

/** A text by these rules. */
export function text(rules: TextRules = anyTextRules()): Reader<string> {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path)
    const fault = textFault(value, rules)
    if (fault !== undefined) throw violation(path, fault)
    return value
  }
}

/** A whole number. */
export function integer({ min, max }: { readonly min: number; readonly max?: number }): Reader<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(path)
    if (value < min) throw violation(path, `Member must have value greater than or equal to ${min}`)
    if (max !== undefined && value > max) throw violation(path, `Member must have value less than or equal to ${max}`)
    return value
  }
}

/** A boolean. */
export function flag(): Reader<boolean> {
  return (value, path) => {
    if (typeof value !== 'boolean') throw wrongType(path)
    return value
  }
}

/** One of some texts. */
export function choice<const T extends string>(choices: readonly T[]): Reader<T> {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path)
    const chosen = choices.find((candidate) => candidate === value)
    if (chosen === undefined) throw violation(path, `Member must satisfy enum value set: [${choices.join(', ')}]`)
    return chosen
  }
}

/** A list of at most `max` items. */
export function listOf<T>(item: Reader<T>, max = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrongType(path)
    if (value.length > max) throw violation(path, `Member must have length less than or equal to ${max}`)
    return value.map((member, index) => {
      const at = `${path}.${index + 1}.member`
      if (member === null || member === undefined) throw isNull(at)
      return item(member, at)
    })
  }
}

/** A map from text to values of one kind. */
export function mapOf<T>(key: Reader<string>, item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path)
    const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
    return Object.fromEntries(
      entries.map(([name, member]) => [key(name, `${path}.key`), item(member, `${path}.${name}.member`)]),
    )
  }
}

/** An object of any members, as it is. */
export function anyObject(): Reader<JsonObject> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path)
    return value
  }
}

/** An object. Members that are absent or null stay away; those that the model does not know are left out. */
export function structure(
  members: Readonly<Record<string, Reader<unknown>>>,
  required: readonly string[] = [],
): Reader<JsonObject> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path === '' ? 'input' : path)
    const read = Object.entries(members).flatMap(([name, reader]): [string, unknown][] => {
      const at = path === '' ? memberName(name) : `${path}.${memberName(name)}`
      const member = value[name] ?? undefined
      if (member !== undefined) return [[name, reader(member, at)]]
      if (required.includes(name)) throw isNull(at)
      return []
    })
    return Object.fromEntries(read)
  }
}

/** A member's name as AWS's validation writes it. */
export function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** The refusal of a member that must be there and is not. */
export function isNull(path: string): ServiceError {
  return invalidParameter(
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  )
}

function violation(path: string, constraint: string): ServiceError {
  return invalidParameter(`1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint}`)
}

function wrongType(path: string): ServiceError {
  return new ServiceError('SerializationException', `The value at '${path}' is of the wrong type.`)
}
