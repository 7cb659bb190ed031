import { choice, isNull, readOptionalText, readText, structure, text } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import { accountId, type IamUserState, type PolicyHolderState, type RoleState, type State } from '../state/index.ts'
import { checkIdentityPolicy } from './document-checks.ts'
import { type Conditions, parsePolicy } from './document.ts'
import { noSuchEntity } from './entities.ts'
import { findStatements, type RequestContext } from './evaluate.ts'
import { inQueryWords, invalidInput, readList, readMarkedPage } from './input.ts'
import { findStatementRanges, type Range } from './positions.ts'
import { grantsOfRole, grantsOfUser, managedDocument } from './principal.ts'

/** The operations that say what policies allow, without doing it. */
export function simulationOperations(): Operations {
  return inQueryWords({
    'iam.SimulateCustomPolicy': simulateCustomPolicy,
    'iam.SimulatePrincipalPolicy': simulatePrincipalPolicy,
    'iam.GetContextKeysForCustomPolicy': (_, input) => ({
      ContextKeyNames: contextKeysOf(readPolicies(input, 'PolicyInputList').map(({ document }) => document)),
    }),
    'iam.GetContextKeysForPrincipalPolicy': (state, input) => {
      const { policies } = readSource(state, input)
      const added = readPolicies(input, 'PolicyInputList')
      return { ContextKeyNames: contextKeysOf([...policies, ...added].map(({ document }) => document)) }
    },
  })
}

/** A policy of a simulation, with the name that answers give it. */
interface Source {
  readonly id: string
  readonly document: string
}

function simulateCustomPolicy(_: State, input: JsonObject): JsonObject {
  const policies = readPolicies(input, 'PolicyInputList')
  if (input['PolicyInputList'] === undefined) throw isNull('policyInputList')
  return simulate(input, { policies, boundaries: readBoundaries(input), context: {} })
}

/** Whoever `PolicySourceArn` names, with policies added, and with another boundary where one is given. */
function simulatePrincipalPolicy(state: State, input: JsonObject, _: Context): JsonObject {
  const { policies, boundaries, context } = readSource(state, input)
  const added = readPolicies(input, 'PolicyInputList')
  return simulate(input, {
    policies: [...policies, ...added],
    boundaries: readBoundaries(input) ?? boundaries,
    context,
  })
}

interface Simulation {
  readonly policies: readonly Source[]
  /** Undefined where there is no boundary. */
  readonly boundaries: readonly Source[] | undefined
  readonly context: RequestContext
}

function simulate(input: JsonObject, { policies, boundaries, context }: Simulation): JsonObject {
  const actions = readList(input, 'ActionNames', text({ min: 3, max: 128 }), Number.POSITIVE_INFINITY)
  if (actions === undefined) throw isNull('actionNames')
  if (!actions.every((action) => /^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action))) {
    throw invalidInput('Invalid Action Name: actions have the form service:Operation, without wildcards.')
  }
  const resources = readList(input, 'ResourceArns', text({ min: 1, max: 2048 }), Number.POSITIVE_INFINITY) ?? ['*']
  refuseOthers(input)
  const given = { ...context, ...readContextEntries(input) }
  const attempts = actions.flatMap((action) => resources.map((resource) => ({ action, resource })))
  const numbered = attempts.map((attempt, index) => ({ ...attempt, key: String(index).padStart(6, '0') }))
  const page = readMarkedPage(input, numbered, ({ key }) => key, ['Simulate'])
  const results = page.items.map(({ action, resource }) => {
    return judge({ policies, boundaries, context: given }, { action, resource, context: given })
  })
  return { EvaluationResults: results, ...page.more }
}

/** Resource policies would be judged by each service's own rules; the services here have none. */
function refuseOthers(input: JsonObject): void {
  for (const name of ['ResourcePolicy', 'ResourceHandlingOption']) {
    if (input[name] === undefined) continue
    throw new ServiceError('UnknownOperationException', `The local AWS does not simulate ${name}.`, 501)
  }
}

function judge(
  { policies, boundaries, context }: Simulation,
  attempt: { readonly action: string; readonly resource: string; readonly context: RequestContext },
): JsonObject {
  const documents = policies.map(({ document }) => document)
  const found = findStatements(documents, attempt)
  const isBounded = boundaries === undefined || allows(boundaries, attempt)
  const bounding = findStatements(
    (boundaries ?? []).map(({ document }) => document),
    attempt,
  )
  const denials = found.filter(({ effect }) => effect === 'Deny')
  const isDenied = denials.length > 0 || bounding.some(({ effect }) => effect === 'Deny')
  const grants = found.filter(({ effect }) => effect === 'Allow')
  const decision = isDenied ? 'explicitDeny' : grants.length > 0 && isBounded ? 'allowed' : 'implicitDeny'
  const shown = denials.length > 0 ? denials : grants
  return {
    EvalActionName: attempt.action,
    EvalResourceName: attempt.resource,
    EvalDecision: decision,
    MatchedStatements: shown.map(({ policy, statement }) => describeStatement(policies[policy], statement)),
    MissingContextValues: contextKeysOf(documents).filter((key) => !hasKey(context, key)),
    ...(boundaries !== undefined && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isBounded },
    }),
  }
}

function allows(
  sources: readonly Source[],
  attempt: { readonly action: string; readonly resource: string; readonly context: RequestContext },
): boolean {
  const found = findStatements(
    sources.map(({ document }) => document),
    attempt,
  )
  return found.some(({ effect }) => effect === 'Allow') && !found.some(({ effect }) => effect === 'Deny')
}

function describeStatement(source: Source | undefined, statement: number): JsonObject {
  const range: Range | undefined = source && findStatementRanges(source.document)[statement]
  return {
    SourcePolicyId: source?.id,
    SourcePolicyType: 'IAM Policy',
    StartPosition: range && { Line: range.start.line, Column: range.start.column },
    EndPosition: range && { Line: range.end.line, Column: range.end.column },
  }
}

function hasKey(context: RequestContext, key: string): boolean {
  return Object.keys(context).some((name) => name.toLowerCase() === key.toLowerCase())
}

/** What the conditions and the variables of policies ask of a request, each key once. */
function contextKeysOf(documents: readonly string[]): readonly string[] {
  const keys = documents.flatMap((document) => {
    const policy = parsePolicy(document)
    const conditions = policy?.statements.flatMap((statement) => keysOfConditions(statement.conditions)) ?? []
    const variables = policy?.hasVariables
      ? document.matchAll(/\$\{([\w-]+(?:\.[\w-]+)*:[^,{}*?$]+?)(?:,[^{}]*)?\}/g)
      : []
    return [...conditions, ...[...variables].map(([, key = '']) => key)]
  })
  const byName = new Map(keys.map((key) => [key.toLowerCase(), key]))
  return [...byName.values()]
}

function keysOfConditions(conditions: Conditions): readonly string[] {
  return Object.values(conditions).flatMap((keys) => Object.keys(keys))
}

function readPolicies(
  input: JsonObject,
  name: 'PolicyInputList' | 'PermissionsBoundaryPolicyInputList',
): readonly Source[] {
  const rules = { min: 1, max: 131_072, pattern: /^[\t\n\r\u0020-\u00ff]+$/ }
  const list = readList(input, name, text(rules), Number.POSITIVE_INFINITY) ?? []
  for (const document of list) {
    try {
      checkIdentityPolicy(document)
    } catch (error) {
      if (error instanceof ServiceError) throw invalidInput(error.message)
      throw error
    }
  }
  return list.map((document, index) => ({ id: `${name}.${index + 1}`, document }))
}

function readBoundaries(input: JsonObject): readonly Source[] | undefined {
  const name = 'PermissionsBoundaryPolicyInputList'
  return input[name] === undefined ? undefined : readPolicies(input, name)
}

function readContextEntries(input: JsonObject): RequestContext {
  const types = ['string', 'numeric', 'boolean', 'ip', 'binary', 'date'].flatMap((type) => [type, `${type}List`])
  const entry = structure(
    {
      ContextKeyName: text({ min: 5, max: 256 }),
      ContextKeyValues: (value) => [isObject(value) || value === '' ? [] : value].flat().map(String),
      ContextKeyType: choice(types),
    },
    ['ContextKeyName', 'ContextKeyValues', 'ContextKeyType'],
  )
  const entries = readList(input, 'ContextEntries', entry, Number.POSITIVE_INFINITY) ?? []
  return Object.fromEntries(
    entries.map(({ ContextKeyName, ContextKeyValues, ContextKeyType }) => {
      const values = [ContextKeyValues].flat().map(String)
      const isList = String(ContextKeyType).endsWith('List')
      return [String(ContextKeyName), isList ? values : (values[0] ?? '')]
    }),
  )
}

function readSource(state: State, input: JsonObject): Simulation {
  const arn = readText(input, 'PolicySourceArn', { min: 20, max: 2048 })
  readOptionalText(input, 'CallerArn', { min: 1, max: 2048 })
  const [, kind, name = ''] = /^arn:aws[a-z-]*:iam::\d{12}:(user|group|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? []
  if (kind === undefined) throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
  const key = name.toLowerCase()
  const user = kind === 'user' ? state.iamUsers[key] : undefined
  const role = kind === 'role' ? state.roles[key] : undefined
  const holder = user ?? role ?? (kind === 'group' ? state.iamGroups[key] : undefined)
  if (holder?.arn !== arn) throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`)
  const groups = user?.groups.flatMap((group) => state.iamGroups[group] ?? []) ?? []
  return {
    policies: [holder, ...groups].flatMap((one) => sourcesOf(state, one)),
    boundaries: boundariesOf(state, { user, role }),
    context: { 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': accountId(), ...usernameOf(user) },
  }
}

function usernameOf(user: IamUserState | undefined): RequestContext {
  return user === undefined ? {} : { 'aws:username': user.name, 'aws:userid': user.id }
}

function sourcesOf(state: State, holder: PolicyHolderState): readonly Source[] {
  const [, kind = ''] = /:(user|group|role)\//.exec(holder.arn) ?? []
  const own = Object.entries(holder.policies).map(([name, document]) => {
    return { id: `${kind}_${holder.name}_${name}`, document }
  })
  const attached = holder.managedPolicies.flatMap((arn) => {
    const document = managedDocument(state, arn)
    return document === undefined ? [] : [{ id: arn.slice(arn.lastIndexOf('/') + 1), document }]
  })
  return [...own, ...attached]
}

/** A boundary whose document is not known here allows nothing. */
function boundariesOf(
  state: State,
  { user, role }: { readonly user: IamUserState | undefined; readonly role: RoleState | undefined },
): readonly Source[] | undefined {
  const { boundary } = user ? grantsOfUser(state, user) : role ? grantsOfRole(state, role) : {}
  if (boundary === undefined) return undefined
  return boundary === null ? [] : [{ id: 'PermissionsBoundary', document: boundary }]
}
