import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { type TextRules, textFault } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'

/** Throws ConfigurationError that names the path of the option. */
export function refuse(path: string, message: string): never {
  throw new ConfigurationError(`${path}: ${message}`)
}

/** A text by Cognito's rules. */
export function checkText(path: string, value: unknown, rules: TextRules): string {
  if (typeof value !== 'string') refuse(path, 'expected a text.')
  const fault = textFault(value, rules)
  if (fault !== undefined) refuse(path, `${fault}.`)
  return value
}

/** A text by Cognito's rules, or undefined. */
export function checkOptionalText(path: string, value: unknown, rules: TextRules): string | undefined {
  return value === undefined ? undefined : checkText(path, value, rules)
}

/** A boolean, or undefined: then `fallback`. */
export function checkFlag(path: string, value: unknown, fallback: boolean): boolean {
  const flag = value ?? fallback
  if (typeof flag !== 'boolean') refuse(path, 'expected true or false.')
  return flag
}

/** A whole number of at least `min`, or undefined. */
export function checkOptionalInteger(path: string, value: unknown, min: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    refuse(path, `expected a whole number of at least ${min}.`)
  }
  return value
}

/** One of some texts, or undefined: then `fallback`. */
export function checkChoice<T extends string>(path: string, value: unknown, choices: readonly T[], fallback: T): T {
  if (value === undefined) return fallback
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) refuse(path, `expected one of ${choices.join(', ')}.`)
  return choice
}

/** An object that is not an array. */
export function checkObject(path: string, value: unknown): JsonObject {
  if (!isObject(value)) refuse(path, 'expected an object.')
  return value
}

/** An array, or undefined: then an empty one. */
export function checkList(path: string, value: unknown): readonly unknown[] {
  const list = value ?? []
  if (!Array.isArray(list)) refuse(path, 'expected an array.')
  return list
}

/** Throws for members of an object that are no options. `hints` say what is meant by names of elsewhere. */
export function checkMembers(
  path: string,
  value: JsonObject,
  members: readonly string[],
  hints: Readonly<Record<string, string>> = {},
): void {
  checkOptions<JsonObject>(path, value, members, hints)
}
