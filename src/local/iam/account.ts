import { choice, readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { PolicyHolderState, State } from '../state/index.ts'
import { alreadyExists, describeAttached, describeTags, encodeDocument, noSuchEntity } from './entities.ts'
import { describeGroup } from './groups.ts'
import { inQueryWords, invalidInput, readList, readMarkedPage } from './input.ts'
import { countUses, describePolicyDetail, listUsedAwsPolicies } from './policies.ts'
import { describeRole, isYoung } from './roles.ts'
import { describeUser } from './users.ts'

/** The operations on the account as a whole. */
export function accountOperations(): Operations {
  return inQueryWords({
    'iam.CreateAccountAlias': createAlias,
    'iam.DeleteAccountAlias': deleteAlias,
    'iam.ListAccountAliases': (state) => ({ AccountAliases: state.accountAliases, IsTruncated: false }),
    'iam.GetAccountSummary': getSummary,
    'iam.GetAccountAuthorizationDetails': getAuthorizationDetails,
  })
}

/** A new alias takes the place of the one that the account has. */
function createAlias(state: State, input: JsonObject): undefined {
  const alias = readAlias(input)
  if (state.accountAliases.includes(alias)) throw alreadyExists(`The account alias ${alias} already exists.`)
  state.accountAliases.splice(0, state.accountAliases.length, alias)
}

function deleteAlias(state: State, input: JsonObject): undefined {
  const alias = readAlias(input)
  if (!state.accountAliases.includes(alias)) throw noSuchEntity(`The account alias ${alias} does not exist.`)
  state.accountAliases.length = 0
}

function readAlias(input: JsonObject): string {
  const alias = readText(input, 'AccountAlias', {
    min: 3,
    max: 63,
    pattern: /^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$/,
  })
  if (/^\d{12}$/.test(alias)) throw invalidInput('An account alias cannot look like the id of an account.')
  return alias
}

function getSummary({ roles, iamUsers, iamGroups, policies, oidcProviders }: State): JsonObject {
  const count = (map: object) => Object.keys(map).length
  return {
    SummaryMap: {
      Users: count(iamUsers),
      UsersQuota: 5000,
      Groups: count(iamGroups),
      GroupsQuota: 300,
      Roles: count(roles),
      RolesQuota: 1000,
      Policies: count(policies),
      PoliciesQuota: 1500,
      Providers: count(oidcProviders),
      InstanceProfiles: 0,
      InstanceProfilesQuota: 1000,
      MFADevices: 0,
      MFADevicesInUse: 0,
      ServerCertificates: 0,
      ServerCertificatesQuota: 20,
      AccessKeysPerUserQuota: 2,
      AssumeRolePolicySizeQuota: 2048,
      AttachedPoliciesPerGroupQuota: 10,
      AttachedPoliciesPerRoleQuota: 10,
      AttachedPoliciesPerUserQuota: 10,
      GroupPolicySizeQuota: 5120,
      GroupsPerUserQuota: 10,
      PolicySizeQuota: 6144,
      RolePolicySizeQuota: 10_240,
      UserPolicySizeQuota: 2048,
      VersionsPerPolicyQuota: 5,
      PolicyVersionsInUse: Object.values(policies).reduce((sum, { versions }) => sum + versions.length, 0),
      PolicyVersionsInUseQuota: 10_000,
      GlobalEndpointTokenVersion: 1,
      AccountMFAEnabled: 0,
      AccountAccessKeysPresent: 0,
      AccountPasswordPresent: 0,
      AccountSigningCertificatesPresent: 0,
    },
  }
}

/** Users, groups, roles and policies, in one list that pages. Of AWS's policies those that are in use. */
function getAuthorizationDetails(state: State, input: JsonObject, context: Context): JsonObject {
  const kinds = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const
  const filter = readList(input, 'Filter', choice(kinds), Number.POSITIVE_INFINITY) ?? []
  const uses = countUses(state)
  const isAsked = (kind: (typeof kinds)[number]) => filter.length === 0 || filter.includes(kind)
  const entries = <T extends { readonly name: string }>(
    kind: (typeof kinds)[number],
    entities: readonly T[],
    describe: (entity: T) => JsonObject,
  ): readonly Entry[] => {
    if (!isAsked(kind)) return []
    const place = kinds.indexOf(kind)
    return entities.map((entity) => {
      return { kind, key: `${place}${entity.name.toLowerCase()}`, describe: () => describe(entity) }
    })
  }
  const all = [
    ...entries('User', Object.values(state.iamUsers), (user) => ({
      ...describeUser(user),
      ...describeHolder('User', user),
      GroupList: user.groups.flatMap((name) => state.iamGroups[name]?.name ?? []),
      Tags: describeTags(user),
    })),
    ...entries('Group', Object.values(state.iamGroups), (group) => ({
      ...describeGroup(group),
      ...describeHolder('Group', group),
    })),
    ...entries(
      'Role',
      Object.values(state.roles).filter((role) => !isYoung(role, context)),
      (role) => {
        const { Description: _, MaxSessionDuration: __, ...described } = describeRole(role)
        return { ...described, ...describeHolder('Role', role), InstanceProfileList: [], Tags: describeTags(role) }
      },
    ),
    ...entries('LocalManagedPolicy', Object.values(state.policies), (policy) => describePolicyDetail(policy, uses)),
    ...entries('AWSManagedPolicy', listUsedAwsPolicies(uses), (policy) => describePolicyDetail(policy, uses)),
  ]
  const page = readMarkedPage(input, all, ({ key }) => key, ['GetAccountAuthorizationDetails'])
  const of = (...asked: readonly string[]) => {
    return page.items.filter(({ kind }) => asked.includes(kind)).map(({ describe }) => describe())
  }
  return {
    UserDetailList: of('User'),
    GroupDetailList: of('Group'),
    RoleDetailList: of('Role'),
    Policies: of('LocalManagedPolicy', 'AWSManagedPolicy'),
    ...page.more,
  }
}

/** Something of the account that is described when its page comes. */
interface Entry {
  readonly kind: string
  readonly key: string
  describe(): JsonObject
}

function describeHolder(kind: 'User' | 'Group' | 'Role', { policies, managedPolicies }: PolicyHolderState): JsonObject {
  return {
    [`${kind}PolicyList`]: Object.entries(policies).map(([PolicyName, text]) => {
      return { PolicyName, PolicyDocument: encodeDocument(text) }
    }),
    AttachedManagedPolicies: managedPolicies.map(describeAttached),
  }
}
