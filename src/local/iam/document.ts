import { isObject, type JsonObject } from '../json.ts'

/** Names that a statement lists, or all but those, as with `NotAction`. */
export interface Names {
  readonly isNegated: boolean
  readonly names: readonly string[]
}

/** Values by condition key, by operator. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** One statement of a policy. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Names
  /** Undefined in trust policies. */
  readonly resources: Names | undefined
  /** By kind, such as `AWS`; undefined in identity policies. A plain `*` is every kind. */
  readonly principals: Readonly<Record<string, readonly string[]>> | '*' | undefined
  readonly conditions: Conditions
}

/** A policy. Without a version it is of the older one, which knows no policy variables. */
export interface Policy {
  readonly hasVariables: boolean
  readonly statements: readonly Statement[]
}

/** Policies that were read before, by their text: the same few judge every call. */
let known: Map<string, Policy | undefined> | undefined

/** Reads a policy; undefined where it is none. `fault` of document-checks.ts says why. */
export function parsePolicy(text: string): Policy | undefined {
  known ??= new Map()
  if (known.has(text)) return known.get(text)
  if (known.size >= 200) known.clear()
  const policy = readPolicy(text)
  known.set(text, policy)
  return policy
}

function readPolicy(text: string): Policy | undefined {
  const document = parseObject(text)
  const statements = statementsOf(document)?.map(readStatement)
  if (document === undefined || statements === undefined) return undefined
  const read = statements.filter((statement) => statement !== undefined)
  return read.length === statements.length
    ? { hasVariables: document['Version'] === '2012-10-17', statements: read }
    : undefined
}

/** The JSON object that a text is; undefined for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const document: unknown = JSON.parse(text)
    return isObject(document) ? document : undefined
  } catch {
    return undefined
  }
}

/** The statements of a document, one or a list of them; undefined where there is none, or one that is no object. */
export function statementsOf(document: JsonObject | undefined): readonly JsonObject[] | undefined {
  const list = [document?.['Statement'] ?? []].flat()
  return list.length > 0 && list.every(isObject) ? list : undefined
}

/** One text or a list of texts; undefined for anything else. Numbers and booleans are taken as texts. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  const isScalar = (item: unknown) => ['string', 'number', 'boolean'].includes(typeof item)
  return list.every(isScalar) ? list.map(String) : undefined
}

/** The names of `Action` or `NotAction`, or of their like; undefined unless exactly one of the two is right. */
export function namesOf(statement: JsonObject, member: 'Action' | 'Resource'): Names | undefined {
  const negated = statement[`Not${member}`]
  if (negated !== undefined && statement[member] !== undefined) return undefined
  const names = textsOf(negated ?? statement[member])
  return names === undefined || names.length === 0 ? undefined : { isNegated: negated !== undefined, names }
}

/** The principals of a statement; undefined where they are of no known form. */
export function principalsOf(value: unknown): Statement['principals'] {
  if (value === '*') return '*'
  if (!isObject(value)) return undefined
  const kinds = Object.entries(value).map(([kind, names]) => [kind, textsOf(names)] as const)
  const known = kinds.flatMap(([kind, names]) => (names === undefined ? [] : [[kind, names] as const]))
  return known.length === kinds.length && known.length > 0 ? Object.fromEntries(known) : undefined
}

/** The conditions of a statement; undefined where they are of no known form. */
export function conditionsOf(value: unknown): Conditions | undefined {
  if (value === undefined) return {}
  if (!isObject(value)) return undefined
  const operators: [string, Readonly<Record<string, readonly string[]>>][] = []
  for (const [operator, keys] of Object.entries(value)) {
    if (!isObject(keys)) return undefined
    const values: [string, readonly string[]][] = []
    for (const [key, texts] of Object.entries(keys)) {
      const list = textsOf(texts)
      if (list === undefined) return undefined
      values.push([key, list])
    }
    operators.push([operator, Object.fromEntries(values)])
  }
  return Object.fromEntries(operators)
}

function readStatement(statement: JsonObject): Statement | undefined {
  const { Effect, Principal, NotPrincipal, Resource, NotResource, Condition } = statement
  const actions = namesOf(statement, 'Action')
  const conditions = conditionsOf(Condition)
  const principals = principalsOf(Principal)
  const resources = namesOf(statement, 'Resource')
  const isWhole =
    NotPrincipal === undefined &&
    (Principal === undefined || principals !== undefined) &&
    ((Resource ?? NotResource) === undefined || resources !== undefined)
  if ((Effect !== 'Allow' && Effect !== 'Deny') || !isWhole || actions === undefined || conditions === undefined) {
    return undefined
  }
  return { effect: Effect, actions, resources, principals, conditions }
}
