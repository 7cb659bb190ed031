import { choice, flag, listOf, readOptional, structure, text } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { invalidParameter } from '../operation.ts'
import type { AttributeState, PoolState } from '../state/index.ts'

/** The attributes that every pool has (OpenID Connect Core section 5.1), beside `sub`. */
export function standardAttributes(): readonly string[] {
  return [
    'address',
    'birthdate',
    'email',
    'email_verified',
    'family_name',
    'gender',
    'given_name',
    'locale',
    'middle_name',
    'name',
    'nickname',
    'phone_number',
    'phone_number_verified',
    'picture',
    'preferred_username',
    'profile',
    'updated_at',
    'website',
    'zoneinfo',
  ]
}

/** Whether users of this pool can have the attribute. */
export function isInSchema(pool: Pick<PoolState, 'schema' | 'takesAnyAttribute'>, name: string): boolean {
  return findAttribute(pool, name) !== undefined
}

/** The attribute of this name; undefined where the pool has none. */
export function findAttribute(
  { schema, takesAnyAttribute }: Pick<PoolState, 'schema' | 'takesAnyAttribute'>,
  name: string,
): AttributeState | undefined {
  const own = schema[name]
  if (own !== undefined) return own
  if (name === 'identities' || name === 'sub' || standardAttributes().includes(name)) return standardAttribute(name)
  return takesAnyAttribute && isCustom(name) ? { name, type: 'String', isMutable: true } : undefined
}

/** The attributes of a pool by name: standard ones, then its own. */
export function listAttributes({ schema }: Pick<PoolState, 'schema'>): readonly AttributeState[] {
  const standard = ['sub', ...standardAttributes(), 'identities'].map((name) => schema[name] ?? standardAttribute(name))
  return [...standard, ...Object.values(schema).filter(({ name }) => isCustom(name))]
}

function standardAttribute(name: string): AttributeState {
  if (name.endsWith('_verified')) return { name, type: 'Boolean', isMutable: true }
  if (name === 'updated_at') return { name, type: 'Number', isMutable: true, min: '0' }
  if (name === 'birthdate') return { name, type: 'String', isMutable: true, min: '10', max: '10' }
  if (name === 'identities') return { name, type: 'String', isMutable: true }
  if (name === 'sub') return { name, type: 'String', isMutable: false, min: '1', max: '2048' }
  return { name, type: 'String', isMutable: true, min: '0', max: '2048' }
}

function isCustom(name: string): boolean {
  return /^(dev:)?custom:./s.test(name)
}

/** A `SchemaAttributeType`. */
export function describeAttribute(
  { name, type, isMutable, min, max }: AttributeState,
  requiredAttributes: readonly string[],
): JsonObject {
  return {
    Name: name,
    AttributeDataType: type,
    DeveloperOnlyAttribute: name.startsWith('dev:'),
    Mutable: isMutable,
    Required: name === 'sub' || requiredAttributes.includes(name),
    ...(type === 'String' && { StringAttributeConstraints: { MinLength: min, MaxLength: max } }),
    ...(type === 'Number' && { NumberAttributeConstraints: { MinValue: min, MaxValue: max } }),
  }
}

/** Cognito's quota of custom attributes in a pool. */
const maxCustom = 50

/**
 * The schema that `Schema` of CreateUserPool makes. Names that are no standard ones get `custom:` in front. Throws
 * InvalidParameterException for what Cognito does not take.
 */
export function readSchema(input: JsonObject): Pick<PoolState, 'schema' | 'requiredAttributes'> {
  const schema = createMap<AttributeState>()
  const required: string[] = []
  for (const item of readOptional(input, 'Schema', listOf(schemaShape())) ?? []) {
    const name = String(item['Name'] ?? '')
    const isStandard = standardAttributes().includes(name)
    if (isStandard) schema[name] = readStandard(name, item)
    else addCustom(schema, item)
    if (item['Required'] === true) required.push(name)
  }
  return { schema, requiredAttributes: required }
}

/** The schema with the custom attributes that AddCustomAttributes names. */
export function withCustomAttributes(
  held: PoolState['schema'],
  items: readonly JsonObject[],
): Record<string, AttributeState> {
  const schema = createMap<AttributeState>(Object.entries(held))
  for (const item of items) addCustom(schema, item)
  return schema
}

/** A `SchemaAttributeType` of an input. */
export function schemaShape() {
  return structure({
    Name: text(),
    AttributeDataType: choice(['String', 'Number', 'DateTime', 'Boolean']),
    DeveloperOnlyAttribute: flag(),
    Mutable: flag(),
    Required: flag(),
    NumberAttributeConstraints: structure({ MinValue: text(), MaxValue: text() }),
    StringAttributeConstraints: structure({ MinLength: text(), MaxLength: text() }),
  })
}

function addCustom(schema: Record<string, AttributeState>, item: JsonObject): void {
  const base = String(item['Name'] ?? '')
  const type = item['AttributeDataType']
  if (base === '') throw invalidParameter('Invalid schema attribute: it has no name.')
  if (type !== 'String' && type !== 'Number' && type !== 'DateTime' && type !== 'Boolean') {
    throw invalidParameter('Invalid AttributeDataType input, consider using the provided AttributeDataType enum.')
  }
  if (item['Required'] === true) throw invalidParameter('Required custom attributes are not supported currently.')
  const name = `${item['DeveloperOnlyAttribute'] === true ? 'dev:' : ''}custom:${base.replace(/^custom:/, '')}`
  if (schema[name] !== undefined) {
    throw invalidParameter(`custom:${base}: Existing attribute already has name ${name}.`)
  }
  if (Object.keys(schema).filter(isCustom).length >= maxCustom) {
    throw invalidParameter(`A user pool has at most ${maxCustom} custom attributes.`)
  }
  schema[name] = { name, type, isMutable: item['Mutable'] !== false, ...readLimits(name, type, item, {}) }
}

function readStandard(name: string, item: JsonObject): AttributeState {
  const standard = standardAttribute(name)
  const type = item['AttributeDataType'] ?? standard.type
  if (type !== standard.type || item['DeveloperOnlyAttribute'] === true) {
    throw invalidParameter(
      `You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute ${name}`,
    )
  }
  return { ...standard, isMutable: item['Mutable'] !== false, ...readLimits(name, standard.type, item, standard) }
}

function readLimits(
  name: string,
  type: AttributeState['type'],
  item: JsonObject,
  fallback: Pick<AttributeState, 'min' | 'max'>,
): Pick<AttributeState, 'min' | 'max'> {
  if (type !== 'String' && type !== 'Number') return {}
  const [member, low, high] =
    type === 'String'
      ? (['StringAttributeConstraints', 'MinLength', 'MaxLength'] as const)
      : (['NumberAttributeConstraints', 'MinValue', 'MaxValue'] as const)
  const constraints = item[member]
  if (!isObject(constraints)) return { min: fallback.min, max: fallback.max }
  const limit = (part: string) => {
    const value = constraints[part]
    if (value === undefined || value === '') return undefined
    if (typeof value === 'string' && /^-?\d+$/.test(value)) return value
    throw invalidParameter(`Invalid ${member} for schema attribute ${name}`)
  }
  const [min, max] = [limit(low), limit(high)]
  if (type === 'String' && (Number(min ?? 0) > 2048 || Number(max ?? 0) > 2048)) {
    throw invalidParameter(`user.${name}: String attributes cannot have a length of more than 2048`)
  }
  if (min !== undefined && max !== undefined && Number(min) > Number(max)) {
    const what = type === 'String' ? 'length' : 'value'
    throw invalidParameter(`user.${name}: Max ${what} cannot be less than min ${what}.`)
  }
  return { min, max }
}

/** What of an attribute's schema a value breaks; undefined where it conforms. Values are text, as the API has them. */
export function valueFault({ name, type, min, max }: AttributeState, value: string): string | undefined {
  switch (type) {
    case 'Boolean':
      return /^(true|false)$/i.test(value) ? undefined : 'The attribute value must be a boolean.'
    case 'Number': {
      if (!/^-?\d{1,18}$/.test(value)) return 'The attribute value must be a number.'
      const number = BigInt(value)
      if (min !== undefined && number < BigInt(min)) return `Number must not be less than ${min}.`
      return max !== undefined && number > BigInt(max) ? `Number must not be greater than ${max}.` : undefined
    }
    case 'DateTime':
      return Number.isNaN(Date.parse(value)) ? 'The attribute value must be a date.' : undefined
    default: {
      const { length } = [...value]
      if (name === 'birthdate' && length !== 10) return 'String must be 10 characters long.'
      if (min !== undefined && length < Number(min)) return `String must be at least ${min} characters long.`
      return max !== undefined && length > Number(max) ? `String must be at most ${max} characters long.` : undefined
    }
  }
}
