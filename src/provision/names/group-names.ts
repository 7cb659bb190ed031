import { ConfigurationError } from '../../errors.ts'
import { sha256Of } from './hash.ts'

/** Of a role, in characters (CreateRole, RoleName). */
const longestRole = 64
/** Of an inline policy, in characters (PutRolePolicy, PolicyName). */
const longestPolicy = 128
/** Hexadecimal digits of a mapped name: 128 bits. */
const digits = 32

/**
 * The name of a group's role: `role_<group>` where IAM takes that, 1 to 64 of `[\w+=,.@-]`. For every other group it is
 * `role_<slug>.<hash>`: what is plain of the name, cut, and 128 bits of SHA-256 over the whole of it. A plain name that ends
 * as mapped ones do is mapped as well, so that two groups share a role's name only where they differ in case alone:
 * `checkCollisions` is for those.
 *
 * `prefix` replaces `role_`, 0 to 24 of the same characters. Throws ConfigurationError for another, and for a name with
 * unpaired surrogates.
 */
export async function roleNameOf(group: string, prefix = 'role_'): Promise<string> {
  if (!/^[\w+=,.@-]{0,24}$/.test(prefix)) {
    throw new ConfigurationError('rolePrefix: expected 0-24 of the characters A-Z a-z 0-9 _ + = , . @ -')
  }
  return `${prefix}${await plainOf(group, longestRole - prefix.length)}`
}

/**
 * The name of a group's inline policy: `<group>_policy` where IAM takes that, 1 to 128 of `[\w+=,.@-]`, and
 * `<slug>.<hash>_policy` otherwise.
 */
export async function policyNameOf(group: string): Promise<string> {
  const suffix = '_policy'
  return `${await plainOf(group, longestPolicy - suffix.length)}${suffix}`
}

/** The name itself, or what stands for it, in at most `room` characters that IAM takes. */
async function plainOf(group: string, room: number): Promise<string> {
  const isPlain = /^[\w+=,.@-]+$/.test(group)
  // IAM ignores case, so that a hash in capitals would be the same name.
  const looksMapped = /\.[0-9a-f]{32}$/i.test(group)
  if (isPlain && !looksMapped && group.length <= room) return group
  const slug = group.replace(/[^\w+=,.@-]+/g, '-').slice(0, Math.min(26, room - digits - 1))
  return `${slug}.${(await sha256Of(group)).slice(0, digits)}`
}
