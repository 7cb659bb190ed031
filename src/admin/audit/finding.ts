import { encodeUtf8 } from '../../encoding.ts'
import { printable } from '../../internal/printable.ts'
import type { Group } from '../groups.ts'

/** Something in a pool that deserves a look. `message` says it in words, in which control characters are escaped. */
export type Finding = { readonly message: string } & FindingDetails

/** What a finding is about. */
export type FindingDetails =
  /** Nobody is in the group. */
  | { readonly kind: 'empty-group'; readonly group: string }
  /** The given map has no such group; `similar` is one of the map that differs in case or form only. */
  | { readonly kind: 'unknown-group'; readonly group: string; readonly similar: string | undefined }
  /** A user who cannot sign in is still a member. */
  | { readonly kind: 'disabled-member'; readonly group: string; readonly username: string }
  /** A group that Cognito made for the users of an identity provider, `<pool id>_<provider>`, has a role. */
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
  const isOfProvider = (name: string) => isProviderGroup(name, userPoolId)
  const details: FindingDetails[] = [
    ...groups.flatMap(({ name }) =>
      known && !known.includes(name) && !isOfProvider(name) ? [unknownGroup(name, known)] : [],
    ),
    ...groups.flatMap(({ name, roleArn }): FindingDetails[] =>
      roleArn !== undefined && isOfProvider(name) ? [{ kind: 'provider-group', group: name, roleArn }] : [],
    ),
    ...tiesAmong(groups),
  ]
  return details.map(toFinding)
}

/** Whether Cognito itself made a group, for the users of an identity provider. Nobody defines it or fills it. */
export function isProviderGroup(name: string, userPoolId: string): boolean {
  return name.startsWith(`${userPoolId}_`)
}

/** A finding with its words. */
export function toFinding(details: FindingDetails): Finding {
  return { ...details, message: printable(describe(details)) }
}

function describe(details: FindingDetails): string {
  switch (details.kind) {
    case 'empty-group':
      return `Nobody is in the group "${details.group}".`
    case 'unknown-group': {
      const similar = details.similar === undefined ? '' : ` It has "${details.similar}", which is another name.`
      return `The map has no group "${details.group}", so its members may do nothing by it.${similar}`
    }
    case 'disabled-member':
      return `"${details.username}" is disabled, and still in the group "${details.group}".`
    case 'provider-group':
      return `Every user of an identity provider gets the role ${details.roleArn}: Cognito puts them into "${details.group}".`
    case 'precedence-tie': {
      const names = details.groups.map((name) => `"${name}"`).join(', ')
      const effect = details.rolesDiffer ? ' Who is in several of them gets no preferred role.' : ''
      return `The groups ${names} have the same precedence, ${details.precedence}.${effect}`
    }
    default:
      return `The groups of "${details.username}" add ${details.bytes} bytes to an ID token, which may then fit into no cookie.`
  }
}

function unknownGroup(group: string, known: readonly string[]): FindingDetails {
  const fold = (name: string) => name.normalize('NFKC').toLowerCase()
  return { kind: 'unknown-group', group, similar: known.find((name) => fold(name) === fold(group)) }
}

function tiesAmong(groups: readonly Group[]): FindingDetails[] {
  const precedences = new Set(groups.flatMap(({ precedence }) => precedence ?? []))
  return [...precedences].flatMap((precedence): FindingDetails[] => {
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
