import { AuthenticationError, assertConfig, ForbiddenError, UnavailableError } from '../errors.ts'
import { sha256 } from '../internal/encoding.ts'
import type { SealUse } from '../internal/seal.ts'
import { bearer, isCrossSite, type TokenSource } from '../token-sources/index.ts'
import { TokenCache } from '../tokens/index.ts'
import type { Cookies, Jar } from './cookies.ts'
import type { LoginEvent, LoginOptions } from './options.ts'
import { type Grant, isDead, type Protocol } from './protocol.ts'
import { isPassive } from './requests.ts'
import { openSession, type SessionContent, type SessionTokens, sealSession } from './session-content.ts'

/** Tokens are renewed this long before they end, so that one request may do it while others use the old ones. In milliseconds. */
const MARGIN = 60_000

/** How long a renewal is remembered for requests that were sent with the token before, in milliseconds, and how many are. */
const REMEMBERED = 30_000
const MAX_REMEMBERED = 1000

/** A session of which a request can make use, or why it cannot, and what the browser has to be told. */
export interface Opened {
  readonly content?: SessionContent | undefined
  readonly error?: unknown
  readonly cookies: readonly string[]
}

/** A renewal of this isolate: when it began, and what it brought. Values are shared between requests, promises are not. */
interface Renewal {
  readonly at: number
  readonly renewed?: SessionContent | undefined
}

export interface SessionSettings {
  readonly options: LoginOptions
  readonly cookies: Cookies
  readonly protocol: Protocol
  readonly now: () => number
  /** What a sealed text of the login is bound to: its place, the client and the pool. */
  readonly useOf: (purpose: string, place: string) => SealUse
  readonly emit: (event: LoginEvent, request: Request) => void
}

export type Sessions = ReturnType<typeof createSessions>

/** Opens, renews and ends the sessions of browsers. */
export function createSessions({ options, cookies, protocol, now, useOf, emit }: SessionSettings) {
  const { secrets, store, renewals, keep = ['access', 'refresh'], clientId, foreign, timeout = 5 } = options
  const { idleLifetime: idle = 86_400, absoluteLifetime: absolute = 2_592_000 } = options
  const sleep = options.sleep ?? ((time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)))
  const cache = new TokenCache<{ readonly token: string; readonly content: SessionContent }>(500)
  const recent = new Map<string, Renewal>()
  const opened = new WeakMap<Request, Promise<Opened>>()

  /** The content of a grant. */
  function contentOf(grant: Grant, session: Pick<SessionContent, 'id' | 'from' | 'page'>): SessionContent {
    const { access, id, refresh } = grant
    const all: SessionTokens = { access: access.token, id: id?.token, refresh }
    const tokens = Object.fromEntries(keep.map((kind) => [kind, all[kind]]).filter(([, token]) => token))
    const ends = [access, id]
      .filter((token) => token && token.token in invert(tokens))
      .map((token) => token?.claims.expiresAt ?? 0)
    return { ...session, sub: access.claims.sub, seen: now(), until: Math.min(...ends) * 1000, tokens }
  }

  /** How many seconds a session lives from now on if nobody uses it. */
  const lifeOf = ({ from }: SessionContent) => Math.min(idle, absolute - (now() - from) / 1000)

  /** Whether a session is over. A clock that gives no number says of none that it is alive. */
  const isOver = ({ from, seen }: SessionContent) => !(now() - seen < idle * 1000 && now() - from < absolute * 1000)

  /** Keeps a session, and gives the cookies for it; undefined where they would be too large. */
  async function write(content: SessionContent, isNew: boolean): Promise<readonly string[] | undefined> {
    const life = lifeOf(content)
    if (!store) {
      const sealed = await sealSession(content, secrets, useOf('session', ''))
      const written = cookies.setChunks(sealed, life)
      if (written) cache.set({ token: sealed, content })
      return written
    }
    const key = await sha256(content.id)
    await store[isNew ? 'put' : 'replace'](key, await sealSession(content, secrets, useOf('session', key)), life)
    return cookies.setChunks(content.id, life)
  }

  /** What the browser's cookies hold, whether it is over or not. */
  async function read(jar: Jar): Promise<SessionContent | undefined> {
    for (const text of cookies.joinChunks(jar)) {
      const key = store ? await sha256(text) : ''
      const sealed = store ? await store.get(key) : text
      const known = sealed && cache.get(sealed)?.content
      const content = known || (sealed && (await openSession(sealed, secrets, useOf('session', key))))
      if (!content) continue
      if (!known && sealed) cache.set({ token: sealed, content })
      if (!jar.get('.ended')?.includes(content.id)) return content
    }
    return undefined
  }

  /** The session of another library's cookies. */
  async function adopt(request: Request): Promise<Opened | undefined> {
    const { verify } = protocol
    const ended = cookies.read(request).get('.ended')
    const isEnded = (id: string) => ended?.includes(id) ?? false
    const found = await foreign?.adopt(request, { clientId, now, hasStore: !!store, verify, contentOf, isEnded })
    if (!found) return undefined
    const known = await use(found.content, request)
    const written = known.content && !isPassive(request) && (await write(known.content, true))
    return { ...known, cookies: written ? [...written, ...found.remove] : [] }
  }

  /** Renews a session once: at the token endpoint, or by the reader that it came by. */
  async function grantFor(content: SessionContent): Promise<SessionContent> {
    const refreshToken = content.tokens.refresh ?? ''
    const given = await foreign?.renew(content)
    const grant: Grant = given
      ? { ...(await protocol.verify(given.accessToken, given.idToken)), refresh: given.refreshToken }
      : await protocol.renew(refreshToken)
    const { sub } = content
    if (sub && grant.access.claims.sub !== sub) throw new AuthenticationError('TOKENS_MISMATCHED', { claim: 'sub' })
    const renewed = contentOf({ ...grant, refresh: grant.refresh ?? refreshToken }, content)
    return { ...content, ...renewed }
  }

  /** The same, by one isolate for all, where there is something to agree by. */
  async function renewOnce(content: SessionContent): Promise<SessionContent> {
    if (!renewals) return grantFor(content)
    const key = await sha256(`${content.tokens.refresh}`)
    const place = useOf('renewal', key)
    const sealed = await renewals.once(key, async () => sealSession(await grantFor(content), secrets, place))
    const renewed = await openSession(sealed, secrets, place)
    if (!renewed) throw new UnavailableError(5, undefined, 'RENEWAL_UNAVAILABLE')
    return { ...content, tokens: renewed.tokens, until: renewed.until, sub: renewed.sub, seen: now() }
  }

  /** Gives a session whose tokens are good, renewed where need be, or says why there is none. */
  async function use(content: SessionContent, request: Request): Promise<Opened> {
    const key = content.tokens.refresh
    const isGood = () => now() < content.until
    if (now() < content.until - MARGIN || isPassive(request)) return { content, cookies: [] }
    if (!key) return isGood() ? { content, cookies: [] } : { cookies: cookies.dropChunks() }
    for (let wait = 25; ; wait *= 2) {
      const other = recent.get(key)
      if (other?.renewed && now() - other.at < REMEMBERED)
        return changed({ ...other.renewed, id: content.id, from: content.from })
      if (!other || other.renewed || !(now() - other.at < timeout * 1000)) break
      if (isGood()) return { content, cookies: [] }
      await sleep(wait)
    }
    remember(key, { at: now() })
    try {
      const renewed = await renewOnce(content)
      remember(key, { at: now(), renewed })
      emit({ type: 'renewed', sub: renewed.sub }, request)
      return changed(renewed)
    } catch (error) {
      emit({ type: 'failed', during: 'renewal', error }, request)
      if (isDead(error)) {
        recent.delete(key)
        return { cookies: cookies.dropChunks() }
      }
      // The entry stays: until its time is over nobody asks again.
      if (isGood()) return { content, cookies: [] }
      recent.delete(key)
      return { error: new UnavailableError(timeout, { cause: error }, 'RENEWAL_UNAVAILABLE'), cookies: [] }
    }
  }

  async function changed(content: SessionContent): Promise<Opened> {
    const written = await write(content, false)
    return { content, cookies: written ?? [] }
  }

  function remember(key: string, renewal: Renewal): void {
    recent.delete(key)
    recent.set(key, renewal)
    const [oldest] = recent.keys()
    if (recent.size > MAX_REMEMBERED && oldest !== undefined) recent.delete(oldest)
  }

  async function openNow(request: Request): Promise<Opened> {
    const jar = cookies.read(request)
    const content = await read(jar)
    if (!content) {
      const adopted = await adopt(request)
      if (adopted) return adopted
    }
    if (!content || isOver(content)) {
      const isThere = jar.has('') && !isPassive(request)
      return { cookies: isThere ? cookies.dropChunks() : [] }
    }
    const known = await use(content, request)
    const isStale = now() - content.seen > idle * 100
    if (known.content !== content || !isStale || isPassive(request)) return known
    return changed({ ...content, seen: now() })
  }

  /** Opens the session of a request, once a request. */
  function open(request: Request): Promise<Opened> {
    const known = opened.get(request) ?? openNow(request)
    opened.set(request, known)
    return known
  }

  return {
    contentOf,
    write,
    open,

    /** The session of a request as it stands in the browser, over or not. Renews nothing. */
    find: (request: Request) => read(cookies.read(request)),
    isOver,

    /** Ends a session here. A cookie says which, in case that a renewal under way brings its cookies back. */
    async end(content: SessionContent | undefined, request: Request): Promise<readonly string[]> {
      const strange = foreign?.remove(request, clientId) ?? []
      if (!content) return [...strange, ...cookies.dropChunks()]
      if (store) await store.delete(await sha256(content.id))
      return [...strange, cookies.set('.ended', content.id, absolute), ...cookies.dropChunks()]
    },
  }
}

/** The token source over sessions: finds the token that the guard asks for. */
export function createSessionSource(
  { open }: Pick<Sessions, 'open'>,
  cookies: Cookies,
  { allowedOrigins = [], foreign }: LoginOptions,
  dress: (request: Request, response: Response, refusal: unknown) => Response,
): TokenSource {
  return async (request, context) => {
    context.onAnswer((response, refusal) => dress(request, response, refusal))
    if (request.headers.has('authorization')) return bearer(request)
    const isThere = cookies.read(request).has('')
    if (isCrossSite(request, context.strictCookies, allowedOrigins)) {
      if (isThere) throw new ForbiddenError('CROSS_SITE_REQUEST')
      return undefined
    }
    if (!isThere && !foreign) return undefined
    const { content, error, cookies: values } = await open(request)
    if (values.length) context.setCookies(values)
    if (error) throw error
    if (!content) return undefined
    const { access, id } = content.tokens
    const token = context.tokenUse === 'id' ? id : context.tokenUse === 'any' ? (access ?? id) : access
    assertConfig('createLogin: keep', token, `"${context.tokenUse}" among them, since the guard asks for that token.`)
    return token
  }
}

function invert(tokens: SessionTokens): Readonly<Record<string, true>> {
  return Object.fromEntries(Object.values(tokens).map((token) => [token, true]))
}
