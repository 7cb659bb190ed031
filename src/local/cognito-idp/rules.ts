/** What Cognito's service model demands of a text. Lengths are in code points. */
export interface TextRules {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
}

/** User and group names: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, at most 128. */
export function nameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u }
}

/** Role ARNs of groups, and other ARNs. */
export function arnRules(): TextRules {
  return {
    min: 20,
    max: 2048,
    pattern: /^arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?$/,
  }
}

/** Names of user attributes. */
export function attributeNameRules(): TextRules {
  return { min: 1, max: 32, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+$/u }
}

/** Passwords, whatever the pool's policy says beyond. */
export function passwordRules(): TextRules {
  return { max: 256, pattern: /^\S+$/ }
}

/** Ids of app clients. Cognito's have 26 characters. */
export function clientIdRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w+]+$/ }
}

/** Names of app clients. */
export function clientNameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }
}

/** Names of identity providers that are there; new ones have rules of their own. */
export function providerNameRules(): TextRules {
  return { min: 1, max: 32, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+$/u }
}

/** A scope token (RFC 6749 section 3.3). */
export function scopeRules(): TextRules {
  return { min: 1, max: 256, pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/ }
}

/** Values for which the service model sets no bounds of its own. */
export function anyTextRules(): TextRules {
  return { max: 131_072 }
}

/** What is wrong with a text, in the words of AWS's validation; undefined where it is right. */
export function textFault(text: string, { min = 0, max, pattern }: TextRules): string | undefined {
  const length = [...text].length
  if (length < min) return `Member must have length greater than or equal to ${min}`
  if (max !== undefined && length > max) return `Member must have length less than or equal to ${max}`
  if (pattern !== undefined && !pattern.test(text)) return 'Member must satisfy regular expression pattern'
  return undefined
}
