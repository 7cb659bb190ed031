import { partitionOf } from '../hosts.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Call } from '../operation.ts'
import { accountId, type State } from '../state/index.ts'
import type { Principal } from './principal.ts'

/** What a call is authorized on. */
export interface Resource {
  /** As policies name it. */
  readonly resource: string
  /** As AWS's messages name it, where that differs. */
  readonly shown?: string | undefined
  /** Its tags, for `aws:ResourceTag`. */
  readonly tags?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The resource of a call (AWS's service authorization reference). Where an operation has none, as when a pool is created,
 * it is `*`, which only a policy for `*` covers.
 */
export function resourceOf(state: State, call: Call, input: JsonObject, principal: Principal): Resource {
  switch (call.service) {
    case 'cognito-idp':
      return resourceOfUserPool(state, call, input)
    case 'cognito-identity':
      return resourceOfIdentityPool(state, call, input)
    case 'iam':
      return resourceOfIam(state, call, input, principal)
    default:
      return resourceOfSts(call, input)
  }
}

function resourceOfSts({ operation, region }: Call, { RoleArn, Name }: JsonObject): Resource {
  if (operation !== 'GetFederationToken') return { resource: textOf(RoleArn) ?? '*' }
  return { resource: `arn:${partitionOf(region)}:sts::${accountId()}:federated-user/${textOf(Name) ?? ''}` }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function tagsOf(holder: object | undefined, name: string): Resource['tags'] {
  const tags: unknown = holder === undefined ? undefined : Reflect.get(holder, name)
  return isObject(tags) ? tags : undefined
}

function resourceOfUserPool(state: State, { region }: Call, { UserPoolId, ResourceArn }: JsonObject): Resource {
  const id = textOf(UserPoolId) ?? textOf(ResourceArn)?.split(':userpool/')[1]
  if (id === undefined) return { resource: '*' }
  return {
    resource: `arn:${partitionOf(region)}:cognito-idp:${region}:${accountId()}:userpool/${id}`,
    tags: tagsOf(state.pools[id], 'tags'),
  }
}

function resourceOfIdentityPool(state: State, { region, operation }: Call, input: JsonObject): Resource {
  const { IdentityPoolId, ResourceArn } = input
  const prefix = `arn:${partitionOf(region)}:cognito-identity:${region}:${accountId()}:identitypool/`
  if (operation === 'ListIdentityPools') return { resource: prefix }
  const id = textOf(IdentityPoolId) ?? textOf(ResourceArn)?.split(':identitypool/')[1]
  if (id === undefined) return { resource: '*' }
  return { resource: `${prefix}${id}`, tags: tagsOf(state.identityPools[id]?.settings, 'IdentityPoolTags') }
}

function resourceOfIam(state: State, { operation, region }: Call, input: JsonObject, principal: Principal): Resource {
  const prefix = `arn:${partitionOf(region)}:iam::${accountId()}:`
  const [role, user, policy, provider] = [
    textOf(input['RoleName']),
    textOf(input['UserName']),
    textOf(input['PolicyArn']),
    textOf(input['OpenIDConnectProviderArn']),
  ]
  const path = textOf(input['Path']) ?? '/'
  const start = textOf(input['PathPrefix']) ?? '/'
  if (operation === 'ListRoles') return { resource: `${prefix}role${start}` }
  if (operation === 'ListUsers') return { resource: `${prefix}user${start}` }
  if (operation === 'ListGroups') return { resource: `${prefix}group${start}` }
  if (operation === 'ListPolicies') return { resource: '*', shown: `policy path ${start}` }
  if (operation === 'CreatePolicy') {
    const name = textOf(input['PolicyName']) ?? ''
    return { resource: `${prefix}policy${path}${name}`, shown: `policy ${name}` }
  }
  if (operation === 'CreateOpenIDConnectProvider') {
    return { resource: `${prefix}oidc-provider/${(textOf(input['Url']) ?? '').replace(/^https:\/\//, '')}` }
  }
  if (operation === 'ListOpenIDConnectProviders') return { resource: `${prefix}oidc-provider/*` }
  if (role !== undefined) {
    const found = state.roles[role.toLowerCase()]
    return { resource: found?.arn ?? `${prefix}role${path}${role}`, tags: found?.tags }
  }
  const group = textOf(input['GroupName'])
  if (group !== undefined) {
    return { resource: state.iamGroups[group.toLowerCase()]?.arn ?? `${prefix}group${path}${group}` }
  }
  if (user !== undefined) {
    const found = state.iamUsers[user.toLowerCase()]
    return { resource: found?.arn ?? `${prefix}user${path}${user}`, tags: found?.tags }
  }
  if (provider !== undefined) return { resource: provider, tags: state.oidcProviders[provider]?.tags }
  if (policy !== undefined) return { resource: policy, tags: state.policies[policy]?.tags }
  if (operation === 'SimulatePrincipalPolicy') return { resource: textOf(input['PolicySourceArn']) ?? '*' }
  // Operations on the caller's own user need no name.
  const isOwn = /User$|AccessKey|LoginProfile|MFADevices$|SigningCert|SSHPublicKey/.test(operation)
  return { resource: isOwn && principal.user !== undefined ? principal.user.arn : '*' }
}
