import type { PolicyDocument } from '../../aws/index.ts'
import { assertConfig } from '../../errors.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { regionOf } from '../../internal/regions.ts'
import { toTexts } from './documents.ts'

/** What members of a group must not be able to change: their user pool, their identity pool, and IAM in that account. */
export interface SelfAccessPlace {
  readonly userPoolId: string
  /** Undefined if there is none. */
  readonly identityPoolId: string | undefined
  /** The 12 digits of the account that both pools and the roles are in. */
  readonly account: string
  /** `aws`, `aws-cn`, `aws-us-gov` or another, as in ARNs. */
  readonly partition: string
}

/** A statement by which members can change what restricts them. */
export interface SelfAccess {
  /** The index of the statement in the policy. */
  readonly statement: number
  /** The risky actions, as written; for `NotAction`, what it leaves open, such as `iam:*`. */
  readonly actions: readonly string[]
  /** The risky resources, as written; for `NotResource`, the ARNs that it leaves open. */
  readonly resources: readonly string[]
}

/**
 * The statements of a group's policy by which its members can change their user pool or identity pool, change IAM in the account,
 * assume another role of the account, or run code with another role.
 *
 * In doubt a statement counts. Risky are: every action of cognito-idp, cognito-identity, iam and cloudformation, except those
 * that begin with Get, List or Describe (or AdminGet, AdminList); sts:AssumeRole; and in services that run code with a role of
 * its own, the actions that change or start such code, except lambda:Invoke…. Wildcards, variables and conditions count as
 * whatever they can match. Denials elsewhere in the policy are ignored. An ARN with a placeholder, such as
 * `arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id`, counts as if it were filled in.
 * `cognito-identity:GetOpenIdTokenForDeveloperIdentity` counts although it begins with Get, since its tokens work for any role.
 */
export function findSelfAccess(policy: PolicyDocument, place: SelfAccessPlace): SelfAccess[] {
  assertConfig('findSelfAccess', isJsonObject(policy) && isJsonObject(place), 'a policy, and what it must not reach.')
  const protectedParts = listParts(place)
  const statements: unknown[] = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement]
  return statements.flatMap((given, statement) => {
    const said: PolicyDocument = isJsonObject(given) ? given : {}
    const { Effect, Action, NotAction, Resource, NotResource } = said
    if (Effect === 'Deny') return []
    const reached = protectedParts.flatMap((part) => {
      const actions = reachedActions(part, Action, NotAction)
      const resources = reachedResources(part, Resource, NotResource)
      return actions.length > 0 && resources.length > 0 ? [{ actions, resources }] : []
    })
    if (reached.length === 0) return []
    const actions = [...new Set(reached.flatMap((part) => part.actions))]
    const resources = [...new Set(reached.flatMap((part) => part.resources))]
    return [{ statement, actions, resources }]
  })
}

interface ProtectedPart {
  /** Patterns of actions, in lower case. Actions that only read are ignored. */
  readonly actions: readonly string[]
  /** What to show if `NotAction` leaves any of them open. Default: each. */
  readonly all?: string | undefined
  /** The pattern of the ARNs. */
  readonly resource: string
}

function listParts({ userPoolId, identityPoolId, account, partition }: SelfAccessPlace): ProtectedPart[] {
  const arn = (rest: string) => `arn:${partition}:${rest}`
  return [
    {
      actions: ['cognito-idp:*'],
      resource: arn(`cognito-idp:${regionOf(userPoolId)}:${account}:userpool/${userPoolId}`),
    },
    ...(identityPoolId === undefined
      ? []
      : [
          {
            actions: ['cognito-identity:*', 'cognito-identity:getopenidtokenfordeveloperidentity'],
            resource: arn(`cognito-identity:${identityPoolId.split(':')[0]}:${account}:identitypool/${identityPoolId}`),
          },
        ]),
    { actions: ['iam:*'], resource: arn(`iam::${account}:*`) },
    { actions: ['sts:assumerole'], resource: arn(`iam::${account}:role/*`) },
    ...Object.entries(servicesRunningCode()).map(([service, verbs]) => ({
      actions: verbs.map((verb) => `${service}:${verb}`),
      all: `${service}:*`,
      resource: arn(service === 'ec2-instance-connect' ? 'ec2:*' : `${service}:*`),
    })),
    // A command or a session is for an instance, whose role it then has.
    { actions: ['ssm:sendcommand', 'ssm:startsession'], all: 'ssm:*', resource: arn('ec2:*') },
  ]
}

/**
 * Services that run code with a role of its own, such as triggers of the pool. Whoever changes or starts that code has the
 * role, without `iam:PassRole` if the role is already set.
 */
function servicesRunningCode(): Record<string, readonly string[]> {
  return {
    cloudformation: ['*'],
    codebuild: ['create*', 'update*', 'start*', 'retry*'],
    'ec2-instance-connect': ['send*', 'open*'],
    ecs: ['executecommand', 'registertaskdefinition', 'runtask', 'starttask', 'createservice', 'updateservice'],
    glue: ['create*', 'update*', 'startjobrun'],
    lambda: ['add*', 'create*', 'publish*', 'put*', 'update*'],
    ssm: ['create*', 'register*', 'resumesession', 'sendcommand', 'start*', 'update*'],
    states: ['create*', 'update*'],
  }
}

function reachedActions({ actions, all }: ProtectedPart, action: unknown, notAction: unknown): readonly string[] {
  const excluded = action === undefined ? toTexts(notAction) : undefined
  if (excluded) {
    const open = actions.filter((wanted) => !excluded.some((text) => covers(text.toLowerCase(), wanted)))
    return all === undefined || open.length === 0 ? open : [all]
  }
  return (toTexts(action) ?? ['*']).filter((text) => {
    const pattern = text.toLowerCase()
    return actions.some((wanted) => canBothMatch(pattern, wanted) && !(wanted.endsWith('*') && isRead(pattern)))
  })
}

/** Whether an action, or every action of a pattern, only reads. */
function isRead(pattern: string): boolean {
  return /^[^:]*:(admin)?(get|list|describe)/.test(pattern)
}

function reachedResources({ resource }: ProtectedPart, given: unknown, notGiven: unknown): readonly string[] {
  const excluded = given === undefined ? toTexts(notGiven) : undefined
  if (excluded) return excluded.some((text) => covers(text, resource)) ? [] : [resource]
  return (toTexts(given) ?? ['*']).filter((text) => canBothMatch(resourcePattern(text), resource))
}

/** Whether some text matches both patterns. `*` is any text and `?` any character, as in IAM. */
export function canBothMatch(one: string, other: string): boolean {
  const start = commonStart(one, other)
  if (start === undefined) return false
  const against = [...other.slice(start)]
  // At each place: whether `one` and `against`, as far as they were read, can match the same text.
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of one.slice(start)) {
    const first = places.indexOf(true)
    const next = places.map((_, at) => symbol === '*' && first >= 0 && at >= first)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined || symbol === '*') continue
      if (by === '*') next[at] = true
      else if (by === symbol || by === '?' || symbol === '?') next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** How far two patterns are alike before a wildcard; undefined where that tells already that no text matches both. */
function commonStart(one: string, other: string): number | undefined {
  for (let at = 0; ; at++) {
    const [symbol = '*', by = '*'] = [one[at], other[at]]
    // A symbol of two code units is kept whole.
    if (/[*?]/.test(symbol + by)) return at > 0 && /[\ud800-\udbff]/.test(one.charAt(at - 1)) ? at - 1 : at
    if (symbol !== by) return undefined
  }
}

/** Whether a pattern certainly matches every text that another one matches. */
export function covers(pattern: string, covered: string): boolean {
  const against = [...pattern]
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of covered) {
    const next = places.map(() => false)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined) continue
      if (by === '*') next[at] = true
      else if (by === symbol || (by === '?' && symbol !== '*')) next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** A star can match nothing. */
function skipStars(places: boolean[], against: readonly string[]): boolean[] {
  for (const [at, symbol] of against.entries()) if (places[at] && symbol === '*') places[at + 1] = true
  return places
}

/**
 * The ARNs that a resource of a statement can mean, as a pattern. A variable is any text. In ARNs of Cognito and IAM a
 * placeholder for the account or the pool means any of them, in any region.
 */
function resourcePattern(resource: string): string {
  const pattern = resource.replace(/\$\{[^}]*\}/g, '*')
  const [arn = '', partition = '', service = '', region = '', account = '', ...rest] = pattern.split(':')
  const name = rest.join(':')
  const slash = name.indexOf('/') + 1
  const id = idPattern(service)
  if (arn !== 'arn' || !id || name === '') return pattern
  const isAccount = /^(\d{12}|aws)$/.test(account) || /[*?]/.test(account)
  const isId = id.test(name.slice(slash)) || /[*?]/.test(name)
  if (isAccount && isId) return pattern
  const place = [arn, partition, service, service === 'iam' ? region : '*', isAccount ? account : '*']
  return [...place, isId ? name : `${name.slice(0, slash)}*`].join(':')
}

/** The form of a service's resource ids. Undefined for services that do not matter here. */
function idPattern(service: string): RegExp | undefined {
  if (service === 'cognito-idp') return /^[a-z]{2,}(-[a-z]+)+-\d+_[0-9A-Za-z]+$/
  if (service === 'cognito-identity') return /^[a-z]{2,}(-[a-z]+)+-\d+:[0-9a-f-]{36}$/
  return service === 'iam' ? /./ : undefined
}
