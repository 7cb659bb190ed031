import type { AttributeType } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'

/** A user's attributes by name. Values are text, as in the directory: `'true'` stays a text. */
export type Attributes = { readonly [name: string]: string }

/** Our names of attributes to Cognito's, such as `{ tier: 'custom:tier' }`. Attributes not named keep their names. */
export type AttributeMap = { readonly [name: string]: string }

/** Translates attributes in both directions. */
export interface AttributeNames {
  /** Cognito's name. */
  outward(name: string): string
  write(attributes: Attributes | undefined): AttributeType[] | undefined
  read(attributes: readonly AttributeType[] | undefined): Attributes
}

/** Throws ConfigurationError where two names mean one attribute. */
export function createAttributeNames(map: AttributeMap = {}): AttributeNames {
  const out = new Map(Object.entries(map))
  const back = new Map([...out].map(([name, wire]) => [wire, name]))
  if (back.size < out.size) throw new ConfigurationError('attributeMap: one attribute twice.')
  const outward = (name: string) => out.get(name) ?? name
  return {
    outward,
    write: (attributes) =>
      attributes && Object.entries(attributes).map(([Name, Value]) => ({ Name: outward(Name), Value })),
    read: (attributes = []) => {
      const entries = attributes.map(({ Name, Value = '' }) => [back.get(Name) ?? Name, Value, back.has(Name)] as const)
      // Where an attribute of Cognito's has a name that the map gives to another one, the map wins.
      return Object.fromEntries(entries.sort(([, , a], [, , b]) => +a - +b))
    },
  }
}

/** Attributes as the wire has them. */
export function listOf(attributes: Attributes | undefined, rename = String): AttributeType[] | undefined {
  return attributes && Object.entries(attributes).map(([name, Value]) => ({ Name: rename(name), Value }))
}
