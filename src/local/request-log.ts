import type { JsonObject } from './json.ts'

/** A request that a local world has seen. It holds no header, no body and no query string. */
export interface RequestRecord {
  readonly method: string
  /** Origin and path. */
  readonly url: string
  /** `issuer`, `cognito-idp`, `cognito-identity`, `oauth2`, `iam`, `sts`; undefined where nothing is served. */
  readonly service: string | undefined
  /** Such as `jwks`, `openid-configuration`, `token`, `ListGroups` or `GetRole`; undefined where nothing is served. */
  readonly operation: string | undefined
  /** The user pool that the request names. */
  readonly userPoolId: string | undefined
  /** Milliseconds since the epoch, by the clock of the world. */
  readonly at: number
  /** The HTTP status of the answer; undefined as long as there is none. */
  readonly status: number | undefined
  /** Whether a fault of `fail` took the place of the answer. */
  readonly faulted: boolean
}

type Entry = { -readonly [K in keyof RequestRecord]: RequestRecord[K] }

/** A call with what was sent and answered, for people who look at it. It holds tokens and passwords: see `redact`. */
export interface Exchange {
  /** Counts up from 1. */
  readonly id: number
  readonly request: RequestRecord
  /** As it was decoded; undefined where it could not be, or was longer than 64 kB. */
  readonly input: JsonObject | undefined
  /** Undefined as long as there is no answer, and for an error. */
  readonly output: JsonObject | undefined
  /** The code and the message of an error. */
  readonly error: { readonly code: string; readonly message: string } | undefined
  /** How long the answer took, in milliseconds of real time. */
  readonly duration: number | undefined
}

type OpenExchange = { -readonly [K in keyof Exchange]: Exchange[K] }

/** The requests of a world, oldest first. */
export interface RequestLog {
  add(record: Omit<RequestRecord, 'status' | 'faulted'>): Entry
  list(): RequestRecord[]
  /** Keeps what a call was about; the answer is written into the result once it is there. */
  open(request: RequestRecord, input: JsonObject | undefined): OpenExchange
  /** The latest exchanges, oldest first: at most 200. */
  recent(): readonly Exchange[]
}

/** How many exchanges are kept. */
const mostExchanges = 200

/** Keeps the latest `limit` requests, so that a server that runs for days does not grow. */
export function createRequestLog(limit = 100_000): RequestLog {
  const entries: Entry[] = []
  const exchanges: OpenExchange[] = []
  let lastId = 0
  /** Requests are alike: each text is kept once, which halves what the log needs. */
  const texts = new Map<string, string>()
  const once = <T extends string | undefined>(text: T): string | T => {
    if (text === undefined) return text
    const known = texts.get(text)
    if (known !== undefined) return known
    if (texts.size >= 10_000) texts.clear()
    texts.set(text, text)
    return text
  }
  return {
    add({ method, url, service, operation, userPoolId, at }) {
      const entry: Entry = {
        method: once(method),
        url: once(url),
        service: once(service),
        operation: once(operation),
        userPoolId: once(userPoolId),
        at,
        status: undefined,
        faulted: false,
      }
      entries.push(entry)
      if (entries.length > limit * 1.1) entries.splice(0, entries.length - limit)
      return entry
    },
    list: () => entries.map((entry) => ({ ...entry })),
    open(request, input) {
      lastId += 1
      const exchange: OpenExchange = {
        ...{ id: lastId, request, input },
        ...{ output: undefined, error: undefined, duration: undefined },
      }
      exchanges.push(exchange)
      if (exchanges.length > mostExchanges) exchanges.shift()
      return exchange
    },
    recent: () => [...exchanges],
  }
}

/** How many of the requests called `operation`: its name alone, or `service.Operation`. Without it, all of them. */
export function countRequests(records: readonly RequestRecord[], operation?: string): number {
  return operation === undefined ? records.length : records.filter((record) => isCallOf(record, operation)).length
}

/** Whether a call is one of `name`: the operation's name alone, or `service.Operation`, or `*`. */
export function isCallOf(
  call: { readonly service: string | undefined; readonly operation: string | undefined },
  name: string,
): boolean {
  return name === '*' || call.operation === name || `${call.service}.${call.operation}` === name
}
