import { isObject, type JsonObject } from '../json.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import { anyTextRules, type TextRules, textFault } from './rules.ts'

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

/** A map from text to text. */
export function mapOf(key: Reader<string>, item: Reader<string>): Reader<Readonly<Record<string, string>>> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path)
    const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
    return Object.fromEntries(
      entries.map(([name, member]) => [key(name, `${path}.key`), item(member, `${path}.${name}.member`)]),
    )
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
