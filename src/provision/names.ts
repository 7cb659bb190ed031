import { ConfigurationError } from '../errors.ts'
import { sha256 } from '../internal/encoding.ts'

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
 * `checkRoleNames` is for those.
 *
 * `prefix` replaces `role_`, 0 to 24 of the same characters. Throws ConfigurationError for another, and for a name with
 * unpaired surrogates.
 */
export async function toRoleName(group: string, prefix = 'role_'): Promise<string> {
  if (!/^[\w+=,.@-]{0,24}$/.test(prefix)) {
    throw new ConfigurationError('rolePrefix: expected 0-24 of the characters A-Z a-z 0-9 _ + = , . @ -')
  }
  return `${prefix}${await toIamName(group, longestRole - prefix.length)}`
}

/**
 * The name of a group's inline policy: `<group>_policy` where IAM takes that, 1 to 128 of `[\w+=,.@-]`, and
 * `<slug>.<hash>_policy` otherwise.
 */
export async function toPolicyName(group: string): Promise<string> {
  const suffix = '_policy'
  return `${await toIamName(group, longestPolicy - suffix.length)}${suffix}`
}

/** The name itself, or what stands for it, in at most `room` characters that IAM takes. */
async function toIamName(group: string, room: number): Promise<string> {
  const isPlain = /^[\w+=,.@-]+$/.test(group)
  // IAM ignores case, so that a hash in capitals would be the same name.
  const looksMapped = /\.[0-9a-f]{32}$/i.test(group)
  if (isPlain && !looksMapped && group.length <= room) return group
  const slug = group.replace(/[^\w+=,.@-]+/g, '-').slice(0, Math.min(26, room - digits - 1))
  return `${slug}.${(await hashText(group)).slice(0, digits)}`
}

/**
 * Throws ConfigurationError, naming the groups, where the roles of two would have one name: IAM compares names without
 * regard to case. `prefix` as for `toRoleName`.
 */
export async function checkRoleNames(groups: Iterable<string>, prefix?: string | undefined): Promise<void> {
  const owners = new Map<string, string>()
  for (const group of new Set(groups)) {
    const role = await toRoleName(group, prefix)
    const owner = owners.get(role.toLowerCase())
    if (owner !== undefined) {
      throw new ConfigurationError(
        `groups ${JSON.stringify(owner)} and ${JSON.stringify(group)}: to IAM, which ignores case, their roles would ` +
          `both be ${role}; give one of the groups another name.`,
      )
    }
    owners.set(role.toLowerCase(), group)
  }
}

/** The tags by which a role is known as that of a group of a pool. */
export type RoleTags = { readonly [K in 'cognigate:user-pool' | 'cognigate:group']: string }

/** A role, as far as its tags go. */
interface Tagged {
  readonly tags: Readonly<Record<string, string>>
}

/** The tags of a group's role. */
export async function toRoleTags(userPoolId: string, group: string): Promise<RoleTags> {
  return { 'cognigate:user-pool': await toTagValue(userPoolId), 'cognigate:group': await toTagValue(group) }
}

/** Whether a role is that of this group of this pool, which only its tags can say. */
export function belongsToGroup({ tags }: Tagged, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value)
}

/** Whether its tags say that a role is that of another group or of another pool: then it cannot be adopted. */
export function belongsToAnother({ tags }: Tagged, wanted: RoleTags): boolean {
  return Object.entries(wanted).some(([key, value]) => tags[key] !== undefined && tags[key] !== value)
}

/** Whether its tags say that a role is that of some group of this pool. */
export function belongsToPool({ tags }: Tagged, userPoolId: string): boolean {
  // A pool's id is a tag's value as it is.
  return tags['cognigate:user-pool'] === userPoolId
}

/**
 * A text as the value of an IAM tag: itself where IAM takes it, at most 256 letters, digits, separators and
 * `_ . : / = + - @` (TagRole, Tags.member.N.Value), and `sha256:<hex>` for any other, or one that begins like that itself.
 * Different texts have different values. Throws ConfigurationError for unpaired surrogates.
 */
export async function toTagValue(text: string): Promise<string> {
  return isTagValue(text) ? text : `sha256:${await hashText(text)}`
}

/** Whether a text is its own value as a tag. */
export function isTagValue(text: string): boolean {
  return text.length <= 256 && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) && !text.startsWith('sha256:')
}

/**
 * SHA-256 of the UTF-8 form, in lower-case hexadecimal. Throws ConfigurationError for unpaired surrogates: they have no
 * such form, so that different texts would share one.
 */
export async function hashText(text: string): Promise<string> {
  if (/[\ud800-\udfff]/u.test(text)) throw new ConfigurationError('expected text without unpaired surrogates.')
  return sha256(text)
}

/** The name of the role that an ARN names, whatever its path; undefined where it names none. */
export function parseRoleName(arn: string): string | undefined {
  return /^arn:[^:]+:iam::\d*:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1]
}
