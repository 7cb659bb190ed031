import { invalidParameter } from '../service-error.ts'
import type { PoolState, UserState } from '../state.ts'

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
export function isInSchema(pool: Pick<PoolState, 'customAttributes'>, name: string): boolean {
  if (name === 'sub' || name === 'identities' || standardAttributes().includes(name)) return true
  const isCustom = /^(dev:)?custom:./s.test(name)
  return isCustom && (pool.customAttributes?.includes(name) ?? true)
}

/**
 * Throws InvalidParameterException for changes that the directory does not take: unknown attributes, `sub`, malformed
 * values, and a verification of what the user will not have. An empty value takes an attribute away.
 */
export function checkChanges(
  pool: PoolState,
  held: UserState['attributes'],
  changes: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of changes) {
    if (name === 'sub' || name === 'identities') {
      throw invalidParameter(`Cannot modify the non-mutable attribute ${name}.`)
    }
    if (!isInSchema(pool, name)) {
      throw invalidParameter(
        `Attributes did not conform to the schema: ${name}: Attribute does not exist in the schema.\n`,
      )
    }
    if (value !== '') checkValue(name, value)
  }
  for (const [contact, title] of [
    ['email', 'Email'],
    ['phone_number', 'Phone Number'],
  ] as const) {
    const willHave = (changes.get(contact) ?? held[contact] ?? '') !== ''
    if (changes.get(`${contact}_verified`) !== undefined && !willHave) {
      throw invalidParameter(
        `${title} is required to verify/un-verify ${contact === 'email' ? 'an email' : 'a phone number'}`,
      )
    }
  }
}

/** A new value of an e-mail address or phone number is unverified unless the same change says otherwise. */
export function applyChanges(
  held: Readonly<Record<string, string>>,
  changes: ReadonlyMap<string, string>,
): [string, string][] {
  const result = new Map(Object.entries(held))
  for (const [name, value] of changes) {
    const isContact = name === 'email' || name === 'phone_number'
    if (isContact && value !== held[name] && held[name] !== undefined) result.set(`${name}_verified`, 'false')
    result.set(name, value)
  }
  for (const [name, value] of changes) {
    if (name.endsWith('_verified') && value !== '') result.set(name, value)
    if (value !== '') continue
    result.delete(name)
    result.delete(`${name}_verified`)
  }
  return [...result]
}

function checkValue(name: string, value: string): void {
  if (name === 'email' && !isEmail(value)) throw invalidParameter('Invalid email address format.')
  if (name === 'phone_number' && !isPhoneNumber(value)) throw invalidParameter('Invalid phone number format.')
  if ((name === 'email_verified' || name === 'phone_number_verified') && !/^(true|false)$/i.test(value)) {
    throw invalidParameter(
      `Attributes did not conform to the schema: ${name}: The attribute value must be a boolean.\n`,
    )
  }
  if (name === 'birthdate' && [...value].length !== 10) {
    throw invalidParameter(`Attributes did not conform to the schema: ${name}: String must be 10 characters long.\n`)
  }
  if (name === 'updated_at' && !/^\d+$/.test(value)) {
    throw invalidParameter(`Attributes did not conform to the schema: ${name}: The attribute value must be a number.\n`)
  }
}

/** An address of the form that Cognito accepts as a user name. */
export function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(value)
}

/** A number in the form of E.164. */
export function isPhoneNumber(value: string): boolean {
  return /^\+\d{1,15}$/.test(value)
}
