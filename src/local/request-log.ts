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

/** The requests of a world, oldest first. */
export interface RequestLog {
  add(record: Omit<RequestRecord, 'status' | 'faulted'>): Entry
  list(): RequestRecord[]
}

/** Keeps the latest `limit` requests, so that a server that runs for days does not grow. */
export function createRequestLog(limit = 100_000): RequestLog {
  const entries: Entry[] = []
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
