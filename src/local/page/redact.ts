import { isObject } from '../json.ts'

/** What stands in the place of a secret. */
const hidden = '•••'

/** Members whose texts are secrets, by AWS's and OAuth's names: passwords, codes, tokens, sessions, the numbers of SRP. */
const secretNames =
  /password|secret|token|session|code|srp|salt|answer|credential$|verifier|signature|assertion|privatekey|seed|qrcode/i

/** Names that only sound like one. */
const openNames =
  /^(nexttoken|paginationtoken|token_?type|sessions|user_id_for_srp)$|^code_?delivery|validity|name$|url$|enabled|duration|policy|rotation|generation/i

/**
 * A copy without secrets, for people who look at calls. A text is hidden that has the name of a secret, that stands in a list or an
 * object of such a name, or in `Logins`, whose names are those of providers; so is whatever looks like a JWT.
 */
export function redact(value: unknown, isSecret = false): unknown {
  if (typeof value === 'string') return isSecret || /^eyJ[\w-]+\.[\w-]+\./.test(value) ? hidden : value
  if (Array.isArray(value)) return value.map((item) => redact(item, isSecret))
  if (value instanceof Date || !isObject(value)) return isSecret && typeof value === 'number' ? hidden : value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      // Units of time go by the names of tokens.
      if (name === 'TokenValidityUnits') return [name, member]
      return [name, redact(member, name === 'Logins' || isSecretName(name) || (isSecret && !isObject(member)))]
    }),
  )
}

function isSecretName(name: string): boolean {
  return secretNames.test(name) && !openNames.test(name)
}
