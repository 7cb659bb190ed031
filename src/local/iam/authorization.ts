import { partitionOf } from '../hosts.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Call, type Caller, type Incoming, ServiceError } from '../operation.ts'
import { accountId, type State } from '../state/index.ts'
import type { World } from '../world.ts'
import { policiesSay, type RequestContext } from './evaluate.ts'
import { findPrincipal, type Principal } from './principal.ts'
import { resourceOf } from './resources.ts'

/** What a call needs besides itself, such as the right to hand a role to a service. */
interface Need {
  readonly action: string
  /** As policies name it. */
  readonly resource: string
  /** As AWS's messages name it, where that differs. */
  readonly shown?: string | undefined
  readonly context?: RequestContext | undefined
}

/**
 * Throws AccessDeniedException, in AWS's words, unless the policies of whoever calls allow the call: identity policies, a
 * permissions boundary and session policies. Operations that AWS does not sign, and those of STS that need no permission,
 * are open to everyone. Which role may be assumed is the business of AssumeRole.
 */
export function authorize(world: World, call: Call, caller: Caller | undefined, { headers }: Incoming): void {
  const principal = findPrincipal(world.state, caller, call.region)
  if (principal === undefined || principal.kind === 'administrator' || isFree(call)) return
  const { grants } = principal
  if (grants.identity === undefined && grants.session === undefined && grants.boundary === undefined) return
  const input = call.input instanceof ServiceError ? {} : call.input
  const now = world.clock.now()
  const context: RequestContext = {
    ...principal.context,
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:RequestedRegion': call.region,
    'aws:ResourceAccount': accountId(),
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
    'aws:ViaAWSService': 'false',
    'aws:PrincipalIsAWSService': 'false',
    ...(headers.get('user-agent') !== null && { 'aws:UserAgent': headers.get('user-agent') ?? '' }),
  }
  for (const need of needsOf(world.state, call, input, principal)) {
    const refusal = refusalOf(principal, { ...need, context: { ...context, ...need.context } })
    if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal)
  }
}

/** Nobody needs a permission for these, and no policy can deny them; AssumeRole asks for itself. */
function isFree({ service, operation }: Call): boolean {
  return service === 'sts' && /^(?:GetCallerIdentity|GetSessionToken|AssumeRole)$/.test(operation)
}

/** AWS's message of why something is denied; undefined where it is allowed. */
function refusalOf({ arn, grants }: Principal, need: Need & { readonly context: RequestContext }): string | undefined {
  const { identity, session, boundary } = grants
  const parts = [
    ['an identity-based policy', 'no identity-based policy', identity],
    ['a permissions boundary', 'no permissions boundary', boundary === undefined ? undefined : [boundary ?? []].flat()],
    ['a session policy', 'no session policy', session],
  ] as const
  const said = parts.map(([some, none, policies]) => {
    return { some, none, verdict: policies === undefined ? 'allow' : policiesSay(policies, need) }
  })
  const denied = said.find(({ verdict }) => verdict === 'deny')
  const silent = said.find(({ verdict }) => verdict === 'nothing')
  if (denied === undefined && silent === undefined) return undefined
  const why = denied
    ? `with an explicit deny in ${denied.some}`
    : `because ${silent?.none} allows the ${need.action} action`
  return `User: ${arn} is not authorized to perform: ${need.action} on resource: ${need.shown ?? need.resource} ${why}`
}

function needsOf(state: State, call: Call, input: JsonObject, principal: Principal): Need[] {
  const { service, operation, region } = call
  const { resource, shown, tags } = resourceOf(state, call, input, principal)
  const context = { ...requestTags(input), ...resourceTags(service, tags), ...iamKeys(service, input) }
  const own = { action: `${service}:${operation}`, resource, shown, context }
  return [own, ...taggingNeeds(service, operation, input, own), ...passRoleNeeds(service, input, region)]
}

/** Who creates something of IAM with tags needs the permission to tag it as well. */
function taggingNeeds(service: string, operation: string, { Tags }: JsonObject, need: Need): Need[] {
  const kind = /^Create(Role|User|Policy|OpenIDConnectProvider)$/.exec(operation)?.[1]
  if (service !== 'iam' || kind === undefined || Tags === undefined || Tags === '') return []
  return [{ ...need, action: `iam:Tag${kind}` }]
}

/** The roles that a call hands to Cognito. */
function passRoleNeeds(service: string, input: JsonObject, region: string): Need[] {
  const { RoleArn, Roles, RoleMappings, SmsConfiguration } = input
  if (service !== 'cognito-idp' && service !== 'cognito-identity') return []
  const sms = isObject(SmsConfiguration) ? SmsConfiguration['SnsCallerArn'] : undefined
  const pool = isObject(Roles) ? Object.values(Roles) : []
  const arns = [RoleArn, sms, ...pool, ...mappedRoles(RoleMappings)].filter((arn) => typeof arn === 'string')
  const host = `${service}.${partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  return [...new Set(arns)].map((resource) => {
    return { action: 'iam:PassRole', resource, context: { 'iam:PassedToService': host } }
  })
}

function mappedRoles(mappings: unknown): unknown[] {
  if (!isObject(mappings)) return []
  return Object.values(mappings).flatMap((mapping) => {
    const rules = isObject(mapping) ? mapping['RulesConfiguration'] : undefined
    const list = isObject(rules) ? rules['Rules'] : undefined
    return Array.isArray(list) ? list.map((rule) => (isObject(rule) ? rule['RoleARN'] : undefined)) : []
  })
}

/** `aws:RequestTag/…` and `aws:TagKeys`, from the members by which the services take tags. */
function requestTags(input: JsonObject): RequestContext {
  const { Tags, UserPoolTags, IdentityPoolTags, TagKeys } = input
  const tags = [Tags, UserPoolTags, IdentityPoolTags].flatMap((given): [string, string][] => {
    if (Array.isArray(given)) {
      return given.flatMap((tag) => (isObject(tag) ? [[String(tag['Key']), String(tag['Value'] ?? '')]] : []))
    }
    return isObject(given) ? Object.entries(given).map(([key, value]) => [key, String(value)]) : []
  })
  const keys = [...tags.map(([key]) => key), ...(Array.isArray(TagKeys) ? TagKeys.map(String) : [])]
  return {
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
  }
}

function resourceTags(service: string, tags: Readonly<Record<string, unknown>> = {}): RequestContext {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, String(value)],
      ...(service === 'iam' ? [[`iam:ResourceTag/${key}`, String(value)]] : []),
    ]),
  )
}

/** The condition keys that only IAM has. */
function iamKeys(service: string, { PermissionsBoundary, PolicyArn }: JsonObject): RequestContext {
  if (service !== 'iam') return {}
  return {
    ...(typeof PermissionsBoundary === 'string' && { 'iam:PermissionsBoundary': PermissionsBoundary }),
    ...(typeof PolicyArn === 'string' && { 'iam:PolicyARN': PolicyArn }),
  }
}
