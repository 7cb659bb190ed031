import { constraintsText } from './constraints.generated.ts'
import { memberName } from './input.ts'
import { compareText, isObject, type JsonObject } from './json.ts'
import { invalidParameter, ServiceError } from './operation.ts'

/** A shape of a service model, in short: the first letters of its type, and what it demands. */
interface Shape {
  readonly t: 'st' | 'li' | 'ma' | 'in' | 'lo' | 'bo' | 'ti' | 'bl' | 'do' | 'fl'
  /** Whether AWS keeps the value out of messages. */
  readonly x?: 1
  readonly min?: number
  readonly max?: number
  /** The pattern of a text. */
  readonly p?: string
  /** The values of an enumeration. */
  readonly e?: readonly string[]
  /** Members that have to be there. */
  readonly r?: readonly string[]
  /** The shapes of members, by name: a structure's. */
  readonly m?: Readonly<Record<string, string>>
  /** The shape of a list's items. */
  readonly i?: string
  /** The shapes of a map's keys and values. */
  readonly k?: string
  readonly v?: string
}

interface Table {
  readonly inputs: Readonly<Record<string, string>>
  readonly shapes: Readonly<Record<string, Shape>>
}

/**
 * Says what the service model finds wrong with an input: all of it in one InvalidParameterException, as AWS writes it, or
 * a value of the wrong type, which AWS cannot even read. What the model does not know is left to the operation.
 */
export type CheckInput = (service: string, operation: string, input: JsonObject) => ServiceError | undefined

/** The check of all operations that the models know. */
export function createInputCheck(): CheckInput {
  const tables: Readonly<Record<string, Table>> = JSON.parse(constraintsText)
  const patterns = new Map<string, RegExp>()
  return (service, operation, input) => {
    const table = tables[service]
    const name = table !== undefined && Object.hasOwn(table.inputs, operation) ? table.inputs[operation] : undefined
    const shape = name === undefined ? undefined : table?.shapes[name]
    if (table === undefined || shape === undefined) return undefined
    const isForm = service === 'iam' || service === 'sts'
    const unreadable = isForm ? undefined : typeFault(input, shape, table.shapes)
    if (unreadable !== undefined) return new ServiceError('SerializationException', unreadable)
    const faults = faultsIn(input, '', shape, { shapes: table.shapes, patterns, isForm })
    if (faults.length === 0) return undefined
    if (faults.length === 1 && isForm) return invalidParameter(asIamName(faults[0] ?? ''))
    return invalidParameter(detected(faults))
  }
}

function detected(faults: readonly string[]): string {
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`
  return `${count} detected: ${faults.join('; ')}`
}

/** IAM says it in words where the one fault is a character of a name. */
function asIamName(fault: string): string {
  const [, member] =
    /^Value '.*' at '(\w+Name)' failed to satisfy constraint: Member must satisfy regular expression pattern: \[\\w\+=,\.@-\]\+$/s.exec(
      fault,
    ) ?? []
  if (member === undefined) return detected([fault])
  return `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`
}

/** The first value of the wrong type, in AWS's words, which do not say where it is. */
function typeFault(value: unknown, shape: Shape, shapes: Table['shapes']): string | undefined {
  if (value === null || value === undefined) return undefined
  const isList = Array.isArray(value)
  if (shape.m !== undefined || shape.v !== undefined) {
    if (isList) return 'Start of list found where not expected'
    if (!isObject(value)) return shape.m === undefined ? 'Expected map or null' : 'Expected structure or null'
    return firstOf(Object.entries(value), ([name, member]) => {
      const inner = shape.m === undefined ? shape.v : Object.hasOwn(shape.m, name) ? shape.m[name] : undefined
      const next = inner === undefined ? undefined : shapes[inner]
      return next && typeFault(member, next, shapes)
    })
  }
  if (shape.i !== undefined) {
    const item = shapes[shape.i]
    if (!isList) return 'Expected list or null'
    return item && firstOf(value, (one) => typeFault(one, item, shapes))
  }
  const wanted: Readonly<Record<string, string>> = { st: 'String', in: 'Integer', lo: 'Long', bo: 'Boolean' }
  const type = wanted[shape.t]
  if (type === undefined) return undefined
  if (isList) return 'Start of list found where not expected'
  if (isObject(value)) return 'Start of structure or map found where not expected.'
  const given = { string: 'STRING_VALUE', number: 'NUMBER_VALUE', boolean: value ? 'TRUE_VALUE' : 'FALSE_VALUE' }
  const fits = { String: 'string', Integer: 'number', Long: 'number', Boolean: 'boolean' }[type]
  const kind = typeof value
  if (kind === fits || !(kind in given)) return undefined
  return `${given[kind as keyof typeof given]} can not be converted to ${type === 'Integer' ? 'an' : 'a'} ${type}`
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

interface Reading {
  readonly shapes: Readonly<Record<string, Shape>>
  readonly patterns: Map<string, RegExp>
  /** In forms numbers are text, and an empty text is an empty list. */
  readonly isForm: boolean
}

function faultsIn(value: unknown, path: string, shape: Shape, reading: Reading): string[] {
  const own = constraintsBroken(value, shape, reading).map((constraint) => fault(value, path, shape, constraint))
  if (shape.m !== undefined && isObject(value)) return membersIn(value, path, shape, reading)
  if (shape.i !== undefined && Array.isArray(value)) return [...own, ...itemsIn(value, path, shape, reading)]
  if (shape.v === undefined || !isObject(value)) return own
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined)
  const broken = (kind: 'keys' | 'value', name: string, texts: readonly unknown[]) => {
    const inner = reading.shapes[name]
    const constraints =
      inner && texts.map((text) => constraintsBroken(text, inner, reading)).find(({ length }) => length)
    return constraints
      ? [fault(value, path, shape, `Map ${kind} must satisfy constraint: [${constraints.join(', ')}]`)]
      : []
  }
  return [
    ...own,
    ...broken(
      'keys',
      shape.k ?? '',
      entries.map(([key]) => key),
    ),
    ...broken(
      'value',
      shape.v,
      entries.map(([, item]) => item),
    ),
  ]
}

/** Members in the order of their names. */
function membersIn(value: JsonObject, path: string, { m = {}, r = [] }: Shape, reading: Reading): string[] {
  return Object.entries(m)
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([name, shapeName]) => {
      const at = path === '' ? memberName(name) : `${path}.${memberName(name)}`
      const member = value[name] ?? undefined
      const shape = reading.shapes[shapeName]
      if (member !== undefined) return shape === undefined ? [] : faultsIn(member, at, shape, reading)
      return r.includes(name) ? [`Value null at '${at}' failed to satisfy constraint: Member must not be null`] : []
    })
}

/** Structures are named one by one; of plain items the whole list is. */
function itemsIn(list: readonly unknown[], path: string, shape: Shape, reading: Reading): string[] {
  const item = reading.shapes[shape.i ?? '']
  if (item === undefined) return []
  if (item.m !== undefined) {
    return list.flatMap((one, index) => faultsIn(one, `${path}.${index + 1}.member`, item, reading))
  }
  const broken = list.map((one) => constraintsBroken(one, item, reading)).find(({ length }) => length > 0)
  if (broken === undefined) return []
  const whole = { ...shape, ...(item.x && { x: item.x }) }
  return [fault(list, path, whole, `Member must satisfy constraint: [${broken.join(', ')}]`)]
}

function constraintsBroken(value: unknown, shape: Shape, { patterns, isForm }: Reading): string[] {
  const { t, min, max, p, e } = shape
  if (t === 'in' || t === 'lo') {
    const number = isForm && typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number') return []
    return [
      ...(min !== undefined && number < min ? [`Member must have value greater than or equal to ${min}`] : []),
      ...(max !== undefined && number > max ? [`Member must have value less than or equal to ${max}`] : []),
    ]
  }
  const size = measure(value)
  if (size === undefined || (t === 'st' && typeof value !== 'string')) return []
  const isText = typeof value === 'string'
  return [
    ...(min !== undefined && size < min ? [`Member must have length greater than or equal to ${min}`] : []),
    ...(max !== undefined && size > max ? [`Member must have length less than or equal to ${max}`] : []),
    ...(p !== undefined && isText && !matches(p, value, patterns)
      ? [`Member must satisfy regular expression pattern: ${p}`]
      : []),
    ...(e !== undefined && isText && !e.includes(value)
      ? [`Member must satisfy enum value set: [${e.join(', ')}]`]
      : []),
  ]
}

function measure(value: unknown): number | undefined {
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : undefined
}

function matches(pattern: string, value: string, patterns: Map<string, RegExp>): boolean {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 'u')
  patterns.set(pattern, known)
  return known.test(value)
}

function fault(value: unknown, path: string, shape: Shape, constraint: string): string {
  const shown = shape.x ? '' : ` '${written(value)}'`
  return `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`
}

/** As Java writes lists and maps. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (!isObject(value)) return String(value)
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}=${written(item)}`)
    .join(', ')}}`
}
