import type { PolicyDocument } from '../../aws/index.ts'
import { assertConfig } from '../../errors.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { longestPolicies, policySize } from '../policy/documents.ts'

/**
 * Checks the inline policy of a role ("IAM JSON policy elements reference"), and returns a copy as IAM will see it. Throws
 * ConfigurationError that says where the mistake is.
 */
export function readPolicy(path: string, value: unknown): PolicyDocument {
  const entries = readEntries(path, value, ['Version', 'Statement'])
  const version = entries.get('Version')
  const versions: readonly unknown[] = ['2012-10-17', '2008-10-17', undefined]
  assertConfig(`${path}.Version`, versions.includes(version), '"2012-10-17" (or "2008-10-17")')
  const given = entries.get('Statement')
  const statements: unknown[] = Array.isArray(given) ? given : [given]
  assertConfig(`${path}.Statement`, statements.length > 0 && given !== undefined, 'a statement, or a list of them')
  const sids = new Set<unknown>()
  for (const [index, statement] of statements.entries()) {
    const at = Array.isArray(given) ? `${path}.Statement[${index}]` : `${path}.Statement`
    const sid = readStatement(at, statement)
    assertConfig(`${at}.Sid`, sid === undefined || !sids.has(sid), 'one that no other statement has')
    sids.add(sid)
  }
  const text = JSON.stringify(value)
  assertConfig(path, /^[\t\n\r -ÿ]*$/.test(text), 'characters up to U+00FF only, since IAM takes no others')
  const copy: unknown = JSON.parse(text)
  const policy = isJsonObject(copy) ? copy : {}
  const size = policySize(policy)
  assertConfig(path, size <= longestPolicies, `at most ${longestPolicies} characters without whitespace, found ${size}`)
  return policy
}

/** Checks a statement, and returns its Sid. */
function readStatement(path: string, value: unknown): unknown {
  const { Principal, NotPrincipal } = isJsonObject(value) ? value : {}
  assertConfig(
    path,
    Principal === undefined && NotPrincipal === undefined,
    'no Principal, since the policy of a role is about whoever has the role',
  )
  const known = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']
  const entries = readEntries(path, value, known)
  const sid = entries.get('Sid')
  const effect = entries.get('Effect')
  assertConfig(
    `${path}.Sid`,
    sid === undefined || (typeof sid === 'string' && /^[A-Za-z0-9]*$/.test(sid)),
    'letters and digits',
  )
  assertConfig(`${path}.Effect`, effect === 'Allow' || effect === 'Deny', '"Allow" or "Deny"')
  readOneOf(
    path,
    entries,
    ['Action', 'NotAction'],
    /^(\*|[\w*?.-]+:[\w*?.-]+)$/,
    'an action such as "s3:GetObject", or "*"',
  )
  readOneOf(path, entries, ['Resource', 'NotResource'], /^(\*|arn:.+)$/s, 'an ARN or "*"')
  if (entries.has('Condition')) readCondition(`${path}.Condition`, entries.get('Condition'))
  return sid === '' ? undefined : sid
}

function readOneOf(
  path: string,
  entries: ReadonlyMap<string, unknown>,
  names: readonly [string, string],
  form: RegExp,
  expected: string,
): void {
  const [name, ...more] = names.filter((each) => entries.has(each))
  assertConfig(path, name !== undefined && more.length === 0, `either ${names.join(' or ')}`)
  readTexts(`${path}.${name}`, entries.get(name), (text) => typeof text === 'string' && form.test(text), expected)
}

function readCondition(path: string, value: unknown): void {
  for (const [operator, tests] of readEntries(path, value)) {
    const at = member(path, operator)
    assertConfig(at, /^((ForAllValues|ForAnyValue):)?[A-Za-z]+$/.test(operator), 'an operator such as StringEquals')
    const isScalar = (item: unknown) => ['string', 'boolean'].includes(typeof item) || Number.isFinite(item)
    for (const [key, values] of readEntries(at, tests)) {
      readTexts(member(at, key), values, isScalar, 'a text, a number or a truth value')
    }
  }
}

function readTexts(path: string, value: unknown, isOne: (item: unknown) => boolean, expected: string): void {
  if (!Array.isArray(value)) assertConfig(path, isOne(value), `${expected}; or a list`)
  else {
    assertConfig(path, value.length > 0, `${expected}; or a list that is not empty`)
    for (const [index, item] of value.entries()) assertConfig(`${path}[${index}]`, isOne(item), expected)
  }
}

/** The path of a member: `policies.editor`, or `policies["a,b"]` where the key is not plain. */
export function member(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/**
 * The members of a plain object, without undefined ones. Throws ConfigurationError for anything else, and for a key that is not in
 * `keys`.
 */
export function readEntries(path: string, value: unknown, keys?: readonly string[]): ReadonlyMap<string, unknown> {
  assertConfig(
    path,
    typeof value === 'object' &&
      value !== null &&
      // Object literals of any realm pass, but not arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const entries = Object.entries(value)
  for (const [key] of entries) {
    if (keys) assertConfig(member(path, key), keys.includes(key), `no such member, but ${keys.join(', ')}`)
  }
  return new Map(entries.filter(([, item]) => item !== undefined))
}
