import type { JsonObject } from '../json.ts'
import type { Handler, Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import { readOptional, readText } from '../cognito-idp/input.ts'
import type { TextRules } from '../cognito-idp/rules.ts'
import { integer, isNull, listOf, type Reader, structure, text } from '../cognito-idp/shape.ts'

/** Handlers whose input is a form: where it breaks the service model, the refusal has the name that Query services use. */
export function inQueryWords(operations: Readonly<Record<string, Handler>>): Operations {
  return Object.fromEntries(Object.entries(operations).map(([name, handler]) => [name, reword(handler)]))
}

function reword(handler: Handler): Handler {
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
