import { createMap, isObject, type JsonObject } from '../json.ts'
import { type Call, type Codec, type Incoming, ServiceError } from '../operation.ts'

/** What of a call shapes the answer to it. */
interface Shape {
  readonly service: 'iam' | 'sts'
  readonly operation: string
  /** Whether the caller asked for JSON, which IAM and STS then give, though it is documented nowhere. */
  readonly isJson: boolean
}

/** Reads a call in AWS's Query protocol: a form, in the body of a POST or the query string of a GET. */
export function readQuery(incoming: Incoming): Call | undefined {
  const { url, method, headers, target } = incoming
  const host = target?.host
  if (host?.kind !== 'query' || url.pathname !== '/' || (method !== 'POST' && method !== 'GET')) return undefined
  const form = formOf(incoming)
  const operation = form.get('Action') ?? ''
  const isJson = /^application\/json *(?:[,;]|$)/i.test(headers.get('accept') ?? '')
  return {
    service: host.service,
    operation,
    region: host.region,
    userPoolId: undefined,
    signed: operation !== 'AssumeRoleWithWebIdentity',
    input: inputOf(form, host.service),
    codec: createQueryCodec({ service: host.service, operation, isJson }),
  }
}

function formOf({ method, url, headers, body }: Incoming): URLSearchParams {
  if (method === 'GET') return url.searchParams
  const isForm = /^application\/x-www-form-urlencoded *(?:;|$)/i.test(headers.get('content-type') ?? '')
  return new URLSearchParams(isForm ? body : '')
}

function inputOf(form: URLSearchParams, service: Shape['service']): Call['input'] {
  const version = form.get('Version') ?? 'NO_VERSION_SPECIFIED'
  if (version !== versionOf(service)) {
    return new ServiceError('InvalidAction', `Could not find the operation for version ${version.slice(0, 40)}`)
  }
  return decodeForm(form) ?? new ServiceError('MalformedInput', 'The parameters contradict each other.')
}

function createQueryCodec(shape: Shape): Codec {
  const codec = {
    answer: (output: JsonObject | undefined, requestId: string) => respond(shape, 200, requestId, output),
    refuse: (error: ServiceError, requestId: string) => refuse(shape, inQueryWords(error, shape), requestId),
  }
  return { ...codec, refuseCaller: (error, requestId) => codec.refuse(asCallerError(error), requestId) }
}

/** Dates of `output` are instances of Date; members that are undefined are null in JSON, and absent in XML. */
function respond(shape: Shape, status: number, requestId: string, output: JsonObject | undefined): Response {
  const { operation } = shape
  const metadata = { ResponseMetadata: { RequestId: requestId } }
  const content = output === undefined ? metadata : { [`${operation}Result`]: output, ...metadata }
  return write(shape, status, requestId, `${operation}Response`, content)
}

function refuse(shape: Shape, { code, message, status }: ServiceError, requestId: string): Response {
  const error = { Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message } }
  const content = { ...error, RequestId: requestId }
  if (!shape.isJson) return write(shape, status, requestId, 'ErrorResponse', content)
  return new Response(JSON.stringify(content), { status, headers: headersOf('application/json', requestId) })
}

function write(shape: Shape, status: number, requestId: string, name: string, content: JsonObject): Response {
  if (shape.isJson) {
    const headers = headersOf('application/json', requestId)
    return new Response(JSON.stringify({ [name]: jsonOf(content) }), { status, headers })
  }
  const namespace = `https://${shape.service}.amazonaws.com/doc/${versionOf(shape.service)}/`
  const body = elementOf(name, writeElements(content), { xmlns: namespace })
  return new Response(body, { status, headers: headersOf('text/xml', requestId) })
}

function jsonOf(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(jsonOf)
  if (!isObject(value)) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]))
}

function headersOf(contentType: string, requestId: string): Record<string, string> {
  return { 'content-type': contentType, 'x-amzn-requestid': requestId }
}

function versionOf(service: Shape['service']): string {
  return service === 'iam' ? '2010-05-08' : '2011-06-15'
}

/** What the local pool refuses of itself has other names in this protocol. */
function inQueryWords(error: ServiceError, { service, operation }: Shape): ServiceError {
  if (error.code === 'InternalErrorException') {
    return new ServiceError(service === 'iam' ? 'ServiceFailure' : 'InternalFailure', error.message, error.status)
  }
  if (error.code === 'InvalidParameterException') return new ServiceError('ValidationError', error.message)
  if (error.code !== 'UnknownOperationException') return error
  return operation === ''
    ? new ServiceError('MissingAction', 'The request must contain the parameter Action.')
    : new ServiceError('InvalidAction', error.message, error.status)
}

/** The names that callers who are not known, or not well signed, are refused by; all with status 403. */
function asCallerError({ code, message }: ServiceError): ServiceError {
  const names: Readonly<Record<string, string>> = {
    InvalidSignatureException: 'SignatureDoesNotMatch',
    UnrecognizedClientException: 'InvalidClientTokenId',
  }
  return new ServiceError(names[code] ?? code.replace(/Exception$/, ''), message, 403)
}

/** What a form holds while it is read: a text, or members by name. */
interface Members {
  [name: string]: string | Members
}

/** More than the parameters of IAM and STS need. */
const maxDepth = 8

/**
 * The input that a form of AWS's Query protocol stands for: `Tags.member.1.Key=a` is `{ Tags: [{ Key: 'a' }] }`, in
 * the order of the numbers, and an empty list is an empty text. Values stay texts. Undefined where a name comes twice,
 * or both as a value and with members, or lies deeper than any parameter of AWS.
 */
export function decodeForm(form: URLSearchParams): JsonObject | undefined {
  const root: Members = createMap()
  for (const [name, value] of form) {
    const path = name.split('.')
    const last = path.pop() ?? ''
    const parent = path.length > maxDepth ? undefined : descend(root, path)
    if (parent === undefined || parent[last] !== undefined) return undefined
    parent[last] = value
  }
  return objectOf(root)
}

function descend(root: Members, path: readonly string[]): Members | undefined {
  let at = root
  for (const name of path) {
    const next = at[name] ?? createMap()
    if (typeof next === 'string') return undefined
    at[name] = next
    at = next
  }
  return at
}

function objectOf(members: Members): JsonObject {
  return createMap(Object.entries(members).map(([name, member]) => [name, memberValue(member)]))
}

function memberValue(member: string | Members): unknown {
  if (typeof member === 'string') return member
  const items = member['member']
  const isList = isObject(items) && Object.keys(member).length === 1
  if (!isList || !Object.keys(items).every((name) => /^[1-9]\d{0,5}$/.test(name))) return objectOf(member)
  return Object.keys(items)
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => memberValue(items[name] ?? ''))
}

/** One element. `content` is XML already. */
export function elementOf(name: string, content: string, attributes: Readonly<Record<string, string>> = {}): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
  return `<${name}${written.join('')}>${content}</${name}>`
}

/**
 * The members of an object as elements, as AWS's Query protocol writes them: the items of lists are called `member`,
 * dates are in UTC to the second, and what is undefined or null is absent.
 */
export function writeElements(members: JsonObject): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => elementOf(name, contentOf(value)))
    .join('')
}

function contentOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z')
  if (Array.isArray(value)) return value.map((item) => elementOf('member', contentOf(item))).join('')
  return isObject(value) ? writeElements(value) : escapeXml(String(value))
}

/**
 * Text for content and attributes. A carriage return is written as a reference, since parsers turn a bare one into a
 * line feed; what XML 1.0 cannot hold (section 2.2) becomes U+FFFD.
 */
export function escapeXml(text: string): string {
  return Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0
    if (!isAllowed(point)) return '\ufffd'
    return '&<>"\'\r'.includes(character) ? `&#${point};` : character
  }).join('')
}

function isAllowed(point: number): boolean {
  if (point < 0x20) return point === 0x09 || point === 0x0a || point === 0x0d
  return (point < 0xd800 || point > 0xdfff) && point !== 0xfffe && point !== 0xffff
}
