import { AuthenticationError, UnavailableError } from '../errors.ts'
import { readText } from '../internal/encoding.ts'
import { importKeys, type Jwk, type SigningKey, type SigningKeys, usableKeys } from './jwk.ts'
import { checkEntry, type KeyStore } from './store.ts'

/** How an issuer is asked for its keys, and how long they are used. */
export interface RemoteKeysOptions {
  readonly keyCache?: KeyCacheOptions | undefined
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined
  /** Milliseconds since the epoch. Default: the platform's clock. */
  readonly now?: (() => number) | undefined
  /** Default: a timer of the platform, which ends with an aborted sleep. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined
  /** Called when an issuer fails to give its keys, with the context of the request that asked. Must not throw. */
  readonly onFailure?: ((issuer: string, error: unknown, context: RequestContext) => void) | undefined
}

/** Where the keys of one issuer are. */
export interface KeyLocation {
  readonly issuer: string
  readonly url: string
  readonly store?: KeyStore | undefined
}

/** How long a request waits at least before it checks again whether another one has fetched the keys. */
const PAUSE = 10

/** How long ago something was. Endless where it never was, or where the clock went back behind it or gives no number. */
const age = (time: number, now: number) => (now >= time ? now - time : Infinity)

/**
 * The keys of one issuer, fetched on demand. Requests share values only, never promises: a request that fetches holds a
 * lease, the others look at the stored value again and again, and take over where the lease runs out. Nobody gives up before
 * the timeout while any of these requests may still bring the keys.
 */
export function createRemoteKeys({ issuer, url, store }: KeyLocation, options: RemoteKeysOptions): KeySource {
  const { keyCache = {}, fetch = (request) => globalThis.fetch(request), now = Date.now, sleep = timer } = options
  const maxAge = (keyCache.maxAge ?? 3600) * 1000
  const lifetime = maxAge + (keyCache.staleIfError ?? 82_800) * 1000
  const cooldown = (keyCache.cooldown ?? 10) * 1000
  const timeout = (keyCache.timeout ?? 3) * 1000
  const lease = timeout / 2
  let keys: SigningKeys = new Map()
  /** When the issuer gave these keys, when it was last asked, and when it last failed to answer. */
  let fetchedAt = -Infinity
  let askedAt = -Infinity
  let failedAt = -Infinity
  let failure: unknown
  /** Requests to the issuer under way. One whose caller was cancelled never says that it is over, and is dropped in time. */
  let fetches: readonly { readonly start: number; readonly limit: number }[] = []

  /** The key of this id, or any. */
  const lookUp = (kid: string | undefined): SigningKey | undefined =>
    kid === undefined ? keys.values().next().value : keys.get(kid)
  const current = (kid: string | undefined) => (age(fetchedAt, now()) < maxAge ? lookUp(kid) : undefined)

  /** Waits for the store, but not long: the time is the issuer's. */
  const soon = <T>(work: Promise<T>, signal: AbortSignal) => Promise.race([work, sleep(timeout / 4, signal)])

  /** Takes over a key set, unless a later one is here already, by a clock that has not gone back since. */
  async function adopt(jwks: readonly Jwk[], at: number, signal: AbortSignal): Promise<void> {
    const found = await importKeys(jwks, keys)
    if (found.size === 0) throw new Error('No usable key.')
    if (signal.aborted || (at < fetchedAt && fetchedAt <= now())) return
    keys = found
    fetchedAt = at
  }

  async function ask(kid: string | undefined, signal: AbortSignal, { waitUntil }: RequestContext): Promise<void> {
    try {
      const entry = checkEntry(store && (await soon(store.get(issuer), signal)), issuer, now(), lifetime)
      if (entry) await adopt(entry.keys, entry.fetchedAt, signal)
    } catch {}
    if (signal.aborted || current(kid)) return
    askedAt = now()
    const jwks = await fetchKeys(url, fetch, signal, age(fetchedAt, askedAt) >= lifetime)
    const at = now()
    await adopt(jwks, at, signal)
    const write = async () => store?.put(issuer, { issuer, fetchedAt: at, keys: jwks })
    const written = store && write().catch(() => {})
    if (written && waitUntil) waitUntil(written)
    else if (written) await soon(written, signal)
  }

  /** Asks the store, then the issuer, for at most `limit`. Never throws: the outcome is in the variables above. */
  async function refresh(kid: string | undefined, limit: number, context: RequestContext): Promise<void> {
    const own = { start: now(), limit }
    fetches = [...fetches, own]
    const over = new AbortController()
    try {
      const late = sleep(limit, over.signal).then(() => {
        throw new Error('The issuer did not answer in time.')
      })
      await Promise.race([ask(kid, over.signal, context), late])
    } catch (error) {
      failure = error
      failedAt = now()
      options.onFailure?.(issuer, error, context)
    }
    over.abort()
    fetches = fetches.filter((other) => other !== own)
  }

  async function find(kid: string | undefined, issuedAt: number, context: RequestContext): Promise<SigningKey> {
    const began = now()
    /** When this request asked for new keys, if it has. */
    let askedHere = Infinity
    for (;;) {
      const at = now()
      const left = timeout - age(began, at)
      const old = age(fetchedAt, at)
      const known = old < lifetime
      const key = known ? lookUp(kid) : undefined
      fetches = fetches.filter(({ start, limit }) => age(start, at) < limit)
      const ages = fetches.map(({ start }) => age(start, at))
      const leased = ages.some((since) => since < lease)
      const rest = cooldown - Math.min(age(failedAt, at), known ? age(askedAt, at) : Infinity)
      const resting = askedHere < Infinity || rest > 0
      if (key && (old < maxAge || leased || resting)) return key
      if (!(left > 0) || (resting && !fetches.length)) {
        const younger = fetchedAt < askedHere && issuedAt >= Math.floor(fetchedAt / 1000)
        if (known && !younger) throw new AuthenticationError('KEY_UNKNOWN')
        throw new UnavailableError(rest / 1000, { cause: failure })
      }
      if (leased || resting) {
        // As long as the latest of them takes already, so that the intervals double; but not past the end of a lease.
        const ends = fetches.flatMap(({ limit }, index) => [lease, limit].map((end) => end - (ages[index] ?? 0)))
        await sleep(Math.min(Math.max(PAUSE, ages.at(-1) ?? 0), left, ...ends.filter((end) => end > 0)))
      } else {
        askedHere = at
        await refresh(kid, left, context)
      }
    }
  }

  return {
    current,
    find,
    prefetch: async (context) => void (await find(undefined, 0, context)),
  }
}

function timer(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const running = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(running)
      resolve()
    })
  })
}

export type Fetch = (request: Request) => Promise<Response>

/**
 * Asks an issuer for its keys; where `again`, once more at once if the connection fails. Throws whatever goes wrong: no
 * answer, a redirect, another status than 200, a body that is too large or no JSON.
 */
export async function fetchKeys(
  url: string,
  fetch: Fetch,
  signal: AbortSignal,
  again: boolean,
): Promise<readonly Jwk[]> {
  const { status, text } = await download(url, fetch, signal).catch((error: unknown) => {
    if (!again || signal.aborted) throw error
    return download(url, fetch, signal)
  })
  if (status !== 200) throw new Error(`The issuer answered ${status}.`)
  if (text === undefined) throw new Error('The key set is too large.')
  return usableKeys(JSON.parse(text))
}

/** The answer, without its body where that is too large or of no use. Throws only where the connection fails. */
async function download(url: string, fetch: Fetch, signal: AbortSignal) {
  const answer = await fetch(new Request(url, { redirect: 'manual', signal }))
  const { status, body } = answer
  if (status === 200) return { status, text: await readText(answer) }
  await body?.cancel()
  return { status }
}

/** What a request brings along for work that may outlive its answer. */
export interface RequestContext {
  /** The platform's `waitUntil`, for store writes that the answer does not wait for. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** How long the keys of an issuer are kept, and how it is asked for them. */
export interface KeyCacheOptions {
  /** Seconds during which known keys serve without asking the issuer. Default 3,600. */
  readonly maxAge?: number | undefined
  /** Seconds beyond `maxAge` during which known keys serve while the issuer cannot be reached. Default 82,800. */
  readonly staleIfError?: number | undefined
  /** Seconds in which an issuer is not asked again, after a failure or for an unknown key. Default 10. */
  readonly cooldown?: number | undefined
  /** Seconds that a request waits for keys at most. Default 3. */
  readonly timeout?: number | undefined
}

/** Where the signing keys of one issuer come from. */
export interface KeySource {
  /** The key, if it is known and nobody has to be asked first. */
  current(kid: string): SigningKey | undefined
  /**
   * The key, after whatever has to be asked. `issuedAt` is the token's `iat` in seconds.
   * Throws AuthenticationError `KEY_UNKNOWN`, or UnavailableError if the keys cannot be fetched now.
   */
  find(kid: string, issuedAt: number, context: RequestContext): Promise<SigningKey>
  /** Has the keys ready before anybody needs one. Throws UnavailableError where they cannot be had. */
  prefetch(context: RequestContext): Promise<void>
}
