import { isObject, type JsonObject } from '../json.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'

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

/** Role ARNs of groups. */
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

/** What is wrong with a text, in the words of AWS's validation; undefined where it is right. */
export function textFault(text: string, { min = 0, max, pattern }: TextRules): string | undefined {
  const length = [...text].length
  if (length < min) return `Member must have length greater than or equal to ${min}`
  if (max !== undefined && length > max) return `Member must have length less than or equal to ${max}`
  if (pattern !== undefined && !pattern.test(text)) return 'Member must satisfy regular expression pattern'
  return undefined
}

/** A text member that must be there. */
export function readText(input: JsonObject, name: string, rules: TextRules): string {
  const text = readOptionalText(input, name, rules)
  if (text === undefined) throw violation(name, 'Member must not be null')
  return text
}

/** A text member that may be absent or null. */
export function readOptionalText(input: JsonObject, name: string, rules: TextRules): string | undefined {
  const value = input[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw wrongType(name)
  const fault = textFault(value, rules)
  if (fault !== undefined) throw violation(name, fault)
  return value
}

/** A whole number that may be absent or null. */
export function readOptionalInteger(
  input: JsonObject,
  name: string,
  { min, max }: { readonly min: number; readonly max?: number },
): number | undefined {
  const value = input[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name)
  if (value < min) throw violation(name, `Member must have value greater than or equal to ${min}`)
  if (max !== undefined && value > max) throw violation(name, `Member must have value less than or equal to ${max}`)
  return value
}

/** A boolean that may be absent or null: then false. */
export function readFlag(input: JsonObject, name: string): boolean {
  const value = input[name] ?? false
  if (typeof value !== 'boolean') throw wrongType(name)
  return value
}

/** One of some texts; may be absent or null. */
export function readChoice<T extends string>(input: JsonObject, name: string, choices: readonly T[]): T | undefined {
  const text = readOptionalText(input, name, {})
  if (text === undefined) return undefined
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw violation(name, `Member must satisfy enum value set: [${choices.join(', ')}]`)
  return choice
}

/** A list; absent or null is undefined. */
export function readOptionalList(input: JsonObject, name: string): readonly unknown[] | undefined {
  const value = input[name] ?? undefined
  if (value !== undefined && !Array.isArray(value)) throw wrongType(name)
  return value
}

/** An `AttributeListType`: name and value of each, the last of a name counts. */
export function readAttributes(input: JsonObject, name: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const item of readOptionalList(input, name) ?? []) {
    if (!isObject(item)) throw wrongType(name)
    attributes.set(readText(item, 'Name', attributeNameRules()), readOptionalText(item, 'Value', { max: 2048 }) ?? '')
  }
  return attributes
}

function violation(name: string, constraint: string): ServiceError {
  const member = name.charAt(0).toLowerCase() + name.slice(1)
  return invalidParameter(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  )
}

function wrongType(name: string): ServiceError {
  return new ServiceError('SerializationException', `${name} is of the wrong type.`)
}
