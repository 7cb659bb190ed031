import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml'
import { isJsonObject } from '../../internal/encoding.ts'
import { type Call, type ClientOptions, createCall, parseObject, type Protocol } from './call.ts'
import { quoteReason } from './error.ts'
import { createSigning } from './sign.ts'

/** A service of AWS's Query protocol. */
export interface QueryService extends MemberTypes {
  /** Its host's first label and its name in signatures, such as `sts`. */
  readonly service: string
  /** The API's date, such as `2010-05-08`. */
  readonly version: string
}

/**
 * Calls a service of AWS's Query protocol, such as IAM and STS. Every call is signed. Throws ConfigurationError, naming the
 * option; calls throw AwsError, where the answer to a write was lost with outcome `unknown` and without having repeated it.
 */
export function createQueryCall(service: QueryService, options: ClientOptions): Call {
  return createCall(
    {
      service: service.service,
      ...queryProtocol(service),
      quote: quoteReason,
      isSigned: () => true,
      isRead: (operation) => /^(Get|List|Describe)/.test(operation),
    },
    options,
    createSigning(service.service, options),
  )
}

/** Which members of outputs are neither text nor structures, by name: XML does not show it. */
interface MemberTypes {
  readonly lists: readonly string[]
  readonly numbers: readonly string[]
  readonly flags: readonly string[]
  readonly times: readonly string[]
}

/**
 * AWS's Query protocol: calls are forms, answers XML, or JSON where the service can. Outputs have one form whichever it is:
 * without what is null, lists as arrays, points in time as seconds since the epoch.
 */
function queryProtocol(service: QueryService): Protocol {
  return {
    encode(operation, input) {
      const form = new URLSearchParams({ Action: operation, Version: service.version })
      for (const [name, value] of Object.entries(input)) append(form, name, value)
      const headers = {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      }
      return { method: 'POST', headers, body: strict(form.toString()) }
    },
    decode(body, { ok, headers }, operation) {
      try {
        const answer = isXml(headers.get('content-type') ?? '', body) ? readXml(body) : parseObject(body)
        return answer && (ok ? readOutput(answer, operation, service) : readError(answer))
      } catch {
        return undefined
      }
    },
  }
}

/** A form as most encoders write it: moto compares the signature with that of what it decoded and encoded again. */
function strict(form: string): string {
  return form.replaceAll('*', '%2A').replaceAll('%7E', '~')
}

/** Adds a member to a form: `Tags.member.1.Key`; an empty list is an empty text. */
function append(form: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      append(form, `${name}.member.${index + 1}`, item)
    })
    if (value.length === 0) form.append(name, '')
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) append(form, `${name}.${key}`, item)
  } else {
    form.append(name, `${value}`)
  }
}

function isXml(type: string, body: string): boolean {
  return /xml/i.test(type) || (!/json/i.test(type) && body.trimStart().startsWith('<'))
}

type Members = Readonly<Record<string, unknown>>

function readOutput(answer: Members, operation: string, types: MemberTypes) {
  if (!Object.hasOwn(answer, `${operation}Response`)) return undefined
  return coerceTypes(readMembers(readMembers(answer[`${operation}Response`])[`${operation}Result`]), types)
}

/** What an element or a member holds; nothing where it is empty. Throws where it is no structure. */
function readMembers(value: unknown): Members {
  if (isJsonObject(value)) return value
  if (value === undefined || value === null || value === '') return {}
  throw new TypeError('no structure')
}

/** The error of an answer in the spelling of JSON 1.1. */
function readError(answer: Members): Record<string, unknown> {
  const { ErrorResponse = answer } = answer
  const { Error: error, RequestId, ...others } = readMembers(ErrorResponse)
  const { Code, Message } = isJsonObject(error) ? error : {}
  return { ...others, ...(Code !== undefined && { code: Code, message: Message }), RequestId }
}

/** Gives members the types that their names promise, whether they came in JSON or in XML. Throws where one has another. */
function coerceTypes(members: Members, types: MemberTypes): Record<string, unknown> {
  const { lists, numbers, flags, times } = types
  const coerceItem = (value: unknown) => (isJsonObject(value) ? coerceTypes(value, types) : value)
  const coerce = (name: string, value: unknown): unknown => {
    if (lists.includes(name)) return coerceList(value).map(coerceItem)
    if (value === null) return undefined
    if (numbers.includes(name)) return value === '' ? undefined : coerceNumber(value)
    if (flags.includes(name)) return coerceFlag(value)
    return times.includes(name) ? coerceTime(value) : coerceItem(value)
  }
  const entries = Object.entries(members).map(([name, value]) => [name, coerce(name, value)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** A list is an array, an object whose `member` is one, or nothing where it is empty. */
function coerceList(value: unknown): readonly unknown[] {
  if (value === null || value === '') return []
  const items = isJsonObject(value) ? (value['member'] ?? []) : value
  if (!Array.isArray(items)) throw new TypeError('no list')
  return items
}

function coerceNumber(value: unknown): number {
  const number = typeof value === 'string' ? +value : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new TypeError('no number')
  return number
}

function coerceFlag(value: unknown): boolean {
  const text = `${value}`
  if (text !== 'true' && text !== 'false') throw new TypeError('neither true nor false')
  return text === 'true'
}

/** Seconds since the epoch, of a number, a number's text or an ISO 8601 text; undefined for anything else. */
function coerceTime(value: unknown): number | undefined {
  const text = `${value}`.trim()
  const seconds = /^\d+(\.\d+)?$/.test(text) ? +text : Date.parse(text) / 1000
  return Number.isNaN(seconds) ? undefined : seconds
}

/** How much XML is read, in characters, and how many tags it may have. A page of 1,000 roles stays below both. */
const MOST = 8_000_000
const MOST_TAGS = 150_000
/** How deep elements may stand in each other. Those of IAM stand 8 deep. */
const DEEPEST = 50

/**
 * Reads an XML document into an object of one member, named as the root element. An element is its text, or an object of
 * its children by name, in which `member` is always a list; attributes are left out. Undefined for what is not well-formed,
 * has a DTD, a child twice, text beside children, or is too long, too deep or of too many elements.
 */
export function readXml(text: string): Record<string, unknown> | undefined {
  if (text.length > MOST || /<!DOCTYPE/i.test(text) || !isWithinLimits(text)) return undefined
  try {
    const { root } = parseXml(text)
    return root ? { [root.name]: readElement(root) } : undefined
  } catch {
    return undefined
  }
}

/** Whether it is worth parsing: the parser makes objects of everything first, at 400 bytes and more for a tag. */
function isWithinLimits(text: string): boolean {
  let depth = 0
  let tags = 0
  let end = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    if (++tags > MOST_TAGS) return false
    const kind = text[at + 1]
    if (kind === '!') at = text.indexOf(text[at + 2] === '[' ? ']]>' : '-->', at)
    else if (end <= at) end = text.indexOf('>', at)
    if (at < 0 || end < 0) return false
    if (kind === '/') depth--
    else if (kind !== '?' && kind !== '!' && text[end - 1] !== '/') depth++
    if (depth > DEEPEST) return false
  }
  return true
}

/** Throws where the element is not of that form. */
function readElement({ children }: XmlElement): unknown {
  const elements = children.filter((child) => child instanceof XmlElement)
  const text = children.map((child) => (child instanceof XmlText ? child.text : '')).join('')
  if (elements.length === 0) return text
  if (text.trim()) throw new TypeError('text beside elements')
  const members = elements.filter(({ name }) => name === 'member').map(readElement)
  const others = elements.filter(({ name }) => name !== 'member')
  if (new Set(others.map(({ name }) => name)).size < others.length) throw new TypeError('an element twice')
  const entries = others.map((child) => [child.name, readElement(child)] as const)
  return Object.fromEntries(members.length > 0 ? [...entries, ['member', members] as const] : entries)
}
