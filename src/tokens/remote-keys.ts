import { AuthenticationError, UnavailableError } from '../errors.ts'
import type { KeySource, RequestContext } from './key-source.ts'
import { checkEntry, type KeyStore } from './key-store.ts'
import { importKeys, type Jwk, type SigningKeys } from './signing-key.ts'

/** How long keys are used and how the issuer is treated. All times in milliseconds. */
export interface RemoteKeysOptions {
  readonly softAge: number
  readonly hardAge: number
  readonly cooldown: number
  readonly deadline: number
  /** Asks the issuer, until the signal says that nobody waits for the answer any more. Throws where there is none. */
  readonly load: (signal: AbortSignal) => Promise<readonly Jwk[]>
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  readonly store?: KeyStore | undefined
}

/** How long a request waits before it looks again whether another one has fetched the keys. */
const POLL = 10

/**
 * The keys of one issuer, fetched on demand. Requests share values only, never promises: a request that fetches holds a
 * lease, the others look at the stored value again and again, and take over where the lease runs out.
 */
export function createRemoteKeys(issuer: string, options: RemoteKeysOptions): KeySource {
  const { softAge, hardAge, cooldown, deadline, load, now, sleep, store } = options
  let keys: SigningKeys = new Map()
  /** When the issuer gave these keys, when it was last asked, and when it last failed to answer. */
  let fetchedAt = -Infinity
  let askedAt = -Infinity
  let failedAt = -Infinity
  let failure: unknown
  let lease = { until: -Infinity }

  const current = (kid: string) => (now() - fetchedAt < softAge ? keys.get(kid) : undefined)

  /** Waits for the store, but not long: the time is the issuer's. */
  const soon = <T>(work: Promise<T>, signal: AbortSignal) => Promise.race([work, sleep(deadline / 4, signal)])

  /** Takes over a key set, unless a later one is here already. */
  async function adopt(jwks: readonly Jwk[], at: number, signal: AbortSignal): Promise<void> {
    const found = await importKeys(jwks, keys)
    if (found.size === 0) throw new Error('No usable key.')
    if (signal.aborted || at < fetchedAt) return
    keys = found
    fetchedAt = at
  }

  async function ask(kid: string, signal: AbortSignal, { waitUntil }: RequestContext): Promise<void> {
    try {
      const entry = checkEntry(store && (await soon(store.get(issuer), signal)), issuer, now(), hardAge)
      if (entry) await adopt(entry.keys, entry.fetchedAt, signal)
    } catch {}
    if (signal.aborted || current(kid)) return
    askedAt = now()
    const jwks = await load(signal)
    const at = now()
    await adopt(jwks, at, signal)
    const written = store?.put(issuer, { issuer, fetchedAt: at, keys: jwks }).catch(() => {})
    if (written && waitUntil) waitUntil(written)
    else if (written) await soon(written, signal)
  }

  /** Asks the store, then the issuer, for at most `limit`. Never throws: the outcome is in the variables above. */
  async function refresh(kid: string, limit: number, context: RequestContext): Promise<void> {
    const held = { until: now() + deadline / 2 }
    lease = held
    const over = new AbortController()
    const late = async () => {
      await sleep(limit, over.signal)
      throw new Error('The issuer did not answer in time.')
    }
    try {
      await Promise.race([ask(kid, over.signal, context), late()])
    } catch (error) {
      failure = error
      failedAt = now()
    }
    over.abort()
    if (lease === held) lease = { until: -Infinity }
  }

  async function find(kid: string, issuedAt: number, context: RequestContext) {
    const end = now() + deadline
    let asked = false
    let answered = false
    for (;;) {
      const at = now()
      const known = at - fetchedAt < hardAge
      const key = known ? keys.get(kid) : undefined
      const leased = at < lease.until
      const restingUntil = (known ? Math.max(askedAt, failedAt) : failedAt) + cooldown
      const resting = asked || at < restingUntil
      if (key && (at - fetchedAt < softAge || leased || resting)) return key
      if (at >= end || (resting && !leased)) {
        const younger = !answered && issuedAt >= Math.floor(fetchedAt / 1000)
        if (known && !younger) throw new AuthenticationError('KEY_UNKNOWN')
        throw new UnavailableError((Math.max(restingUntil, lease.until) - at) / 1000, { cause: failure })
      }
      if (leased) {
        await sleep(Math.min(POLL, end - at))
      } else {
        const before = fetchedAt
        await refresh(kid, end - at, context)
        asked = true
        answered = fetchedAt !== before
      }
    }
  }

  return { current, find }
}
