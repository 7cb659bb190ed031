import type { JsonObject } from '../json.ts'
import { attributeNameRules, type TextRules } from './rules.ts'
import { choice, flag, integer, isNull, listOf, mapOf, memberName, type Reader, structure, text } from './shape.ts'

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
