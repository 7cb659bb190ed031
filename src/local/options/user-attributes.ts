import type { JsonObject } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import { attributeNameRules } from '../cognito-idp/rules.ts'
import { checkFlag, checkObject, checkOptionalText, checkText, refuse } from './check.ts'

/** The attributes of a user as the directory holds them, with a `sub`. `extra` are added unless given. */
export function createAttributes(
  path: string,
  details: JsonObject,
  random: Randomness,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const generated = random.uuid()
  const sub = checkOptionalText(`${path}.sub`, details['sub'], { min: 1, max: 2048 }) ?? generated
  const more = details['attributes'] === undefined ? {} : checkObject(`${path}.attributes`, details['attributes'])
  const given = {
    ...extra,
    ...more,
    email: details['email'] ?? more['email'] ?? extra['email'],
    email_verified: details['email_verified'] ?? more['email_verified'],
  }
  const attributes: [string, string][] = [['sub', sub]]
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const at = name in details ? `${path}.${name}` : `${path}.attributes.${name}`
    if (name === 'sub') refuse(at, 'give it beside the attributes.')
    checkText(at, name, attributeNameRules())
    attributes.push([name, textOf(at, name, value)])
  }
  return Object.fromEntries(attributes)
}

function textOf(path: string, name: string, value: unknown): string {
  if (name.endsWith('_verified') && !name.includes(':')) return String(checkFlag(path, value, false))
  const isScalar = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  if (!isScalar) refuse(path, 'expected a text, a number or a boolean.')
  const text = checkText(path, String(value), { max: 2048 })
  if (name === 'identities' && !isJsonArray(text)) refuse(path, 'expected a JSON array as a text.')
  return text
}

function isJsonArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}
