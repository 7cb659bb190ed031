import type { Conditions } from './document.ts'
import {
  contextValue,
  expandPieces,
  matchesPieces,
  type Piece,
  piecesOf,
  plainText,
  type RequestContext,
} from './pattern.ts'

/** Whether one value of the request is as one value of the policy demands. */
type Compare = (actual: string, wanted: readonly Piece[]) => boolean

interface Operator {
  readonly compare: Compare
  /** Whether it holds where no value of the policy fits, in place of where one does. */
  readonly isNegated: boolean
}

/**
 * Whether all conditions hold. Undefined where that cannot be told: an operator that is not known, a policy variable
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
  return base === 'null' || operatorOf(base) !== undefined || /^(?:(?:not)?ipaddress|binaryequals)$/.test(base)
}

function judge(
  name: string,
  given: string | readonly string[] | undefined,
  wanted: readonly (readonly Piece[] | undefined)[],
): boolean | undefined {
  const { base, set, isOptional } = partsOf(name)
  const values = given === undefined ? [] : [given].flat()
  if (base === 'null') return isNull(values, wanted)
  const operator = operatorOf(base)
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

function operatorOf(base: string): Operator | undefined {
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
  const read = family === 'numeric' ? numberOf : timeOf
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

function numberOf(text: string): number {
  return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

/** A date of ISO 8601, or seconds since the epoch. */
function timeOf(text: string): number {
  return /^\d+(?:\.\d+)?$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text)
}
