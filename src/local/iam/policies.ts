import { readChoice, readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import { accountId, type PolicyHolderState, type PolicyState, type State } from '../state/index.ts'
import { type AwsPolicy, findAwsPolicy, listAwsPolicies } from './aws-policies.ts'
import { checkIdentityPolicy } from './document-checks.ts'
import {
  alreadyExists,
  createArn,
  createId,
  deleteConflict,
  describeAnyTags,
  encodeDocument,
  limitExceeded,
  noSuchEntity,
  toDate,
} from './entities.ts'
import {
  iamNameRules,
  inQueryWords,
  invalidInput,
  pathPrefixRules,
  policyPathRules,
  readDocument,
  readFormFlag,
  readMarkedPage,
  readNumberedPage,
  readTags,
  sizeOf,
} from './input.ts'

/** IAM's quota of characters in a managed policy. */
const maxPolicy = 6144
/** IAM's quota of versions of a managed policy. */
const maxVersions = 5

/** The operations on managed policies of the account, and those that read AWS's own. */
export function managedPolicyOperations(): Operations {
  return inQueryWords({
    'iam.CreatePolicy': createPolicy,
    'iam.CreatePolicyVersion': createVersion,
    'iam.SetDefaultPolicyVersion': setDefaultVersion,
    'iam.DeletePolicyVersion': deleteVersion,
    'iam.DeletePolicy': deletePolicy,
    'iam.GetPolicy': getPolicy,
    'iam.GetPolicyVersion': getVersion,
    'iam.ListPolicies': listPolicies,
    'iam.ListPolicyVersions': listVersions,
    'iam.ListEntitiesForPolicy': listEntities,
  })
}

/** The ARN of a managed policy, well-formed: one of AWS's own, or of the account. Whether it is there is another question. */
export function readPolicyArn(input: JsonObject, name: 'PolicyArn' | 'PermissionsBoundary'): string {
  const arn = readText(input, name, { min: 20, max: 2048 })
  const [, account] = /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/(?:[!-.0-~]+\/)*[\w+=,.@-]{1,128}$/.exec(arn) ?? []
  if (account === undefined) throw invalidInput(`ARN ${arn} is not valid.`)
  if (account !== 'aws' && account !== accountId()) throw notAttachable(arn)
  return arn
}

/** The ARN of the boundary, where one is given. Throws NoSuchEntity for a policy that is not there. */
export function readBoundary(state: State, input: JsonObject): string | undefined {
  if ((input['PermissionsBoundary'] ?? undefined) === undefined) return undefined
  const arn = readPolicyArn(input, 'PermissionsBoundary')
  if (state.policies[arn] === undefined && findAwsPolicy(arn) === undefined) {
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`)
  }
  return arn
}

/** NoSuchEntity for a policy that is to be attached. */
export function notAttachable(arn: string): ServiceError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
}

/** Names differ from those of all other policies of the account, whatever the path. */
function createPolicy(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'PolicyName', iamNameRules(128))
  const path = readOptionalText(input, 'Path', policyPathRules()) ?? '/'
  const document = readPolicyDocument(input)
  const { now } = context
  const policy: PolicyState = {
    name,
    path,
    document,
    arn: createArn(`policy${path}${name}`, context),
    id: createId('ANPA', context),
    description: readOptionalText(input, 'Description', { max: 1000 }),
    defaultVersion: 1,
    versions: [{ version: 1, document, createdAt: now }],
    lastVersion: 1,
    tags: createMap(readTags(input) ?? []),
    createdAt: now,
    updatedAt: now,
  }
  if (Object.values(state.policies).some((other) => other.name.toLowerCase() === name.toLowerCase())) {
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`)
  }
  putPolicy(state, policy)
  const { Description: _, ...created } = describePolicy(policy, countUses(state))
  return { Policy: created }
}

function readPolicyDocument(input: JsonObject): string {
  const document = readDocument(input, 'PolicyDocument')
  checkIdentityPolicy(document)
  if (sizeOf(document) > maxPolicy) throw limitExceeded(`Cannot exceed quota for PolicySize: ${maxPolicy}`)
  return document
}

function createVersion(state: State, input: JsonObject, { now }: Context): JsonObject {
  const policy = readPolicy(state, input)
  const document = readPolicyDocument(input)
  const isDefault = readFormFlag(input, 'SetAsDefault') === true
  if (policy.versions.length >= maxVersions) {
    throw limitExceeded(
      `A managed policy can have up to ${maxVersions} versions. Before you create a new version, you must delete an existing version.`,
    )
  }
  const version = policy.lastVersion + 1
  const versions = [...policy.versions, { version, document, createdAt: now }]
  const next = { ...policy, versions, lastVersion: version, updatedAt: now }
  putPolicy(state, isDefault ? { ...next, document, defaultVersion: version } : next)
  return { PolicyVersion: { VersionId: `v${version}`, IsDefaultVersion: isDefault, CreateDate: toDate(now) } }
}

function setDefaultVersion(state: State, input: JsonObject, { now }: Context): undefined {
  const policy = readPolicy(state, input)
  const { version, document } = readVersion(policy, input)
  putPolicy(state, { ...policy, document, defaultVersion: version, updatedAt: now })
}

function deleteVersion(state: State, input: JsonObject): undefined {
  const policy = readPolicy(state, input)
  const { version } = readVersion(policy, input)
  if (version === policy.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.')
  putPolicy(state, { ...policy, versions: policy.versions.filter((other) => other.version !== version) })
}

function deletePolicy(state: State, input: JsonObject): undefined {
  const { arn, versions } = readPolicy(state, input)
  const { attachments, boundaries } = countUses(state)
  if (attachments.has(arn) || boundaries.has(arn)) {
    throw deleteConflict('Cannot delete a policy attached to entities.')
  }
  if (versions.length > 1) {
    throw deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    )
  }
  delete state.policies[arn]
}

function getPolicy(state: State, input: JsonObject): JsonObject {
  const policy = readAnyPolicy(state, input)
  const described = describePolicy(policy, countUses(state))
  return { Policy: { ...described, Tags: describeAnyTags(policy) ?? [] } }
}

/** Of AWS's policies only the default version can be known. */
function getVersion(state: State, input: JsonObject): JsonObject {
  const policy = readAnyPolicy(state, input)
  const version = readVersion(policy, input)
  if (version.document === '') {
    throw new ServiceError(
      'UnknownOperationException',
      `The local AWS knows the name of ${policy.arn}, but not its document.`,
      501,
    )
  }
  return { PolicyVersion: { Document: encodeDocument(version.document), ...describeVersion(policy, version) } }
}

function listVersions(state: State, input: JsonObject): JsonObject {
  const policy = readAnyPolicy(state, input)
  const page = readNumberedPage(input, policy.versions.toReversed(), ['ListPolicyVersions', policy.id])
  return { Versions: page.items.map((version) => describeVersion(policy, version)), ...page.more }
}

function listPolicies(state: State, input: JsonObject): JsonObject {
  const scope = readChoice(input, 'Scope', ['All', 'AWS', 'Local']) ?? 'All'
  const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
  const onlyAttached = readFormFlag(input, 'OnlyAttached') === true
  const usage = readChoice(input, 'PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary'])
  const uses = countUses(state)
  const own = scope === 'AWS' ? [] : Object.values(state.policies)
  const theirs = scope === 'Local' ? [] : [...listAwsPolicies().values()].map(asPolicy)
  const listed = [...own, ...theirs].filter(({ arn, path }) => {
    if (!path.startsWith(prefix)) return false
    const [attached, bounding] = [uses.attachments.has(arn), uses.boundaries.has(arn)]
    if (usage === 'PermissionsPolicy' && !attached) return false
    if (usage === 'PermissionsBoundary' && !bounding) return false
    return !onlyAttached || attached || bounding
  })
  const keyOf = ({ arn, name }: PolicyState) => `${isOfAws(arn) ? 1 : 0}${name}`
  const page = readMarkedPage(input, listed, keyOf, ['ListPolicies', scope])
  const policies = page.items.map((policy) => {
    const { Description: _, ...described } = describePolicy(policy, uses)
    return described
  })
  return { Policies: policies, ...page.more }
}

/** Groups first, then users, then roles, in one list that pages. */
function listEntities(state: State, input: JsonObject): JsonObject {
  const { arn } = readAnyPolicy(state, input)
  const kinds = ['Group', 'User', 'Role'] as const
  const filter = readChoice(input, 'EntityFilter', [...kinds, 'LocalManagedPolicy', 'AWSManagedPolicy'])
  const usage = readChoice(input, 'PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary'])
  const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
  const holders: Readonly<Record<(typeof kinds)[number], readonly Bounded[]>> = {
    Group: Object.values(state.iamGroups),
    User: Object.values(state.iamUsers),
    Role: Object.values(state.roles),
  }
  const found = kinds.flatMap((kind) => {
    if (filter !== undefined && filter !== kind) return []
    const uses = holders[kind].filter(({ path, managedPolicies, permissionsBoundary }) => {
      const isAttached = usage !== 'PermissionsBoundary' && managedPolicies.includes(arn)
      return path.startsWith(prefix) && (isAttached || (usage !== 'PermissionsPolicy' && permissionsBoundary === arn))
    })
    return uses.map(({ name, id }) => ({ kind, key: `${kinds.indexOf(kind)}${name}`, name, id }))
  })
  const page = readMarkedPage(input, found, ({ key }) => key, ['ListEntitiesForPolicy'])
  const named = (kind: (typeof kinds)[number]) => {
    return page.items
      .filter((item) => item.kind === kind)
      .map(({ name, id }) => ({ [`${kind}Name`]: name, [`${kind}Id`]: id }))
  }
  return { PolicyGroups: named('Group'), PolicyUsers: named('User'), PolicyRoles: named('Role'), ...page.more }
}

/** The account's policy that `PolicyArn` names. Throws NoSuchEntity, and AccessDenied for one of AWS's, which nobody changes. */
export function readPolicy(state: State, input: JsonObject): PolicyState {
  const arn = readPolicyArn(input, 'PolicyArn')
  const policy = state.policies[arn]
  if (policy !== undefined) return policy
  if (findAwsPolicy(arn) === undefined) throw noSuchEntity(`Policy ${arn} was not found.`)
  throw new ServiceError('AccessDenied', `Policies of AWS cannot be changed: ${arn}`, 403)
}

function readAnyPolicy(state: State, input: JsonObject): PolicyState {
  const arn = readPolicyArn(input, 'PolicyArn')
  const known = findAwsPolicy(arn)
  return known === undefined ? readPolicy(state, input) : { ...asPolicy(known), arn }
}

function readVersion({ arn, versions }: PolicyState, input: JsonObject) {
  const id = readText(input, 'VersionId', { min: 1, max: 30, pattern: /^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/ })
  const version = versions.find((candidate) => `v${candidate.version}` === id)
  if (version === undefined) throw noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`)
  return version
}

/** Keeps a policy, in place of what it was. */
export function putPolicy(state: State, policy: PolicyState): void {
  state.policies[policy.arn] = policy
}

function isOfAws(arn: string): boolean {
  return arn.includes(':iam::aws:')
}

/** When AWS made its first policies. What is known here of the others is no more than their names. */
const firstPolicies = Date.UTC(2015, 1, 6, 18, 39, 46)

/** A policy of AWS as if it were one of the account. An empty document is one that is not known. Its id is not AWS's. */
function asPolicy({ name, path, version, document = '' }: AwsPolicy): PolicyState {
  const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const id = letters.length > 17 ? letters.slice(0, 9) + letters.slice(-8) : letters.padEnd(17, '0')
  return {
    ...{ name, path, document, defaultVersion: version, lastVersion: version, tags: {} },
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    id: `ANPA${id}`,
    versions: [{ version, document, createdAt: firstPolicies }],
    createdAt: firstPolicies,
    updatedAt: firstPolicies,
  }
}

type Bounded = PolicyHolderState & { readonly permissionsBoundary?: string | undefined }

/** How often policies are attached and are boundaries, by ARN. */
interface Uses {
  readonly attachments: ReadonlyMap<string, number>
  readonly boundaries: ReadonlyMap<string, number>
}

/** Counts all uses at once, so that a list of policies costs no more than one of them. */
export function countUses({ roles, iamUsers, iamGroups }: State): Uses {
  const [attachments, boundaries] = [new Map<string, number>(), new Map<string, number>()]
  const holders: readonly Bounded[] = [roles, iamUsers, iamGroups].flatMap((map) => Object.values<Bounded>(map))
  for (const { managedPolicies, permissionsBoundary } of holders) {
    for (const arn of managedPolicies) attachments.set(arn, (attachments.get(arn) ?? 0) + 1)
    if (permissionsBoundary !== undefined) {
      boundaries.set(permissionsBoundary, (boundaries.get(permissionsBoundary) ?? 0) + 1)
    }
  }
  return { attachments, boundaries }
}

/** A `Policy`, without tags. */
export function describePolicy(policy: PolicyState, { attachments, boundaries }: Uses): JsonObject {
  const { name, id, arn, path, description, createdAt, updatedAt, defaultVersion } = policy
  return {
    PolicyName: name,
    PolicyId: id,
    Arn: arn,
    Path: path,
    DefaultVersionId: `v${defaultVersion}`,
    AttachmentCount: attachments.get(arn) ?? 0,
    PermissionsBoundaryUsageCount: boundaries.get(arn) ?? 0,
    IsAttachable: !(isOfAws(arn) && path.startsWith('/aws-service-role/')),
    Description: description,
    CreateDate: toDate(createdAt),
    UpdateDate: toDate(updatedAt),
  }
}

function describeVersion({ defaultVersion }: PolicyState, version: PolicyState['versions'][number]): JsonObject {
  return {
    VersionId: `v${version.version}`,
    IsDefaultVersion: version.version === defaultVersion,
    CreateDate: toDate(version.createdAt),
  }
}

/** The policies of the account, or those of AWS that are attached, with all versions whose documents are known: `ManagedPolicyDetail`. */
export function describePolicyDetail(policy: PolicyState, uses: Uses): JsonObject {
  const { Description, ...described } = describePolicy(policy, uses)
  return {
    ...described,
    Description,
    PolicyVersionList: policy.versions.toReversed().map((version) => {
      const Document = version.document === '' ? undefined : encodeDocument(version.document)
      return { Document, ...describeVersion(policy, version) }
    }),
  }
}

/** AWS's policies that are in use. */
export function listUsedAwsPolicies({ attachments, boundaries }: Uses): readonly PolicyState[] {
  return [...new Set([...attachments.keys(), ...boundaries.keys()])].flatMap((arn) => {
    const known = isOfAws(arn) ? findAwsPolicy(arn) : undefined
    return known === undefined ? [] : [{ ...asPolicy(known), arn }]
  })
}
