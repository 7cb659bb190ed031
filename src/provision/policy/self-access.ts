import type { PolicyDocument } from '../../aws/index.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { regionOf } from '../../internal/regions.ts'
import { toTexts } from './documents.ts'

/** What a group must not change: its own user pool, its identity pool, and IAM in their account. */
export interface SelfAccessPlace {
  readonly userPoolId: string
  /** Undefined where none is known. */
  readonly identityPoolId: string | undefined
  /** The 12 digits of the account that both pools and the roles are in. */
  readonly account: string
  /** `aws`, `aws-cn`, `aws-us-gov` or another, as the second part of ARNs there has it. */
  readonly partition: string
}

/** A statement that lets a group change what restricts it. */
interface SelfAccess {
  /** The place of the statement in the policy, from 0. */
  readonly statement: number
  /** Those of the statement that count, as written; of `NotAction`, what it leaves open, such as `iam:*`. */
  readonly actions: readonly string[]
  /** Those of the statement that count, as written; of `NotResource`, the ARNs that it leaves open. */
  readonly resources: readonly string[]
}

/**
 * The statements of a group's policy that let its members change their own user pool or identity pool, anything in the
 * account's IAM, take another role of the account, or have code of theirs run with another role.
 *
 * In doubt a statement counts: every action of cognito-idp, cognito-identity, iam and cloudformation that does not begin with
 * Get, List or Describe (or AdminGet, AdminList), sts:AssumeRole, and of services that run code with a role of its own those
 * actions that change or start such code, but for lambda's Invoke; wildcards, variables and conditions taken as whatever matches;
 * denials elsewhere in the policy not at all. An ARN that is still to be filled in counts as if it were: one whose account is
 * no account or whose pool is no pool, such as `arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id`.
 * `cognito-identity:GetOpenIdTokenForDeveloperIdentity` counts although it is a Get: its tokens are taken for any role.
 */
export function findSelfAccess(policy: PolicyDocument, place: SelfAccessPlace): SelfAccess[] {
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
  /** Patterns of actions, in lower case; reads among them are left out. */
  readonly actions: readonly string[]
  /** What stands for all of them where `NotAction` leaves any open. Default: each by itself. */
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
 * What runs code with a role of its own, such as a trigger of the pool: whoever changes that code, or has some of theirs run,
 * has the role, without `iam:PassRole` where the role is there already.
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

/** Whether there is a text that both patterns match: `*` is any text and `?` any character, as in IAM's actions and ARNs. */
export function canBothMatch(one: string, other: string): boolean {
  const against = [...other]
  // At each place: whether what is read of `one` and `against` up to there can be the same text.
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of one) {
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

/** Whether a pattern for certain matches every text that another one matches. */
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

/** A star may stand for nothing. */
function skipStars(places: boolean[], against: readonly string[]): boolean[] {
  for (const [at, symbol] of against.entries()) if (places[at] && symbol === '*') places[at + 1] = true
  return places
}

/**
 * The ARNs that a statement's resource can stand for, as a pattern. A variable is any text. In an ARN of Cognito or IAM that
 * is still to be filled in, what is no account or no pool is any one, and the region with it.
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

/** What the ids of a service's resources look like; undefined for services that do not matter here. */
function idPattern(service: string): RegExp | undefined {
  if (service === 'cognito-idp') return /^[a-z]{2,}(-[a-z]+)+-\d+_[0-9A-Za-z]+$/
  if (service === 'cognito-identity') return /^[a-z]{2,}(-[a-z]+)+-\d+:[0-9a-f-]{36}$/
  return service === 'iam' ? /./ : undefined
}
