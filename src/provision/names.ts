import { ConfigurationError } from '../errors.ts'
import { sha256 } from '../internal/encoding.ts'

/** The longest role name (CreateRole, RoleName). */
const longestRole = 64

/** The longest name of an inline policy (PutRolePolicy, PolicyName). */
const longestPolicy = 128

/** How many hexadecimal digits of SHA-256 a mapped name ends with: 128 bits. */
const digits = 32

/**
 * The name of a group's role: `role_<group>` if IAM allows that name (1 to 64 of `[\w+=,.@-]`), otherwise `role_<slug>.<hash>`.
 * A group whose own name ends like a mapped one is mapped too, so two groups share a role name only if they differ in case:
 * `checkRoleNames` refuses those.
 *
 * `prefix` replaces `role_`: 0 to 24 of the same characters. Throws ConfigurationError for another prefix, and for a group name
 * with unpaired surrogates.
 */
export async function toRoleName(group: string, prefix = 'role_'): Promise<string> {
  if (!/^[\w+=,.@-]{0,24}$/.test(prefix)) {
    throw new ConfigurationError('rolePrefix: expected 0-24 of the characters A-Z a-z 0-9 _ + = , . @ -')
  }
  return `${prefix}${await toIamName(group, longestRole - prefix.length)}`
}

/**
 * The name of a group's inline policy: `<group>_policy` if IAM allows that name (1 to 128 of `[\w+=,.@-]`), otherwise
 * `<slug>.<hash>_policy`.
 */
export async function toPolicyName(group: string): Promise<string> {
  const suffix = '_policy'
  return `${await toIamName(group, longestPolicy - suffix.length)}${suffix}`
}

/** The name itself, or a mapped one of at most `room` characters that IAM allows. */
async function toIamName(group: string, room: number): Promise<string> {
  const isPlain = /^[\w+=,.@-]+$/.test(group)
  // In any case, since IAM ignores it.
  const looksMapped = /\.[0-9a-f]{32}$/i.test(group)
  if (isPlain && !looksMapped && group.length <= room) return group
  const slug = group.replace(/[^\w+=,.@-]+/g, '-').slice(0, Math.min(26, room - digits - 1))
  return `${slug}.${(await hashText(group)).slice(0, digits)}`
}

/** Throws ConfigurationError with the names of two groups whose roles would have the same name. IAM ignores case in names. */
export async function checkRoleNames(groups: Iterable<string>, prefix?: string | undefined): Promise<void> {
  const owners = new Map<string, string>()
  for (const group of new Set(groups)) {
    const role = await toRoleName(group, prefix)
    const owner = owners.get(role.toLowerCase())
    if (owner !== undefined) {
      throw new ConfigurationError(
        `groups ${JSON.stringify(owner)} and ${JSON.stringify(group)}: both of their roles would be ${role}, ` +
          'since IAM ignores case. Give one of the groups another name.',
      )
    }
    owners.set(role.toLowerCase(), group)
  }
}

/** The tags that say which pool and group a role belongs to. */
export type RoleTags = { readonly [K in 'cognigate:user-pool' | 'cognigate:group']: string }

/** A role, or anything else with tags. */
interface Tagged {
  readonly tags: Readonly<Record<string, string>>
}

/** The tags of a group's role. */
export async function toRoleTags(userPoolId: string, group: string): Promise<RoleTags> {
  return { 'cognigate:user-pool': await toTagValue(userPoolId), 'cognigate:group': await toTagValue(group) }
}

/** Whether a role belongs to this group of this pool. Only its tags say so. */
export function belongsToGroup({ tags }: Tagged, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value)
}

/** Whether the tags say that a role belongs to another group or pool. Then it cannot be adopted. */
export function belongsToAnother({ tags }: Tagged, wanted: RoleTags): boolean {
  return Object.entries(wanted).some(([key, value]) => tags[key] !== undefined && tags[key] !== value)
}

/** Whether a role belongs to some group of this pool. */
export function belongsToPool({ tags }: Tagged, userPoolId: string): boolean {
  // The id of a pool is always a valid tag value.
  return tags['cognigate:user-pool'] === userPoolId
}

/**
 * A text as the value of an IAM tag: the text itself if IAM allows it (at most 256 letters, digits, separators and
 * `_ . : / = + - @`; TagRole, Tags.member.N.Value), otherwise `sha256:<hex>`. Different texts have different values. Throws
 * ConfigurationError for unpaired surrogates.
 */
export async function toTagValue(text: string): Promise<string> {
  return isTagValue(text) ? text : `sha256:${await hashText(text)}`
}

/** Whether a text can be a tag value as it is. */
export function isTagValue(text: string): boolean {
  return text.length <= 256 && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) && !text.startsWith('sha256:')
}

/**
 * SHA-256 of the text in UTF-8, in lower-case hexadecimal. Throws ConfigurationError for unpaired surrogates: they have no UTF-8
 * form, so different texts would have the same hash.
 */
export async function hashText(text: string): Promise<string> {
  if (/[\ud800-\udfff]/u.test(text)) throw new ConfigurationError('expected text without unpaired surrogates.')
  return sha256(text)
}

/** The role name in an ARN, without the path. Undefined if it is not the ARN of a role. */
export function parseRoleName(arn: string): string | undefined {
  return /^arn:[^:]+:iam::\d*:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1]
}
