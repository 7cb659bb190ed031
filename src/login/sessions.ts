import { AuthenticationError, assertConfig, ForbiddenError, UnavailableError } from '../errors.ts'
import { sha256 } from '../internal/encoding.ts'
import type { SealUse } from '../internal/seal.ts'
import { bearer, isCrossSite, type TokenSource } from '../token-sources/index.ts'
import { TokenCache, type TokenClaims } from '../tokens/index.ts'
import type { Cookies, Jar } from './cookies.ts'
import type { LoginEvent, LoginSettings } from './options.ts'
import { type Grant, isDead, type Protocol } from './protocol.ts'
import { isPassive } from './requests.ts'
import { openSession, type SessionContent, type SessionTokens, sealSession } from './session-content.ts'

/** Tokens are renewed this long before they end, so that one request may do it while others use the old ones. In milliseconds. */
const MARGIN = 60_000

/** How long a renewal is remembered for requests that were sent with the token before, in milliseconds, and how many are. */
const REMEMBERED = 30_000
const MAX_REMEMBERED = 1000

/** So many sessions that ended in a browser are told from those that live: any of their renewals may be answered late. */
const MAX_ENDED = 4

/** A session of which a request can make use, if there is one, and what the browser has to be told. */
export interface Opened {
  readonly content?: SessionContent | undefined
  readonly cookies?: readonly string[] | undefined
}

/** A renewal of this isolate: when it began, and what it brought. Values are shared between requests, promises are not. */
interface Renewal {
  /** The refresh token that was used. */
  readonly token: string
  readonly at: number
  readonly renewed?: SessionContent | undefined
}

export interface SessionSettings {
  readonly options: LoginSettings
  readonly cookies: Cookies
  readonly protocol: Protocol
  /** What a sealed text of the login is bound to: its place, the client and the pool. */
  readonly useOf: (purpose: string, place: string) => SealUse
  readonly emit: (event: LoginEvent, request: Request) => void
}

/** Changes the guard's answer to a request. */
type Dress = (request: Request, response: Response, refusal: unknown) => Response

export type Sessions = ReturnType<typeof createSessions>

/** Opens, renews and ends the sessions of browsers. */
export function createSessions({ options, cookies, protocol, useOf, emit }: SessionSettings) {
  const { secrets, store, renewals, keep, clientId, foreign, timeout, now, allowedOrigins } = options
  const { idleLifetime: idle, absoluteLifetime: absolute } = options
  const sleep = options.sleep ?? ((time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)))
  const cache = new TokenCache<{ readonly token: string; readonly content: SessionContent }>(500)
  const recent = new TokenCache<Renewal>(MAX_REMEMBERED)
  const opened = new WeakMap<Request, Promise<Opened>>()

  /** The content of a grant. */
  function contentOf(grant: Grant, session: Pick<SessionContent, 'id' | 'from' | 'page'>): SessionContent {
    const tokens: Partial<Record<keyof SessionTokens, string>> = {}
    let until = Infinity
    for (const kind of keep) {
      const kept: { readonly token: string; readonly claims?: TokenClaims } | undefined = grant[kind]
      if (!kept) continue
      tokens[kind] = kept.token
      until = Math.min(until, (kept.claims?.expiresAt ?? Infinity) * 1000)
    }
    return { ...session, sub: grant.access.claims.sub, seen: now(), until, tokens }
  }

  /** Whether a session is over. A clock that gives no number says of none that it is alive. */
  const isOver = ({ from, seen }: SessionContent) => !(now() - seen < idle * 1000 && now() - from < absolute * 1000)

  /** Keeps a session, and gives the cookies for it; undefined where they would be too large. */
  async function write(content: SessionContent, isNew: boolean): Promise<readonly string[] | undefined> {
    // In seconds, from now on, if nobody uses it.
    const life = Math.min(idle, absolute - (now() - content.from) / 1000)
    const key = store ? await sha256(content.id) : ''
    const sealed = await sealSession(content, secrets, useOf('session', key))
    if (store) await store[isNew ? 'put' : 'replace'](key, sealed, life)
    cache.set({ token: sealed, content })
    return cookies.setChunks(store ? content.id : sealed, life)
  }

  /** What the browser's cookies hold, whether it is over or not. */
  async function read(jar: Jar): Promise<SessionContent | undefined> {
    for (const text of cookies.joinChunks(jar)) {
      const key = store ? await sha256(text) : ''
      const sealed = store ? await store.get(key) : text
      if (!sealed) continue
      const content = cache.get(sealed)?.content ?? (await openSession(sealed, secrets, useOf('session', key)))
      // The memory knows what was sealed, and not where it stood.
      if (!content || (store && content.id !== text)) continue
      cache.set({ token: sealed, content })
      if (!endedOf(jar).includes(content.id)) return content
    }
    return undefined
  }

  /** Renews a session once: at the token endpoint, or by the reader that it came by. */
  async function renew(content: SessionContent): Promise<SessionContent> {
    const { refresh: token = '' } = content.tokens
    const grant = (await foreign?.renew(content, protocol.verify)) ?? (await protocol.renew(token))
    const { sub } = content
    if (sub && grant.access.claims.sub !== sub) throw new AuthenticationError('TOKENS_MISMATCHED', { claim: 'sub' })
    return { ...content, ...contentOf({ ...grant, refresh: grant.refresh ?? { token } }, content) }
  }

  /** The same, by one isolate for all, where there is something to agree by. */
  async function renewOnce(content: SessionContent): Promise<SessionContent> {
    if (!renewals) return renew(content)
    // Of all tokens: the refresh token alone would be the same at the next renewal, where none is rotated.
    const key = await sha256(JSON.stringify(content.tokens))
    const place = useOf('renewal', key)
    const sealed = await renewals.once(key, async () => sealSession(await renew(content), secrets, place))
    const renewed = await openSession(sealed, secrets, place)
    if (!renewed) throw new UnavailableError(5, undefined, 'RENEWAL_UNAVAILABLE')
    const { tokens, until, sub } = renewed
    const next = { ...content, tokens, until, sub, seen: now() }
    // What was shared a while ago may have ended since.
    return now() < until || until === content.until ? next : renewOnce(next)
  }

  /** Gives a session whose tokens are good, renewed where need be, or none. Throws UnavailableError. */
  async function use(content: SessionContent, request: Request): Promise<Opened> {
    const key = content.tokens.refresh
    const isGood = () => now() < content.until
    if (now() < content.until - MARGIN) return { content }
    if (!key) return isGood() ? { content } : { cookies: cookies.dropChunks() }
    for (let wait = 25; ; wait *= 2) {
      const other = recent.get(key)
      if (other?.renewed && now() - other.at < REMEMBERED)
        return changed({ ...other.renewed, id: content.id, from: content.from })
      if (!other || other.renewed || !(now() - other.at < timeout * 1000)) break
      if (isGood()) return { content }
      await sleep(wait)
    }
    recent.set({ token: key, at: now() })
    try {
      const renewed = await renewOnce(content)
      recent.set({ token: key, at: now(), renewed })
      emit({ type: 'renewed', sub: renewed.sub }, request)
      return changed(renewed)
    } catch (error) {
      emit({ type: 'failed', during: 'renewal', error }, request)
      // The entry stays where the old tokens are good: until its time is over nobody asks again.
      const isOut = isDead(error)
      if (isGood() && !isOut) return { content }
      recent.set({ token: key, at: -Infinity })
      if (isOut) return { cookies: cookies.dropChunks() }
      throw new UnavailableError(timeout, { cause: error }, 'RENEWAL_UNAVAILABLE')
    }
  }

  async function changed(content: SessionContent): Promise<Opened> {
    const written = await write(content, false)
    return { content, cookies: written }
  }

  async function openNow(request: Request): Promise<Opened> {
    const jar = cookies.read(request)
    const own = await read(jar)
    const taking = { options, protocol, contentOf, ended: endedOf(jar) }
    const adopted = own ? undefined : await foreign?.adopt(request, taking)
    const content = own ?? adopted?.content
    const isAlive = content && !isOver(content)
    if (isPassive(request)) return { content: isAlive ? content : undefined }
    if (!isAlive) return jar.has('') ? { cookies: cookies.dropChunks() } : {}
    const known = await use(content, request)
    if (adopted) {
      const written = known.content && (await write(known.content, true))
      return { ...known, cookies: written && [...written, ...adopted.remove] }
    }
    const isStale = now() - content.seen > idle * 100
    return known.content === content && isStale ? changed({ ...content, seen: now() }) : known
  }

  /** Opens the session of a request, once a request. */
  function open(request: Request): Promise<Opened> {
    const known = opened.get(request) ?? openNow(request)
    opened.set(request, known)
    return known
  }

  /** The token source over these sessions: finds the token that the guard asks for. */
  const source =
    (dress: Dress): TokenSource =>
    async (request, context) => {
      context.onAnswer((response, refusal) => dress(request, response, refusal))
      if (request.headers.has('authorization')) return bearer(request)
      const isThere = cookies.read(request).has('')
      if (isCrossSite(request, context.strictCookies, allowedOrigins)) {
        if (isThere) throw new ForbiddenError('CROSS_SITE_REQUEST')
        return undefined
      }
      if (!isThere && !foreign) return undefined
      const { content, cookies: values } = await open(request)
      if (values) context.setCookies(values)
      if (!content) return undefined
      const { tokens } = content
      const token = { any: tokens.access ?? tokens.id, ...tokens }[context.tokenUse]
      assertConfig('createLogin: keep', token, `"${context.tokenUse}" among them, for the guard.`)
      return token
    }

  return {
    contentOf,
    write,
    open,
    source,

    /** The session of a request as it stands in the browser, over or not. Renews nothing. */
    find: (request: Request) => read(cookies.read(request)),
    isOver,

    /** Ends a session here. A cookie says which, and which before, in case that a renewal under way brings its cookies back. */
    async end(content: SessionContent | undefined, request: Request): Promise<readonly string[]> {
      if (content) await store?.delete(await sha256(content.id))
      const all = [content?.id, ...endedOf(cookies.read(request))].slice(0, MAX_ENDED)
      const ended = content ? [cookies.set('.ended', all.join('.'), absolute)] : []
      return [...(foreign?.remove(request, clientId) ?? []), ...ended]
    },
  }
}

/** The ids of the sessions that ended last in a browser. */
function endedOf(jar: Jar): readonly string[] {
  return (jar.get('.ended') ?? []).flatMap((value) => value.split('.'))
}
