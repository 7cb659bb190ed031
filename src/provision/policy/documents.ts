import type { PolicyDocument } from '../../aws/index.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { canonicalJson } from '../../internal/json.ts'
import { identityPoolIssuer, regionOfIdentityPool } from '../../internal/regions.ts'

/** The statements. One may stand without a list. Anything but an object is left out. */
export function listStatements({ Statement: given }: PolicyDocument): PolicyDocument[] {
  return (Array.isArray(given) ? given : [given]).filter(isJsonObject)
}

/** The strings of an element that takes one or a list. Undefined for anything else, and for an empty list. */
export function toTexts(element: unknown): readonly string[] | undefined {
  const list: unknown[] = Array.isArray(element) ? element : [element]
  return list.length > 0 && list.every((item) => typeof item === 'string') ? list : undefined
}

/** The actions that a policy allows, as written, without repetitions; for `NotAction`, `all but …`. */
export function listAllowedActions(policy: PolicyDocument): string[] {
  const actions = listStatements(policy).flatMap(({ Effect, Action, NotAction }) => {
    if (Effect !== 'Allow') return []
    const except = toTexts(NotAction)
    return except ? [`all but ${except.join(', ')}`] : (toTexts(Action) ?? [])
  })
  return [...new Set(actions)]
}

/** How many characters, without whitespace, all inline policies of a role may have together ("IAM and AWS STS quotas"). */
export const longestPolicies = 10_240

/** The size of a policy as IAM counts it: without whitespace. */
export function policySize(policy: PolicyDocument): number {
  return JSON.stringify(policy).replace(/\s/g, '').length
}

/**
 * The trust policy of a group's role: only signed-in users of this identity pool may assume it ("Role trust and permissions" in
 * Cognito's developer guide). `identityPoolId` is `<region>:<uuid>`. Throws ConfigurationError for any other.
 */
export function createTrustPolicy(identityPoolId: string): PolicyDocument {
  const issuer = identityPoolIssuer(regionOfIdentityPool(identityPoolId))
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: issuer },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${issuer}:aud`]: identityPoolId },
          'ForAnyValue:StringLike': { [`${issuer}:amr`]: 'authenticated' },
        },
      },
    ],
  }
}

/**
 * A principal in one form. IAM ignores the order of lists, takes an account id for the ARN of its root, and in `Principal`
 * `*` for `{ "AWS": "*" }` ("AWS JSON policy elements: Principal"). No two partitions share an account.
 */
export function canonicalPrincipal(principal: unknown, isPositive: boolean): unknown {
  if (isPositive && principal === '*') return canonicalPrincipal({ AWS: '*' }, true)
  if (!isJsonObject(principal)) return principal
  return Object.entries(principal)
    .map(([type, names]) => [type, canonicalNames(type, names)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function canonicalNames(type: string, names: unknown): unknown {
  const texts = toTexts(names)
  if (!texts) return ['other', names]
  const account = (name: string) => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1] ?? name
  return ['names', [...new Set(type === 'AWS' ? texts.map(account) : texts)].sort()]
}

/**
 * A condition block in one form. IAM ignores the order of operators, keys and values and the case of keys, and takes `true` and
 * `1` for `"true"` and `"1"`. Undefined if it is empty.
 */
export function canonicalCondition(condition: unknown): unknown {
  if (!isJsonObject(condition)) return condition
  const operators = Object.entries(condition)
  if (operators.length === 0) return undefined
  return operators
    .map(([operator, tests]) => [operator, isJsonObject(tests) ? canonicalTests(tests) : ['other', tests]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function canonicalTests(tests: Record<string, unknown>): string[] {
  return Object.entries(tests)
    .map(([key, values]) => canonicalJson([key.toLowerCase(), canonicalValues(values)]))
    .sort()
}

function canonicalValues(values: unknown): unknown {
  const list: unknown[] = Array.isArray(values) ? values : [values]
  const isPlain = list.every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  return isPlain ? ['values', [...new Set(list.map(String))].sort()] : ['other', values]
}
