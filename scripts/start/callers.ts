import type { SceneCaller } from '../../examples/page/scene.ts'
import type { LocalPool } from '../../src/testing/index.ts'
import { sampleUsers, tampering } from './sample.ts'

/** Somebody to call the app as, and how to come by the token. */
export interface Caller extends SceneCaller {
  /** A fresh access token. */
  token(): Promise<string>
}

/** The sample users, and callers with a token that is worth nothing. */
export function createCallers(pool: LocalPool, knownGroups: readonly string[]): readonly Caller[] {
  const users = sampleUsers.map(({ username, groups }) => ({
    id: username,
    name: username,
    about: groups.length === 0 ? 'in no group' : `in ${groups.join(' and ')}`,
    story: storyOf(username, groups, knownGroups),
    groups,
    token: async () => (await pool.tokens(username)).accessToken,
  }))
  const { username, group } = tampering
  return [
    ...users,
    {
      id: 'expired',
      name: 'alice, too late',
      about: 'expired token',
      story: 'alice is in Group1, but her token ended an hour ago.',
      groups: [],
      token: () => expiredToken(pool, 'alice'),
    },
    {
      id: 'tampered',
      name: `${username}, forging`,
      about: 'tampered token',
      story: `${username} wrote ${group} into his token himself; the signature no longer fits.`,
      groups: [],
      token: async () => tampered((await pool.tokens(username)).accessToken, group),
    },
  ]
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
