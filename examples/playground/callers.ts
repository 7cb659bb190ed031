import type { SceneCaller } from './page/scene.ts'
import type { LocalPool } from '../../src/local/index.ts'
import { sampleUsers, tampering } from './settings.ts'

/** Somebody to call the app as, and how to come by the token. */
export interface Caller extends SceneCaller {
  /** A fresh access token. */
  token(): Promise<string>
  /** The caller as of now: memberships change through the admin API. */
  now(): Promise<SceneCaller>
}

/** The sample users, and callers with a token that is worth nothing. */
export function createCallers(pool: LocalPool, knownGroups: readonly string[]): readonly Caller[] {
  const users = sampleUsers.map(({ username, groups }): Caller => {
    const token = async () => (await pool.tokens(username)).accessToken
    const scene = (memberOf: readonly string[]): SceneCaller => ({
      id: username,
      name: username,
      about: memberOf.length === 0 ? 'in no group' : `in ${memberOf.join(' and ')}`,
      story: storyOf(username, memberOf, knownGroups),
      groups: memberOf,
    })
    return { ...scene(groups), token, now: async () => scene(groupsIn(await token())) }
  })
  const { username, group } = tampering
  const fixed = (caller: SceneCaller, token: Caller['token']): Caller => ({ ...caller, token, now: async () => caller })
  return [
    ...users,
    fixed(
      {
        id: 'expired',
        name: 'alice, too late',
        about: 'expired token',
        story: 'alice is in Group1, but her token ended an hour ago.',
        groups: [],
      },
      () => expiredToken(pool, 'alice'),
    ),
    fixed(
      {
        id: 'tampered',
        name: `${username}, forging`,
        about: 'tampered token',
        story: `${username} wrote ${group} into his token himself; the signature no longer fits.`,
        groups: [],
      },
      async () => tampered((await pool.tokens(username)).accessToken, group),
    ),
  ]
}

/** Whoever has signed in with this browser, by the token in the cookie of the sign-in example. */
export function signedInCaller(cookies: string | null): Caller | undefined {
  const token = /(?:^|; )__Host-access=([^;]+)/.exec(cookies ?? '')?.[1]
  const caller = token && signedIn(token, 'signed-in', 'The token comes from the cookie of the sign-in page.')
  return caller ? { ...caller, token: async () => token, now: async () => caller } : undefined
}

/** Whoever has a session of managed login, by the token that the worker in front has put in. The page itself gets none. */
export function sessionCaller(authorization: string | null): SceneCaller | undefined {
  const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
  const story = 'Managed login did it, and the cookie of the session does the rest: no script sees a token.'
  const caller = token && signedIn(token, 'session', story)
  return caller ? { ...caller, hasSession: true } : undefined
}

function signedIn(token: string, id: string, story: string): SceneCaller | undefined {
  try {
    const { username } = claimsIn(token)
    const groups = groupsIn(token)
    const about = groups.length === 0 ? 'signed in, in no group' : `signed in, in ${groups.join(' and ')}`
    return { id, name: String(username), about, story: `${username} has signed in. ${story}`, groups }
  } catch {
    return undefined
  }
}

/** The groups that a token names. */
function groupsIn(token: string): readonly string[] {
  const groups = claimsIn(token)['cognito:groups']
  return Array.isArray(groups) ? groups.map(String) : []
}

/** The claims of a token, which is only looked at here: the guard verifies it. */
function claimsIn(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

function storyOf(username: string, groups: readonly string[], knownGroups: readonly string[]): string {
  if (groups.length === 0) return `${username} is signed in, and in no group.`
  const unknown = groups.filter((group) => !knownGroups.includes(group))
  const aside =
    unknown.length === 0 ? '' : ` The map does not know ${unknown.join(' and ')}, which therefore grants nothing.`
  return `${username} is in ${groups.join(' and ')}.${aside}`
}

async function expiredToken(pool: LocalPool, username: string): Promise<string> {
  const issuedAt = Math.floor(pool.settings.now() / 1000) - 7200
  return (await pool.tokens(username, { issuedAt, expiresIn: 3600 })).accessToken
}

/** The token with a group added to its payload, under the old signature. */
function tampered(token: string, group: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, 'cognito:groups': [group] })).toString('base64url')
  return `${header}.${forged}.${signature}`
}
