import { AuthenticationError, assertConfig } from '../../errors.ts'
import { sha256 } from '../../internal/encoding.ts'
import { randomId, type SessionContent } from '../session-content.ts'
import type { ForeignSession, TakeOver, TakingLogin } from './foreign-session.ts'

/**
 * Takes over sessions that other libraries keep in cookies: the `foreign` option of `createLogin`. The first reader that finds a
 * session which holds is the one that counts. Throws ConfigurationError where `readers` is no list of readers.
 *
 * @example
 * ```ts
 * import { cognitoAtEdgeSession, takeOver } from 'cognigate/login'
 *
 * const foreign = takeOver([cognitoAtEdgeSession({ domain: 'example.com' })])
 * ```
 */
export function takeOver(readers: readonly ForeignSession[]): TakeOver {
  const areReaders = Array.isArray(readers) && readers.every((reader) => typeof reader?.read === 'function')
  assertConfig('takeOver', areReaders, 'an array of readers, such as cognitoAtEdgeSession().')
  return {
    async adopt(request, login) {
      for (const reader of readers) {
        const found = reader.read(request, login.options.clientId)
        const content = found && (await sessionOf(found.tokens, reader.name, login))
        if (content) return { content, remove: found.remove }
      }
      return undefined
    },
    async renew({ tokens, foreign, deviceKey }, verify) {
      const reader = readers.find(({ name }) => name === foreign)
      const { access: accessToken = '', refresh: refreshToken = '' } = tokens
      const given = await reader?.renew?.({ accessToken, refreshToken, deviceKey }).catch(refused)
      return given && { ...(await verify(given.accessToken, given.idToken)), refresh: tokenOf(given.refreshToken) }
    },
    remove: (request, clientId) => readers.flatMap((reader) => reader.read(request, clientId)?.remove ?? []),
  }
}

/** The session of tokens that hold, or of which some have ended or are missing and can be renewed. */
async function sessionOf(
  { accessToken, idToken, refreshToken, deviceKey }: NonNullable<ReturnType<ForeignSession['read']>>['tokens'],
  foreign: string,
  { options, protocol, contentOf, ended }: TakingLogin,
): Promise<SessionContent | undefined> {
  const known = await sha256(`${refreshToken ?? accessToken}`)
  if (ended.some((id) => id.startsWith(known))) return undefined
  const now = options.now()
  // In a store each session has an id that nobody guesses.
  const session = { id: options.store ? known + randomId() : known, from: now, page: '/' }
  try {
    const grant = await protocol.verify(accessToken, idToken)
    const content = contentOf({ ...grant, refresh: tokenOf(refreshToken) }, session)
    const isWhole = options.keep.every((kind) => kind === 'refresh' || content.tokens[kind])
    if (isWhole) return { ...content, foreign, deviceKey }
  } catch (error) {
    const isExpired = error instanceof AuthenticationError && error.code === 'TOKEN_EXPIRED'
    if (!isExpired) return undefined
  }
  if (!refreshToken) return undefined
  const tokens = { access: accessToken, refresh: refreshToken }
  return { ...session, foreign, deviceKey, sub: '', seen: now, until: 0, tokens }
}

/** Says of a refresh token that is dead by the API what the token endpoint says. */
function refused(error: unknown): never {
  const isDead = /^((NotAuthorized|RefreshTokenReuse|UserNotFound)Exception|SESSION_ENDED)$/.test(Object(error).code)
  throw isDead
    ? Object.assign(new Error('The refresh token has ended.', { cause: error }), { error: 'invalid_grant' })
    : error
}

function tokenOf(token: string | undefined) {
  return token ? { token } : undefined
}
