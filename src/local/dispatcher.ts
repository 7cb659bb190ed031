import { authenticate } from './authentication.ts'
import { jsonRpc, readJsonRpc } from './codecs/json-rpc.ts'
import { readIdentityWellKnown, readTokenRequest, readWellKnown } from './codecs/oauth.ts'
import { elementOf, readQuery, writeElements } from './codecs/query.ts'
import { readUpload } from './cognito-idp/user-import.ts'
import { answerFault } from './faults.ts'
import { authorize } from './iam/authorization.ts'
import { isObject, type JsonObject } from './json.ts'
import { recordUse } from './iam/access-keys.ts'
import { readVisit } from './managed-login/visit.ts'
import { type Call, type Caller, Deferred, type Incoming, type LocalRequest, ServiceError } from './operation.ts'
import type { State } from './state/index.ts'
import { type OtherService, readTarget } from './target.ts'
import { createContext, getKeys, type World } from './world.ts'

/**
 * Answers a request from the state of the world, and never from the network. Each request is logged,
 * authenticated, hit by a fault before its effect, handled, hit by a fault after it, and encoded. `atAnyHost` says that other
 * host names than AWS's stand for all of AWS.
 */
export async function dispatch(
  world: World,
  input: LocalRequest | string | URL,
  init?: RequestInit,
  atAnyHost = false,
): Promise<Response> {
  const request = toRequest(input, init)
  if (request.method === 'OPTIONS') return answerPreflight(request)
  const incoming = await readRequest(world, request, atAnyHost)
  const call = readCall(incoming, world.state)
  const entry = world.log.add({
    method: incoming.method,
    url: incoming.url.origin + incoming.url.pathname,
    service: call?.service,
    operation: call?.operation,
    userPoolId: call?.userPoolId,
    at: world.clock.now(),
  })
  const exchange = world.log.open(entry, keptInput(call, incoming))
  const startedAt = performance.now()
  const hit = async (current: Call, when: 'before' | 'after', requestId: string) => {
    const { delay, fault } = world.faults.take(current, when, world.clock.now())
    if (delay > 0) await wait(world.sleep(delay), request.signal)
    if (fault === undefined) return undefined
    entry.faulted = true
    exchange.error = { code: fault.error ?? 'Fault', message: fault.message ?? 'A fault was ordered.' }
    return answerFault(fault, current.codec, requestId, () => request.signal)
  }
  const response = await (call === undefined ? notFound(world, incoming) : answer(world, call, incoming, exchange, hit))
  if (!response.headers.has('date')) response.headers.set('date', new Date(world.clock.now()).toUTCString())
  if (request.headers.get('origin') !== null && call?.codec.isForPages !== true) allowEveryOrigin(response.headers)
  entry.status = response.status
  exchange.duration = performance.now() - startedAt
  return response
}

/** What a call sent, as far as it is worth keeping: a long text would stay for the next 200 calls. */
function keptInput(call: Call | undefined, { body }: Incoming): JsonObject | undefined {
  return call === undefined || call.input instanceof ServiceError || body.length > 65_536 ? undefined : call.input
}

function readCall(incoming: Incoming, state: State): Call | undefined {
  const api = readJsonRpc(incoming) ?? readQuery(incoming)
  return (
    api ??
    readWellKnown(incoming) ??
    readIdentityWellKnown(incoming) ??
    readTokenRequest(incoming, state) ??
    readVisit(incoming, state) ??
    readUpload(incoming)
  )
}

async function answer(
  world: World,
  call: Call,
  incoming: Incoming,
  exchange: Pick<ReturnType<World['log']['open']>, 'output' | 'error'>,
  hit: (call: Call, when: 'before' | 'after', requestId: string) => Promise<Response | undefined>,
): Promise<Response> {
  const requestId = world.random.uuid()
  const refuse = (error: ServiceError, encode = call.codec.refuse) => {
    exchange.error = { code: error.code, message: error.message }
    return encode(error, requestId)
  }
  if (world.operations[`${call.service}.${call.operation}`] === undefined) return refuse(absent(world, call))
  const caller = await checkCaller(world, call, incoming)
  if (caller instanceof ServiceError) return refuse(caller, call.codec.refuseCaller)
  const before = await hit(call, 'before', requestId)
  if (before !== undefined) return before
  const output = await handle(world, call, caller)
  const after = await hit(call, 'after', requestId)
  if (after !== undefined) return after
  if (output instanceof ServiceError) return refuse(output)
  try {
    const whole = await complete(world, output)
    exchange.output = whole
    return call.codec.answer(whole, requestId)
  } catch (error) {
    if (error instanceof ServiceError) return refuse(error)
    throw error
  }
}

/**
 * Does what a call of this operation does, for callers of this process, who need no signature: no fault hits it, and it stands in
 * no log.
 */
export async function perform(
  world: World,
  {
    service,
    operation,
    region,
    input,
  }: Pick<Call, 'service' | 'operation' | 'region'> & { readonly input: JsonObject },
): Promise<JsonObject | ServiceError | undefined> {
  const call: Call = { service, operation, region, input, userPoolId: undefined, signed: false, codec: jsonRpc }
  const output = await handle(world, call, undefined)
  try {
    return output instanceof ServiceError ? output : await complete(world, output)
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

/** Waits, or rejects as soon as the signal aborts. */
async function wait(sleeping: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return sleeping
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([sleeping, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Who calls, as far as the call is signed; an error for a caller that is not known, or may not do this. */
async function checkCaller(world: World, call: Call, incoming: Incoming): Promise<Caller | ServiceError | undefined> {
  try {
    const caller = await authenticate(world, call, incoming)
    if (!call.signed) return undefined
    authorize(world, call, caller, incoming)
    recordUse(world.state, caller, { service: call.service, region: call.region, now: world.clock.now() })
    return caller
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

/** HTTP 501 and a line in the log, and never an error of signature or permission: nobody need look for a fault of theirs. */
function absent(world: World, { service, operation }: Call): ServiceError {
  const name = `${service}.${toPrintable(operation)}`
  if (operation !== '') world.report(`501 ${name} is not offered.`)
  return new ServiceError(
    'UnknownOperationException',
    `The local pool does not offer the operation ${name}.`,
    operation === '' ? 400 : 501,
  )
}

/** What a caller sent, on one line of a log and without what terminals obey. */
function toPrintable(text: string): string {
  return text.slice(0, 80).replaceAll(/[^\x20-\x7E]/g, '?')
}

async function handle(
  world: World,
  { service, operation, region, input }: Call,
  caller: Caller | undefined,
): Promise<JsonObject | ServiceError | undefined> {
  const found = world.operations[`${service}.${operation}`]
  if (found === undefined) return undefined
  if (input instanceof ServiceError) return input
  const invalid = world.checkInput(service, operation, input)
  if (invalid !== undefined) return invalid
  const context = createContext(world, region, caller)
  try {
    const handler = typeof found === 'function' ? found : await found.prepare(world.state, input, world.keys, context)
    return handler(world.state, input, context)
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

async function complete(world: World, output: JsonObject | undefined): Promise<JsonObject | undefined> {
  if (output === undefined) return undefined
  const members = Object.entries(output).map(async ([name, value]): Promise<[string, unknown]> => {
    if (value instanceof Deferred) {
      // Pools that CreateUserPool has made get their keys when they are first needed.
      const keys = getKeys(world, value.userPoolId)
      return [name, keys && (await value.make(keys))]
    }
    return [name, isObject(value) && !(value instanceof Date) ? await complete(world, value) : value]
  })
  return Object.fromEntries(await Promise.all(members))
}

function toRequest(input: LocalRequest | string | URL, init: RequestInit | undefined): LocalRequest {
  const isUrl = typeof input === 'string' || input instanceof URL
  if (!isUrl && init === undefined) return input
  if (!isUrl && !(input instanceof Request)) {
    throw new TypeError('fetch: give init beside a URL or a global Request only.')
  }
  init?.signal?.throwIfAborted()
  return new Request(input, init)
}

async function readRequest(world: World, request: LocalRequest, atAnyHost: boolean): Promise<Incoming> {
  const { method, headers } = request
  const body = method === 'GET' || method === 'HEAD' ? '' : await request.text()
  const parts = { method, url: new URL(request.url), headers, body }
  return { ...parts, target: readTarget(parts, world, atAnyHost) }
}

function notFound(world: World, { target, headers }: Incoming): Response {
  if (target?.host.kind === 'other') return notOffered(world, target.host, headers.get('x-amz-target') !== null)
  return Response.json({ message: 'Nothing is served here.' }, { status: 404 })
}

/** A service of AWS that is another one than the four: in the words of its protocol, as far as they can be told. */
function notOffered(world: World, { service, region }: OtherService, isJson: boolean): Response {
  const message = `The local AWS does not offer the service ${toPrintable(service)} in ${toPrintable(region)}.`
  world.report(`501 ${message}`)
  const error = new ServiceError(isJson ? 'UnknownOperationException' : 'NotImplemented', message, 501)
  const requestId = world.random.uuid()
  if (isJson) return jsonRpc.refuse(error, requestId)
  const body = { Error: { Code: error.code, Message: message }, RequestId: requestId }
  const content = elementOf('ErrorResponse', writeElements(body))
  return new Response(content, { status: 501, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId } })
}

/** Pages of every origin may call Cognito, and read what its clients need. */
function allowEveryOrigin(headers: Headers): void {
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-expose-headers', 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date')
}

function answerPreflight({ headers }: LocalRequest): Response {
  const response = new Response(null, { status: 200 })
  allowEveryOrigin(response.headers)
  response.headers.set('access-control-allow-methods', 'GET,POST,OPTIONS')
  response.headers.set('access-control-allow-headers', headers.get('access-control-request-headers') ?? '*')
  response.headers.set('access-control-max-age', '172800')
  return response
}
