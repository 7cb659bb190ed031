import { hostOf } from '../hosts.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Call, Codec, Incoming } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import { decodeForm } from './form.ts'
import { elementOf, writeElements } from './xml.ts'

/** What of a call shapes the answer to it. */
interface Shape {
  readonly service: 'iam' | 'sts'
  readonly operation: string
  /** Whether the caller asked for JSON, which IAM and STS then give, though it is documented nowhere. */
  readonly isJson: boolean
}

/** Reads a call in AWS's Query protocol: a form, in the body of a POST or the query string of a GET. */
export function readQuery(incoming: Incoming): Call | undefined {
  const { url, method, headers } = incoming
  const host = hostOf(url)
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
