import type { JsonObject } from '../json.ts'
import { ServiceError } from '../operation.ts'
import { conditionsOf, namesOf, parseObject, principalsOf, statementsOf, textsOf } from './document.ts'
import { isOperator } from './evaluate.ts'

/** Throws MalformedPolicyDocument unless the text is a policy that says who may assume a role. */
export function checkTrustPolicy(text: string): void {
  check(text, trustFault)
}

/** Throws MalformedPolicyDocument unless the text is a policy that says what its holder may do. */
export function checkIdentityPolicy(text: string): void {
  check(text, identityFault)
}

/** A policy without `Version` is one of 2008-10-17. Members that the grammar of policies does not have are refused. */
function check(text: string, faultOf: (statement: JsonObject) => string | undefined): void {
  const document = parseObject(text)
  if (document === undefined) throw malformed('This policy contains invalid Json')
  const statements = statementsOf(document)
  if (statements === undefined) throw malformed('Syntax errors in policy: Statement is missing or no list of objects.')
  const faults = [
    findUnknownMember(document, ['Version', 'Id', 'Statement']),
    versionFault(document['Version']),
    sidFault(statements),
    ...statements.flatMap((statement) => [commonFault(statement), faultOf(statement)]),
  ]
  const fault = faults.find((found) => found !== undefined)
  if (fault !== undefined) throw malformed(fault)
}

function versionFault(version: unknown): string | undefined {
  const isKnown = version === undefined || version === '2012-10-17' || version === '2008-10-17'
  return isKnown ? undefined : 'The policy must contain a valid version string'
}

function sidFault(statements: readonly JsonObject[]): string | undefined {
  const ids = statements.flatMap(({ Sid }) => (Sid === undefined || Sid === '' ? [] : [Sid]))
  if (!ids.every((id) => typeof id === 'string' && /^[0-9A-Za-z]+$/.test(id))) {
    return 'Statement IDs (SID) must be alpha-numeric.'
  }
  return new Set(ids).size < ids.length ? 'Statement IDs (SID) in a single policy must be unique.' : undefined
}

function commonFault(statement: JsonObject): string | undefined {
  const members = ['Sid', 'Effect', 'Action', 'NotAction', 'Condition', 'Resource', 'NotResource', 'Principal']
  const fault = findUnknownMember(statement, [...members, 'NotPrincipal'])
  if (fault !== undefined) return fault
  const { Effect } = statement
  if (Effect !== 'Allow' && Effect !== 'Deny') return 'Syntax errors in policy: Effect must be Allow or Deny.'
  const actions = namesOf(statement, 'Action')
  if (actions === undefined) return 'Policy statement must contain actions.'
  if (!actions.names.every((name) => name === '*' || /^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(name))) {
    return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
  }
  return conditionFault(statement['Condition'])
}

function conditionFault(value: unknown): string | undefined {
  const conditions = conditionsOf(value)
  if (conditions === undefined)
    return 'Syntax errors in policy: Condition has to be operators, each with keys and values.'
  if (!Object.keys(conditions).every(isOperator)) return 'Invalid Condition type.'
  const keys = Object.values(conditions).flatMap((operator) => Object.keys(operator))
  return keys.every((key) => /^[^:\s]+:\S+$/.test(key)) ? undefined : 'Conditions must be prefaced by a vendor.'
}

function trustFault(statement: JsonObject): string | undefined {
  for (const name of ['Resource', 'NotResource', 'NotPrincipal']) {
    if (statement[name] !== undefined) return `Has prohibited field ${name}`
  }
  if (statement['Principal'] === undefined) return 'Missing required field Principal'
  const actions = namesOf(statement, 'Action')?.names ?? []
  if (!actions.every((name) => /^sts:/i.test(name))) return 'AssumeRole policy may only specify STS AssumeRole actions.'
  return isPrincipal(statement['Principal']) ? undefined : 'Invalid principal in policy.'
}

/** IAM takes wildcards in no principal but the one that is everybody. */
function isPrincipal(value: unknown): boolean {
  const principals = principalsOf(value)
  if (principals === undefined || principals === '*') return principals === '*'
  return Object.entries(principals).every(
    ([kind, names]) => names.length > 0 && names.every((name) => isOf(kind, name)),
  )
}

function isOf(kind: string, name: string): boolean {
  if (kind === 'AWS') {
    return /^(?:\*|\d{12}|arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/[^*?]+))$/.test(
      name,
    )
  }
  if (kind === 'Federated')
    return /^[\w.-]+\.[\w.:/-]+$|^arn:aws[a-z-]*:iam::\d{12}:(?:saml|oidc)-provider\/[^*?]+$/.test(name)
  return (kind === 'Service' || kind === 'CanonicalUser') && /^[\w.-]+$/.test(name)
}

function identityFault(statement: JsonObject): string | undefined {
  if (statement['Principal'] !== undefined || statement['NotPrincipal'] !== undefined) {
    return 'Policy document should not specify a principal.'
  }
  if (namesOf(statement, 'Resource') === undefined) return 'Policy statement must contain resources.'
  const resources = textsOf(statement['Resource'] ?? statement['NotResource']) ?? []
  const isArn = (name: string) => name === '*' || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$/s.test(name)
  return resources.every(isArn) ? undefined : 'The resources must be in ARN format or "*".'
}

function findUnknownMember(object: JsonObject, members: readonly string[]): string | undefined {
  const hasStranger = Object.keys(object).some((name) => !members.includes(name))
  return hasStranger ? 'Syntax errors in policy: unknown field.' : undefined
}

function malformed(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocument', message)
}
