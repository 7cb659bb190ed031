import { ConfigurationError } from '../../errors.ts'
import type { GroupSpec } from '../definitions/index.ts'
import { type SelfAccessPlace, selfAccessOf } from '../policy/index.ts'
import { openProviders } from './identity-pool-changes.ts'
import type { ObservedIdentityPool } from './observe.ts'
import type { PlanFinding } from './plan.ts'
import type { RolePlan } from './plan-roles.ts'
import { printable } from '../../internal/printable.ts'

type Found = Omit<PlanFinding, 'id' | 'allowed'>

/** What makes a plan unsafe. `isSecured`: the plan sets the identity pool. */
export function findingsOf(
  plans: readonly RolePlan[],
  identityPool: ObservedIdentityPool,
  isSecured: boolean,
  place: SelfAccessPlace,
  allow: readonly string[],
): PlanFinding[] {
  const found = [
    ...(isSecured ? [] : openPoolFindings(identityPool)),
    ...providerFindings(identityPool),
    ...otherPoolFindings(identityPool),
    ...plans.flatMap(strayFindings),
    ...plans.flatMap((plan) => givenFindings(plan, identityPool)),
    ...plans.flatMap(({ spec }) => selfAccessFindings(spec, place)),
  ]
  return found.map((finding) => {
    const id = finding.group === undefined ? finding.code : `${finding.code}:${finding.group}`
    return { id, ...finding, message: printable(finding.message), allowed: allow.includes(id) }
  })
}

/** Throws ConfigurationError for an id that no finding can have. */
export function checkAllow(allow: readonly string[], groups: ReadonlySet<string>): void {
  const codes = ['classic-flow', 'role-mapping', 'no-provider', 'other-pool']
  const groupCodes = ['self-access', 'foreign-role', 'given-role']
  for (const id of allow) {
    const [code = '', ...rest] = id.split(':')
    const isKnown = rest.length === 0 ? codes.includes(code) : groupCodes.includes(code) && groups.has(rest.join(':'))
    if (isKnown) continue
    throw new ConfigurationError(
      `allow: no finding is called ${id}; there are ${codes.join(', ')}, and of a defined group ${groupCodes.map((each) => `${each}:<group>`).join(', ')}.`,
    )
  }
}

/** An identity pool that lets its users ask for any role that trusts it makes the role of each group everybody's. */
function openPoolFindings(identityPool: ObservedIdentityPool): Found[] {
  const open = openProviders(identityPool)
  const classicFlow: Found = {
    code: 'classic-flow',
    message:
      'The identity pool allows the classic flow, in which every signed-in user can take the role of every group: ' +
      'plan with `secureIdentityPool`.',
  }
  const roleMapping: Found = {
    code: 'role-mapping',
    message:
      `The identity pool does not choose the role by the token for ${open.join(', ')}, or not with ` +
      '`AmbiguousRoleResolution: Deny`: plan with `secureIdentityPool`.',
  }
  return [...(identityPool.classicFlow ? [classicFlow] : []), ...(open.length > 0 ? [roleMapping] : [])]
}

function providerFindings({ providers }: ObservedIdentityPool): Found[] {
  if (providers.length > 0) return []
  const message =
    "None of the user pool's app clients is a provider of the identity pool, so that nobody can use the role of a group: " +
    'add one to the identity pool.'
  return [{ code: 'no-provider', message }]
}

/** A role trusts the identity pool, whichever user pool a token comes from, and a token can name any role. */
function otherPoolFindings({ othersByToken }: ObservedIdentityPool): Found[] {
  if (othersByToken.length === 0) return []
  const message =
    `Tokens of other user pools choose their role in the identity pool, too, and may name the role of a group of this one: ` +
    `give ${othersByToken.join(', ')} an identity pool of its own.`
  return [{ code: 'other-pool', message }]
}

/** A group that should have no access to AWS, and has that of a role which these definitions do not know as the group's. */
function strayFindings({ spec: { name: group }, strayArn }: RolePlan): Found[] {
  if (strayArn === undefined) return []
  const message = `Group ${group} has no policy here, and its members have the role ${strayArn}: give the group a policy, or another link.`
  return [{ code: 'foreign-role', group, message }]
}

/** A group's role that the identity pool gives to others than the members: by default, or by a rule of some provider. */
function givenFindings({ spec: { name: group }, role, link }: RolePlan, { givenRoles }: ObservedIdentityPool): Found[] {
  const arn = link?.arn ?? role?.arn
  if (arn === undefined || !givenRoles.includes(arn)) return []
  const message =
    `The identity pool itself gives the role of group ${group} to users who need not be its members: take ${arn} out of ` +
    "its default roles and its providers' rules."
  return [{ code: 'given-role', group, message }]
}

/** A policy that lets the members of a group change the pool, the identity pool or the roles that restrict them. */
function selfAccessFindings({ name: group, policy, managedPolicies }: GroupSpec, place: SelfAccessPlace): Found[] {
  const reasons = [
    ...(policy ? selfAccessOf(policy, place) : []).map(({ statement, actions, resources }) => {
      return `statement ${statement} allows ${actions.join(', ')} on ${resources.join(', ')}`
    }),
    ...managedPolicies.filter(isPowerful).map((arn) => `managed policy ${arn} allows it`),
  ]
  if (reasons.length === 0) return []
  const message = `Members of ${group} can change the pool or the roles that restrict them: ${reasons.join('; ')}.`
  return [{ code: 'self-access', group, message }]
}

/** Managed policies of AWS that reach pools or roles. What other managed policies allow cannot be seen from here. */
function isPowerful(arn: string): boolean {
  const name = /:aws:policy\/(.+)$/.exec(arn)?.[1] ?? ''
  return /^(AdministratorAccess.*|PowerUserAccess|IAMFullAccess|Amazon(Cognito(PowerUser|Dev.+)|.*CognitoAccess))$/.test(
    name,
  )
}
