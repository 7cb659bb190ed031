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
        const found = reader.read(request, login.clientId)
        const content = found && (await contentOf(found.tokens, reader.name, login))
        if (content) return { content, remove: found.remove }
      }
      return undefined
    },
    renew({ tokens, foreign, deviceKey }) {
      const reader = readers.find(({ name }) => name === foreign)
      return reader?.renew?.({ accessToken: tokens.access ?? '', refreshToken: tokens.refresh ?? '', deviceKey })
    },
    remove: (request, clientId) => readers.flatMap((reader) => reader.read(request, clientId)?.remove ?? []),
  }
}

/** The session of tokens that hold, or that have ended and can be renewed. */
async function contentOf(
  { accessToken, idToken, refreshToken, deviceKey }: NonNullable<ReturnType<ForeignSession['read']>>['tokens'],
  foreign: string,
  login: TakingLogin,
): Promise<SessionContent | undefined> {
  const known = await sha256(`${refreshToken ?? accessToken}`)
  if (login.isEnded(known)) return undefined
  const now = login.now()
  const session = { id: login.hasStore ? randomId() : known, from: now, page: '/' }
  try {
    const grant = await login.verify(accessToken, idToken)
    return { ...login.contentOf({ ...grant, refresh: refreshToken }, session), foreign, deviceKey }
  } catch (error) {
    const isExpired = error instanceof AuthenticationError && error.code === 'TOKEN_EXPIRED'
    if (!isExpired || !refreshToken) return undefined
    const tokens = { access: accessToken, refresh: refreshToken }
    return { ...session, foreign, deviceKey, sub: '', seen: now, until: 0, tokens }
  }
}
