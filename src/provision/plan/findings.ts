import { ConfigurationError } from '../../errors.ts'
import { escapeControlCharacters } from '../../internal/encoding.ts'
import type { GroupSpec } from '../definitions/read-definitions.ts'
import { belongsToPool, isTagValue, hashText } from '../names.ts'
import { unmappedProviders } from './group-changes.ts'
import type { RolePlan } from './plan-role.ts'
import type { PlanFinding } from './plan.ts'
import { canonicalPolicy } from '../policy/compare-policies.ts'
import { canonicalJson } from '../../internal/json.ts'
import { findSelfAccess, type SelfAccessPlace } from '../policy/self-access.ts'
import type { PlanScope } from '../state/desired.ts'
import type { IdentityPoolState, GroupState, State } from '../state/state.ts'

/** A finding before it has an id. */
export interface DraftFinding extends Omit<PlanFinding, 'id' | 'accepted'> {
  /** What the finding depends on, such as a policy. If that changes, so does the id. Undefined if it depends on nothing. */
  readonly basis?: unknown
}

/**
 * The risks of a plan. `left`: groups that are not defined and stay. `isSecured`: whether the plan changes the identity pool.
 */
export function collectFindings(
  plans: readonly RolePlan[],
  left: readonly GroupState[],
  state: State,
  isSecured: boolean,
  { userPoolId, identityPoolId }: PlanScope,
): DraftFinding[] {
  const { identityPool, account, partition } = state
  const place = { userPoolId, identityPoolId, account, partition }
  return [
    ...(identityPool ? identityPoolFindings(identityPool, isSecured) : []),
    ...plans.flatMap(unknownRoleFindings),
    ...plans.flatMap((plan) => (identityPool ? givenFindings(plan, identityPool) : [])),
    ...plans.flatMap(({ spec }) => selfAccessFindings(spec, place)),
    ...left.flatMap((group) => linkFindings(group, plans, state, userPoolId)),
    ...(identityPool && (isSecured || identityPool.mappedByToken.length > 0) ? tieFindings(plans, left, state) : []),
  ]
}

/** Adds the ids, and whether `acceptFindings` has them. */
export async function addIds(
  found: readonly DraftFinding[],
  acceptFindings: readonly string[],
): Promise<PlanFinding[]> {
  return Promise.all(
    found.map(async ({ basis, message, ...finding }) => {
      const { code, group } = finding
      const base = group === undefined ? code : `${code}:${group}`
      const digest = basis === undefined ? '' : `@${(await hashText(canonicalJson([base, basis]))).slice(0, 16)}`
      const id = `${base}${digest}`
      const stale = acceptFindings.filter((other) => other !== id && withoutDigest(other) === base)
      const hint =
        digest === '' || stale.length === 0 || acceptFindings.includes(id)
          ? ''
          : ` \`acceptFindings\` has ${stale.join(', ')}, which was for something else. Review it again, and then accept ${id}.`
      return { id, ...finding, message: escapeControlCharacters(message + hint), accepted: acceptFindings.includes(id) }
    }),
  )
}

/** Throws ConfigurationError for an id that no finding can have. */
export function checkAcceptFindings(acceptFindings: readonly string[], groups: ReadonlySet<string>): void {
  const codes = ['classic-flow', 'role-mapping', 'no-provider', 'other-pool', 'tied-precedence']
  const groupCodes = ['self-access', 'foreign-role', 'given-role']
  const isKnown = (id: string) => {
    const [code = '', ...rest] = id.split(':')
    const group = rest.join(':')
    if (rest.length === 0) return codes.includes(code)
    return (groupCodes.includes(code) && groups.has(group)) || (code === 'undefined-group' && group !== '')
  }
  for (const id of acceptFindings) {
    if (isKnown(id) || isKnown(withoutDigest(id))) continue
    const ofGroups = [...groupCodes, 'undefined-group'].map((each) => `${each}:<group>`)
    throw new ConfigurationError(
      `acceptFindings: there is no finding ${id}. Findings are ${codes.join(', ')}, and for a group ${ofGroups.join(', ')}. ` +
        'Copy the id from the plan.',
    )
  }
}

function withoutDigest(id: string): string {
  return id.replace(/@[0-9a-f]{16}$/, '')
}

function identityPoolFindings(identityPool: IdentityPoolState, isSecured: boolean): DraftFinding[] {
  return [
    ...(isSecured ? [] : openPoolFindings(identityPool)),
    ...providerFindings(identityPool),
    ...otherPoolFindings(identityPool),
  ]
}

/** If users can ask the identity pool for any role that trusts it, each group's role is open to all of them. */
function openPoolFindings(identityPool: IdentityPoolState): DraftFinding[] {
  const open = unmappedProviders(identityPool)
  const classicFlow: DraftFinding = {
    code: 'classic-flow',
    message:
      'The identity pool allows the classic flow, in which every signed-in user can assume the role of every group. ' +
      'Plan with `secureIdentityPool`.',
  }
  const roleMapping: DraftFinding = {
    code: 'role-mapping',
    message:
      `The identity pool does not choose the role by the token for ${open.join(', ')}, or not with ` +
      '`AmbiguousRoleResolution: Deny`. Plan with `secureIdentityPool`.',
  }
  return [...(identityPool.classicFlow ? [classicFlow] : []), ...(open.length > 0 ? [roleMapping] : [])]
}

function providerFindings({ providers }: IdentityPoolState): DraftFinding[] {
  if (providers.length > 0) return []
  const message =
    "None of the user pool's app clients is a provider of the identity pool, so nobody can use the role of a group. " +
    'Add one to the identity pool.'
  return [{ code: 'no-provider', message }]
}

/** A role trusts the identity pool, whichever user pool the token comes from, and a token can name any role. */
function otherPoolFindings({ othersByToken }: IdentityPoolState): DraftFinding[] {
  if (othersByToken.length === 0) return []
  const message =
    'Tokens of other user pools also choose their role in this identity pool, and may name the role of a group of this ' +
    `user pool. Give ${othersByToken.join(', ')} an identity pool of its own.`
  return [{ code: 'other-pool', message, basis: othersByToken }]
}

/** A group without a policy that is linked to a role which is not its own. */
function unknownRoleFindings({ spec: { name: group }, unknownRoleArn }: RolePlan): DraftFinding[] {
  if (unknownRoleArn === undefined) return []
  const message = `Group ${group} has no policy, but its members have the role ${unknownRoleArn}. Give the group a policy, or unlink the role.`
  return [{ code: 'foreign-role', group, message, basis: unknownRoleArn }]
}

/** A group's role that the identity pool also gives to others, by default or by a provider's rule. */
function givenFindings(
  { spec: { name: group }, role, link }: RolePlan,
  { givenRoles }: IdentityPoolState,
): DraftFinding[] {
  const arn = link?.arn ?? role?.arn
  if (arn === undefined || !givenRoles.includes(arn)) return []
  const message =
    `The identity pool gives the role of group ${group} to users who need not be members. Remove ${arn} from ` +
    "its default roles and its providers' rules."
  return [{ code: 'given-role', group, message, basis: arn }]
}

/** A policy by which members can change the pool, the identity pool or the roles that restrict them. */
function selfAccessFindings(spec: GroupSpec, place: SelfAccessPlace): DraftFinding[] {
  const { name: group, policy, managedPolicies, permissionsBoundary } = spec
  const reasons = [
    ...(policy ? findSelfAccess(policy, place) : []).map(({ statement, actions, resources }) => {
      return `statement ${statement} allows ${actions.join(', ')} on ${resources.join(', ')}`
    }),
    ...managedPolicies.filter(isPowerful).map((arn) => `managed policy ${arn} allows it`),
  ]
  if (reasons.length === 0) return []
  const message = `Members of ${group} can change the pool or the roles that restrict them: ${reasons.join('; ')}.`
  const basis = [policy && canonicalPolicy(policy), [...managedPolicies].sort(), permissionsBoundary]
  return [{ code: 'self-access', group, message, basis }]
}

/**
 * Managed policies of AWS that reach pools or roles, directly or through code that runs with another role. What other managed
 * policies allow is not known here.
 */
function isPowerful(arn: string): boolean {
  const name = /:aws:policy\/(?:.+\/)?([^/]+)$/.exec(arn)?.[1] ?? ''
  const families = [
    'AdministratorAccess.*|PowerUserAccess|IAMFullAccess|SystemAdministrator|DatabaseAdministrator|DataScientist',
    'Amazon(Cognito(PowerUser|Dev.+)|.*CognitoAccess)',
    'AWSLambda_?FullAccess|AWSCloudFormationFullAccess|AWSServiceCatalog(Admin|EndUser)FullAccess',
    'AmazonSSM(FullAccess|AutomationRole|MaintenanceWindowRole)',
    'AWSCode(Build(Admin|Developer)Access|Pipeline_?FullAccess|StarFullAccess|DeployFullAccess)',
    'AWSStepFunctions(Console)?FullAccess|AWSGlueConsole.*FullAccess|AmazonSageMakerFullAccess',
    'AmazonECS_?FullAccess|AmazonEC2ContainerServiceFullAccess|AmazonEC2FullAccess',
  ]
  return RegExp(`^(${families.join('|')})$`).test(name)
}

/** A group that is not defined, and whose members have the role of another group. */
function linkFindings(
  { name: group, roleArn }: GroupState,
  plans: readonly RolePlan[],
  { roles }: State,
  userPoolId: string,
): DraftFinding[] {
  if (roleArn === undefined) return []
  const owner = plans.find(({ role, link }) => (link?.arn ?? role?.arn) === roleArn)?.spec.name
  const role = [...roles.values()].find(({ arn }) => arn === roleArn)
  const tagged = role && belongsToPool(role, userPoolId) ? role.tags['cognigate:group'] : undefined
  // The group's own role, from when it was defined, has its tag. If the name is stored as a hash, we cannot see that here.
  const another = owner ?? (tagged === group && isTagValue(group) ? undefined : tagged)
  if (another === undefined) return []
  const message =
    `Group ${group} is not defined, and its members have the role of group ${another}, ${roleArn}. Link it to another ` +
    'role, delete it, or define it.'
  return [{ code: 'undefined-group', group, message, basis: roleArn }]
}

/** Groups with equal precedence and different roles: a member of two gets no preferred role, and the identity pool denies. */
function tieFindings(plans: readonly RolePlan[], left: readonly GroupState[], { groups }: State): DraftFinding[] {
  const ranked = [
    ...plans.map(({ spec: { name, precedence }, link }) => {
      const there = groups.get(name)
      return {
        name,
        precedence: precedence ?? there?.precedence,
        roleArn: link?.arn ?? there?.roleArn,
        belongsToGroup: true,
      }
    }),
    ...left.map(({ name, precedence, roleArn }) => ({ name, precedence, roleArn, belongsToGroup: false })),
  ].filter(({ roleArn }) => roleArn !== undefined)
  const levels = [...new Set(ranked.map(({ precedence }) => precedence))].sort((a = Infinity, b = Infinity) => a - b)
  return levels.flatMap((precedence): DraftFinding[] => {
    const tied = ranked.filter((group) => group.precedence === precedence)
    const roles = new Set(tied.map(({ roleArn }) => roleArn))
    if (roles.size < 2 || !tied.some(({ belongsToGroup }) => belongsToGroup)) return []
    const names = tied.map(({ name }) => name).sort()
    const rank = precedence === undefined ? 'no precedence' : `precedence ${precedence}`
    const message =
      `Groups ${names.join(', ')} have ${rank} and different roles, so a member of two of them gets no role. Give ` +
      'each its own precedence.'
    return [{ code: 'tied-precedence', message, basis: names }]
  })
}
