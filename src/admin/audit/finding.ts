import { encodeUtf8 } from '../../encoding.ts'
import type { Group } from '../groups.ts'

/** Something in a pool that deserves a look. */
export type Finding =
  /** Nobody is in the group. */
  | { readonly kind: 'empty-group'; readonly group: string }
  /** The given map has no such group; `similar` is one of the map that differs in case or form only. */
  | { readonly kind: 'unknown-group'; readonly group: string; readonly similar: string | undefined }
  /** A user who cannot sign in is still a member. */
  | { readonly kind: 'disabled-member'; readonly group: string; readonly username: string }
  /** A group that Cognito made for the users of an identity provider has a role. */
  | { readonly kind: 'provider-group'; readonly group: string; readonly roleArn: string }
  /** Groups of one precedence; with different roles, their common members get no preferred role. */
  | {
      readonly kind: 'precedence-tie'
      readonly precedence: number
      readonly groups: readonly string[]
      readonly rolesDiffer: boolean
    }
  /** The user's groups make ID tokens large; `bytes` is what they add. */
  | { readonly kind: 'large-token'; readonly username: string; readonly bytes: number }

/** What can be found out from the groups alone. */
export function findInGroups(
  groups: readonly Group[],
  userPoolId: string,
  known: readonly string[] | undefined,
): Finding[] {
  return [
    ...groups.flatMap(({ name }) => (known && !known.includes(name) ? [unknownGroup(name, known)] : [])),
    ...groups.flatMap(({ name, roleArn }): Finding[] => {
      const isOfProvider = roleArn !== undefined && name.startsWith(`${userPoolId}_`)
      return isOfProvider ? [{ kind: 'provider-group', group: name, roleArn }] : []
    }),
    ...tiesAmong(groups),
  ]
}

function unknownGroup(group: string, known: readonly string[]): Finding {
  const fold = (name: string) => name.normalize('NFKC').toLowerCase()
  return { kind: 'unknown-group', group, similar: known.find((name) => fold(name) === fold(group)) }
}

function tiesAmong(groups: readonly Group[]): Finding[] {
  const precedences = new Set(groups.flatMap(({ precedence }) => precedence ?? []))
  return [...precedences].flatMap((precedence): Finding[] => {
    const tied = groups.filter((group) => group.precedence === precedence)
    if (tied.length < 2) return []
    const rolesDiffer = new Set(tied.flatMap(({ roleArn }) => roleArn ?? [])).size > 1
    return [{ kind: 'precedence-tie', precedence, groups: tied.map(({ name }) => name), rolesDiffer }]
  })
}

/** What a group adds to its members' ID tokens: its name and its role, quoted, in base64url. In bytes. */
export function bytesInToken({ name, roleArn }: Group): number {
  const json = JSON.stringify(name) + (roleArn === undefined ? '' : `,${JSON.stringify(roleArn)}`)
  return Math.ceil(((encodeUtf8(json).length + 1) * 4) / 3)
}
