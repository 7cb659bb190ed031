import type { User } from '../../admin/index.ts'
import type { Explanation, Groups } from '../../index.ts'
import { type Style, escapeTerminal } from '../context.ts'

/** One answer: where its groups and claims come from, and what decides. */
export interface Answer {
  readonly from: 'directory' | 'token'
  readonly groups: readonly string[]
  /** Undefined where the token is refused. */
  readonly decision: Explanation | undefined
  /** Claims of conditions that only a token has: without them nothing is known. */
  readonly needs: readonly string[]
  /** The code by which a guard refuses the token. */
  readonly refused?: string | undefined
  /** Seconds since the epoch. */
  readonly issuedAt?: number | undefined
  readonly expiresAt?: number | undefined
}

/** All that is known of a question. */
export interface Answers {
  readonly user: Pick<User, 'username' | 'enabled' | 'status'>
  readonly permission: string
  readonly directory: Answer
  readonly token: Answer | undefined
}

/** The answers for people: each with its reasons, and where they differ. */
export function describeAnswers(answers: Answers, { names }: Groups, style: Style): string {
  const { user, permission, directory, token } = answers
  const lines = [style.strong(escapeTerminal(`May ${user.username} do ${permission}?`))]
  lines.push('', ...describeAnswer('By the directory, now', directory, permission, names, style))
  if (!user.enabled) {
    lines.push('    the account is disabled: it cannot sign in; its tokens allow what they allow until they expire')
  } else if (user.status !== 'CONFIRMED') {
    lines.push(`    the account is ${user.status}: it has no tokens before that is done`)
  }
  if (token === undefined) return lines.join('\n')
  lines.push('', ...describeAnswer('By the token', token, permission, names, style))
  if (token.expiresAt !== undefined) {
    const left = token.expiresAt - Date.now() / 1000
    lines.push(`    issued ${formatTime(token.issuedAt)}, good for ${Math.max(1, Math.round(left / 60))} min more`)
  }
  if (differ(answers) && token.refused === undefined) lines.push('', ...describeDifference(directory, token, style))
  return lines.join('\n')
}

function describeAnswer(
  title: string,
  { groups, decision, needs, refused }: Answer,
  permission: string,
  names: readonly string[],
  style: Style,
): string[] {
  if (decision === undefined) {
    return [
      style.removed(`${title}: no, the guard refuses it with ${refused}`),
      `    what that means: npx cognigate explain --code ${refused}`,
    ]
  }
  const isOpen = needs.length > 0
  const head = decision.allowed
    ? style.added(`${title}: yes (${decision.code})`)
    : isOpen
      ? style.changed(`${title}: it depends on the token`)
      : style.removed(`${title}: no (${decision.code})`)
  const unknown = groups.filter((name) => !names.includes(name))
  return [
    head,
    ...[
      `in ${groups.length === 0 ? 'no group' : groups.join(', ')}`,
      ...describeReasons(decision, permission),
      ...(unknown.length > 0 ? [`not defined, so without effect: ${unknown.join(', ')}`] : []),
      ...(isOpen ? [`only a token has ${needs.join(', ')}`] : []),
    ].map((line) => `    ${escapeTerminal(line)}`),
  ]
}

function describeReasons({ allowed, matched, failed, wouldAllow }: Explanation, permission: string): string[] {
  const rules = matched.map(({ group, effect, rule, via }) => {
    const inherited = via.length > 1 ? `, inherited: ${via.join(' → ')}` : ''
    return `${group} ${effect === 'deny' ? 'denies' : 'allows'} ${rule}${inherited}`
  })
  const conditions = failed.map(({ at, rule, group, claim, kind }) => {
    const what = at === 'require' ? `the gate of ${rule}` : `the condition of ${group ?? ''} on ${rule}`
    const why = claim === undefined ? 'a predicate' : kind === 'maxAge' ? `the age of ${claim}` : claim
    return `${what} does not hold: ${why}`
  })
  const others = !allowed && wouldAllow.length > 0 ? [`membership of ${wouldAllow.join(' or ')} would allow it`] : []
  const nothing = rules.length === 0 && !allowed ? [`no rule allows ${permission}`] : []
  return [...rules, ...nothing, ...conditions, ...others]
}

function describeDifference(directory: Answer, token: Answer, style: Style): string[] {
  const added = directory.groups.filter((name) => !token.groups.includes(name))
  const gone = token.groups.filter((name) => !directory.groups.includes(name))
  return [
    style.changed('They differ:'),
    ...(added.length > 0 ? [`the token does not know of ${added.join(', ')} yet`] : []),
    ...(gone.length > 0 ? [`the token still has ${gone.join(', ')}`] : []),
    ...(added.length + gone.length > 0
      ? ['a token keeps its groups until it expires; the next one that is issued has them as they are']
      : ['the groups are the same: claims of the token decide']),
  ].map((line, index) => (index === 0 ? line : `    ${escapeTerminal(line)}`))
}

function formatTime(seconds: number | undefined): string {
  return seconds === undefined ? 'at an unknown time' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Whether a token allows what the directory does not, or the other way round. */
export function differ({ directory, token }: Answers): boolean {
  if (token === undefined) return false
  if (token.groups.toSorted().join('\n') !== directory.groups.join('\n')) return true
  const isOpen = directory.needs.length > 0
  return !isOpen && token.decision?.allowed !== directory.decision?.allowed
}
