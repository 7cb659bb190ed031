import type { RoleState } from '../state/index.ts'
import { type Conditions, type Names, parsePolicy, type Policy, type Statement } from './document.ts'

// Two independent readings of IAM's rules stand in this package: this evaluator decides what the local AWS allows, and
// `src/provision/policy` judges policies before they are written. They share no code, so that a mistake in one of them
// shows when both read the same policy. The table of partitions in `hosts.ts` stands apart from `src/internal/regions.ts`
// for the same reason.

/**
 * Whether identity policies, as JSON text, allow an action on a resource: denied by default, an explicit `Deny` in any
 * of them wins. Policy variables such as `${cognito-identity.amazonaws.com:sub}` are read from the context.
 */
export function policyAllows(
  policies: readonly string[],
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): boolean {
  const { action, resource, context = {} } = attempt
  return evaluate(policies, { action, resource, context }, ({ principals }) => principals === undefined)
}

/** What policies say of an attempt: one that denies is enough, and where none allows they say nothing. */
export type Verdict = 'allow' | 'deny' | 'nothing'

/** The same with the reason: whether a policy denies it, or none allows it. */
export function policiesSay(
  policies: readonly string[],
  attempt: { readonly action: string; readonly resource: string; readonly context?: RequestContext | undefined },
): Verdict {
  const { action, resource, context = {} } = attempt
  return judgeAll(policies, { action, resource, context }, ({ principals }) => principals === undefined)
}

/** Somebody who wants to become a role. */
export interface TrustAttempt {
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity' | 'sts:SetSourceIdentity' | 'sts:TagSession'
  /** The identity provider that vouches for them, such as `cognito-identity.amazonaws.com`. */
  readonly federated?: string | undefined
  /** Their ARN in AWS; several where they are known by several, as the session of a role is by the role's too. */
  readonly aws?: string | readonly string[] | undefined
  /** By condition key, such as `cognito-identity.amazonaws.com:aud`. */
  readonly context: RequestContext
}

/**
 * Whether the role's trust policy lets them, as IAM evaluates it: denied by default, and an explicit `Deny` wins. A
 * statement with `NotPrincipal`, which IAM does not take here, makes the policy unreadable and so denies. What the
 * caller's own policies say is another question.
 */
export function trustAllows(role: Pick<RoleState, 'trustPolicy'>, attempt: TrustAttempt): boolean {
  const { action, context } = attempt
  return evaluate([role.trustPolicy], { action, context }, ({ principals }) => speaksOf(principals, attempt))
}

/** An account's id and the ARN of its root stand for everybody in it. */
function speaksOf(principals: Statement['principals'], { federated, aws }: TrustAttempt): boolean {
  if (principals === undefined) return false
  if (principals === '*' || principals['AWS']?.includes('*')) return true
  if (federated !== undefined && principals['Federated']?.includes(federated)) return true
  return [aws ?? []].flat().some((arn) => {
    const [, partition = '', account = ''] = /^arn:([^:]+):(?:iam|sts)::(\d{12}):/.exec(arn) ?? []
    const names = [arn, account, `arn:${partition}:iam::${account}:root`].filter((name) => name !== '')
    return names.some((name) => principals['AWS']?.includes(name))
  })
}

/** What somebody attempts to do. */
export interface Attempt {
  /** Such as `s3:GetObject`; its case does not matter. */
  readonly action: string
  /** What it is done to; undefined for what is attempted on the role that a trust policy belongs to. */
  readonly resource?: string | undefined
  readonly context: RequestContext
}

/** Whether a statement is about the caller; undefined if that cannot be decided. */
export type SpeaksOf = (statement: Statement) => boolean | undefined

/**
 * Judges an attempt as IAM does: nothing is allowed by default, one statement that allows is enough, and one that
 * denies beats them all. A policy that cannot be read forbids everything.
 */
export function evaluate(policies: readonly string[], attempt: Attempt, speaksOf: SpeaksOf): boolean {
  return judgeAll(policies, attempt, speaksOf) === 'allow'
}

function judgeAll(policies: readonly string[], attempt: Attempt, speaksOf: SpeaksOf): Verdict {
  let isAllowed = false
  for (const text of policies) {
    const policy = parsePolicy(text)
    if (policy === undefined) return 'deny'
    for (const statement of policy.statements) {
      const verdict = applies(policy, statement, attempt, speaksOf)
      if (statement.effect === 'Deny' && verdict !== false) return 'deny'
      if (statement.effect === 'Allow' && verdict === true) isAllowed = true
    }
  }
  return isAllowed ? 'allow' : 'nothing'
}

/** A statement that counts: which one of which policy, both from 0. */
export interface FoundStatement {
  readonly policy: number
  readonly statement: number
  readonly effect: 'Allow' | 'Deny'
}

/** The statements of identity policies that are about an attempt: those that allow it, and those that forbid it. */
export function findStatements(policies: readonly string[], attempt: Attempt): readonly FoundStatement[] {
  return policies.flatMap((text, policyAt) => {
    const policy = parsePolicy(text)
    return (policy?.statements ?? []).flatMap((statement, statementAt): FoundStatement[] => {
      const verdict = policy && applies(policy, statement, attempt, ({ principals }) => principals === undefined)
      const counts = statement.effect === 'Deny' ? verdict !== false : verdict === true
      return counts ? [{ policy: policyAt, statement: statementAt, effect: statement.effect }] : []
    })
  })
}

/** Whether a statement is about the attempt; undefined if that cannot be decided. */
function applies(
  { hasVariables }: Policy,
  statement: Statement,
  { action, resource, context }: Attempt,
  speaksOf: SpeaksOf,
): boolean | undefined {
  const verdicts = [
    matchesAction(statement.actions, action),
    matchesResource(statement.resources, resource, context, hasVariables),
    speaksOf(statement),
    conditionsHold(statement.conditions, context, hasVariables),
  ]
  if (verdicts.includes(false)) return false
  return verdicts.includes(undefined) ? undefined : true
}

function matchesAction({ names, isNegated }: Names, action: string): boolean {
  const wanted = action.toLowerCase()
  return names.some((name) => matchesPieces(piecesOf(name.toLowerCase()), wanted)) !== isNegated
}

function matchesResource(
  resources: Names | undefined,
  resource: string | undefined,
  context: RequestContext,
  hasVariables: boolean,
): boolean | undefined {
  if (resource === undefined) return resources === undefined
  if (resources === undefined) return undefined
  const verdicts = resources.names.map((name) => {
    const pieces = hasVariables ? expandPieces(name, context) : piecesOf(name)
    return pieces && matchesPieces(pieces, resource)
  })
  if (verdicts.includes(true)) return !resources.isNegated
  return verdicts.includes(undefined) ? undefined : resources.isNegated
}

/** Whether one value of the request is as one value of the policy demands. */
type Compare = (actual: string, wanted: readonly Piece[]) => boolean

interface Operator {
  readonly compare: Compare
  /** Whether it holds where no value of the policy fits, in place of where one does. */
  readonly isNegated: boolean
}

/**
 * Whether all conditions hold. Undefined if that cannot be decided: an operator that is not known, a policy variable
 * without a value, or several values of the request where the operator is for one. An `Allow` then grants nothing,
 * and a `Deny` forbids.
 */
export function conditionsHold(
  conditions: Conditions,
  context: RequestContext,
  hasVariables: boolean,
): boolean | undefined {
  const verdicts = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => {
      const pieces = values.map((value) => (hasVariables ? expandPieces(value, context) : piecesOf(value)))
      return judge(operator, contextValue(context, key), pieces)
    }),
  )
  if (verdicts.includes(false)) return false
  return verdicts.includes(undefined) ? undefined : true
}

/** Whether AWS has an operator of this name. */
export function isOperator(name: string): boolean {
  const { base } = partsOf(name)
  return base === 'null' || parseOperator(base) !== undefined || /^(?:(?:not)?ipaddress|binaryequals)$/.test(base)
}

function judge(
  name: string,
  given: string | readonly string[] | undefined,
  wanted: readonly (readonly Piece[] | undefined)[],
): boolean | undefined {
  const { base, set, isOptional } = partsOf(name)
  const values = given === undefined ? [] : [given].flat()
  if (base === 'null') return isNull(values, wanted)
  const operator = parseOperator(base)
  if (operator === undefined) return undefined
  if (values.length === 0) return isOptional || set === 'forallvalues' || (set === undefined && operator.isNegated)
  const known = wanted.filter((pieces) => pieces !== undefined)
  if (known.length < wanted.length || (set === undefined && values.length > 1)) return undefined
  const fits = (value: string) => known.some((pieces) => operator.compare(value, pieces)) !== operator.isNegated
  return set === 'foranyvalue' ? values.some(fits) : values.every(fits)
}

function partsOf(name: string) {
  const [, set, base = '', optional] =
    /^(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?$/.exec(name.toLowerCase()) ?? []
  return { set, base, isOptional: optional !== undefined }
}

function isNull(values: readonly string[], wanted: readonly (readonly Piece[] | undefined)[]): boolean | undefined {
  const texts = wanted.map((pieces) => (pieces === undefined ? '' : plainText(pieces).toLowerCase()))
  if (!texts.every((text) => text === 'true' || text === 'false')) return undefined
  return texts.includes(values.length === 0 ? 'true' : 'false')
}

function parseOperator(base: string): Operator | undefined {
  const [, family = '', relation = ''] = /^(string|numeric|date|bool|arn)(.*)$/.exec(base) ?? []
  const [, negation, kind = ''] = /^(not)?(.*)$/.exec(relation) ?? []
  const compare = compareOf(family, kind)
  if (compare === undefined || (negation !== undefined && /^(?:less|greater)/.test(kind))) return undefined
  return family === 'bool' && relation !== '' ? undefined : { compare, isNegated: negation !== undefined }
}

function compareOf(family: string, kind: string): Compare | undefined {
  if (family === 'string') return textComparison(kind)
  if (family === 'bool') return (actual, wanted) => actual.toLowerCase() === plainText(wanted).toLowerCase()
  if (family === 'arn' && (kind === 'equals' || kind === 'like')) return arnMatches
  const relate = relationOf(kind)
  if (relate === undefined || (family !== 'numeric' && family !== 'date')) return undefined
  const read = family === 'numeric' ? parseNumber : parseTime
  return (actual, wanted) => relate(read(actual), read(plainText(wanted)))
}

function textComparison(kind: string): Compare | undefined {
  if (kind === 'equals') return (actual, wanted) => actual === plainText(wanted)
  if (kind === 'equalsignorecase') return (actual, wanted) => actual.toLowerCase() === plainText(wanted).toLowerCase()
  return kind === 'like' ? (actual, wanted) => matchesPieces(wanted, actual) : undefined
}

/** Comparisons with NaN do not hold, so that what is no number or time fits nothing. */
function relationOf(kind: string): ((a: number, b: number) => boolean) | undefined {
  if (kind === 'equals') return (a, b) => a === b
  if (kind === 'lessthan') return (a, b) => a < b
  if (kind === 'lessthanequals') return (a, b) => a <= b
  if (kind === 'greaterthan') return (a, b) => a > b
  return kind === 'greaterthanequals' ? (a, b) => a >= b : undefined
}

/** ARNs are compared part by part, so that a wildcard does not reach beyond its colon; the sixth part is the rest. */
function arnMatches(actual: string, wanted: readonly Piece[]): boolean {
  const given = actual.split(':')
  const [parts, rest] = [splitPieces(wanted), given.slice(5).join(':')]
  if (parts.length < 6 || given.length < 6) return false
  const last = parts.slice(5).flatMap((part, index) => (index === 0 ? part : [{ text: ':' }, ...part]))
  return parts.slice(0, 5).every((part, index) => matchesPieces(part, given[index] ?? '')) && matchesPieces(last, rest)
}

function splitPieces(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [[]]
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      parts.at(-1)?.push(piece)
      continue
    }
    for (const [index, text] of piece.text.split(':').entries()) {
      if (index > 0) parts.push([])
      parts.at(-1)?.push({ text })
    }
  }
  return parts
}

function parseNumber(text: string): number {
  return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

/** A date of ISO 8601, or seconds since the epoch. */
function parseTime(text: string): number {
  return /^\d+(?:\.\d+)?$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text)
}

/** A piece of a pattern: text as it is, `*` (any text, none too) or `?` (any one character). */
export type Piece = { readonly text: string } | '*' | '?'

/** What a request says of itself, by the name of a condition key; the case of the names does not matter. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>

/** The pieces of a text in which only `*` and `?` are special. */
export function piecesOf(text: string): readonly Piece[] {
  return text.split(/([*?])/).flatMap((part): Piece[] => {
    if (part === '*' || part === '?') return [part]
    return part === '' ? [] : [{ text: part }]
  })
}

/**
 * The pieces of a text that may hold policy variables: `${key}`, `${key, 'default'}`, and `${*}`, `${?}` and `${$}` for
 * the characters themselves. What a variable stands for is never a wildcard. Undefined where the context does not know
 * a variable, knows several values of it, or where one has no end.
 */
export function expandPieces(text: string, context: RequestContext): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  for (const part of text.split(/(\$\{[^{}]*\})/)) {
    if (part.startsWith('${') && part.endsWith('}')) {
      const value = variableValue(part.slice(2, -1), context)
      if (value === undefined) return undefined
      pieces.push({ text: value })
    } else {
      if (part.includes('${')) return undefined
      pieces.push(...piecesOf(part))
    }
  }
  return pieces
}

/** The text that pieces stand for where wildcards are characters like any other. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('')
}

/** Whether the pieces match the whole text, in time that grows with the product of their lengths at most. */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  const wanted = pieces.flatMap(charactersOf)
  const characters = Array.from(text)
  let at = 0
  let from = 0
  let star = -1
  let starFrom = 0
  while (from < characters.length) {
    const piece = wanted[at]
    if (piece === '*') {
      star = at++
      starFrom = from
    } else if (piece === '?' || (piece !== undefined && piece.text === characters[from])) {
      at++
      from++
    } else {
      if (star < 0) return false
      at = star + 1
      from = ++starFrom
    }
  }
  return wanted.slice(at).every((piece) => piece === '*')
}

/** The value of a condition key. */
export function contextValue(context: RequestContext, key: string): string | readonly string[] | undefined {
  const wanted = key.toLowerCase()
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1]
}

function charactersOf(piece: Piece): readonly Piece[] {
  return typeof piece === 'string' ? [piece] : Array.from(piece.text, (text) => ({ text }))
}

function variableValue(variable: string, context: RequestContext): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable
  const [, key = '', fallback] = /^([^,]+?)(?:, ?'([^']*)')?$/.exec(variable) ?? []
  const value = contextValue(context, key)
  if (typeof value === 'string') return value
  return value === undefined ? fallback : undefined
}
