import { federatedPrincipal } from '../hosts.ts'
import { trustAllows, type TrustAttempt } from '../iam/evaluate.ts'
import { findRole } from '../iam/roles.ts'
import { readOptionalText } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import {
  type Context,
  type Handler,
  invalidParameter,
  notAuthorized,
  type Operations,
  type PreparedOperation,
  ServiceError,
} from '../operation.ts'
import type { IdentityPoolState, RoleState, State } from '../state/index.ts'
import { issueCredentials } from '../sts/sessions.ts'
import { type Identity, type Login, openLogins, readIdentity } from './identities.ts'
import { createIdentityToken } from './openid-tokens.ts'
import { identityArnRules } from './pools.ts'
import { principalTagsOf } from './tags.ts'

/** How long credentials last, in seconds. */
const life = 3600
/** How long a token for STS lasts, in seconds. */
const tokenLife = 600

/** The operations by which identities come to credentials. */
export function credentialOperations(): Operations {
  return {
    'cognito-identity.GetCredentialsForIdentity': ofIdentity(getCredentials),
    'cognito-identity.GetOpenIdToken': ofIdentity(getOpenIdToken),
  }
}

function ofIdentity(
  handle: (state: State, input: JsonObject, context: Context, identity: Identity) => JsonObject,
): PreparedOperation {
  return {
    async prepare(_, input, keys): Promise<Handler> {
      const sent = await openLogins(input, keys)
      return (state, input, context) => handle(state, input, context, readIdentity(state, input, context, sent))
    },
  }
}

/** The enhanced flow: the identity pool chooses the role, and its trust policy must let the identity. */
function getCredentials(state: State, input: JsonObject, context: Context, identity: Identity): JsonObject {
  const custom = readOptionalText(input, 'CustomRoleArn', identityArnRules())
  const arn = selectRole(identity.pool, identity.login, custom)
  const role = arn === undefined ? undefined : findRole(state, arn, context)
  const tags = principalTagsOf(identity.pool, identity.login)
  if (role === undefined || !isTrusted(role, identity, tags)) {
    throw new ServiceError(
      'InvalidIdentityPoolConfigurationException',
      'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    )
  }
  const { identityId, pool } = identity
  const { identityPoolId } = pool
  const tagged = Object.keys(tags).length === 0 ? {} : { tags }
  const session = { sessionName: 'CognitoIdentityCredentials', identityId, identityPoolId, seconds: life, ...tagged }
  const { accessKeyId, secretAccessKey, sessionToken, until } = issueCredentials(state, role, session, context)
  return {
    IdentityId: identityId,
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: Math.floor(until / 1000),
    },
  }
}

/**
 * The classic flow: a token with which the identity may ask STS for any role that trusts the identity pool, whatever
 * its groups are. As with AWS, an identity pool without the setting allows it, unless it has role mappings.
 */
function getOpenIdToken(_: State, __: JsonObject, context: Context, identity: Identity): JsonObject {
  const { pool, identityId, login } = identity
  const { AllowClassicFlow: allowed } = pool.settings
  if (allowed === false) throw invalidParameter('Basic (classic) flow is not enabled, please use enhanced flow.')
  if (allowed !== true && Object.keys(pool.roleMappings).length > 0) {
    throw invalidParameter('Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.')
  }
  const { identityPoolId } = pool
  const content = { identityPoolId, identityId, amr: methodsOf(identity), tags: principalTagsOf(pool, login) }
  return { IdentityId: identityId, Token: createIdentityToken({ ...content, seconds: tokenLife }, context) }
}

/** Session tags need `sts:TagSession` in the trust policy as well. */
function isTrusted(role: RoleState, identity: Identity, tags: Readonly<Record<string, string>>): boolean {
  const federated = federatedPrincipal(identity.pool.region)
  const context = {
    [`${federated}:aud`]: identity.pool.identityPoolId,
    [`${federated}:amr`]: methodsOf(identity),
    [`${federated}:sub`]: identity.identityId,
    ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  }
  const isAllowed = (action: TrustAttempt['action']) => trustAllows(role, { action, federated, context })
  return isAllowed('sts:AssumeRoleWithWebIdentity') && (Object.keys(tags).length === 0 || isAllowed('sts:TagSession'))
}

/** The authentication methods that trust policies ask for (`amr`). */
function methodsOf({ login }: Identity): readonly string[] {
  if (login === undefined) return ['unauthenticated']
  if (login.isOfPool === true) return Array.isArray(login.claims['amr']) ? login.claims['amr'].map(String) : []
  return ['authenticated', login.provider, `${login.provider}:CognitoSignIn:${login.sub}`]
}

/**
 * The ARN of the role that an identity gets; undefined where the pool has none for it. Throws NotAuthorizedException
 * where the role mapping denies, or where the token does not hold the role that is asked for.
 */
export function selectRole(
  { roles, roleMappings }: IdentityPoolState,
  login: Login | undefined,
  customRoleArn: string | undefined,
): string | undefined {
  const mapping = login && roleMappings[`${login.provider}:${login.clientId}`]
  if (customRoleArn !== undefined && mapping?.['Type'] !== 'Token') {
    throw invalidParameter('CustomRoleArn is for providers with a role mapping of type Token.')
  }
  if (login === undefined) return roles['unauthenticated']
  if (mapping === undefined) return roles['authenticated']
  const chosen =
    mapping['Type'] === 'Token' ? roleInToken(login.claims, customRoleArn) : roleByRules(mapping, login.claims)
  if (chosen !== undefined) return chosen
  if (mapping['AmbiguousRoleResolution'] === 'AuthenticatedRole') return roles['authenticated']
  throw notAuthorized('The ambiguous role mapping rules denied this request.')
}

function roleInToken(claims: JsonObject, customRoleArn: string | undefined): string | undefined {
  const { 'cognito:roles': roles, 'cognito:preferred_role': preferred } = claims
  if (customRoleArn === undefined) return typeof preferred === 'string' ? preferred : undefined
  if (Array.isArray(roles) && roles.includes(customRoleArn)) return customRoleArn
  throw notAuthorized('The login token does not hold the role that CustomRoleArn names.')
}

/** The first rule that matches counts. A claim that is absent matches none, not `NotEqual` either. */
function roleByRules({ RulesConfiguration }: JsonObject, claims: JsonObject): string | undefined {
  const rules = isObject(RulesConfiguration) ? RulesConfiguration['Rules'] : undefined
  if (!Array.isArray(rules)) return undefined
  const rule: unknown = rules.find((candidate) => isObject(candidate) && matches(candidate, claims))
  return isObject(rule) ? String(rule['RoleARN']) : undefined
}

function matches({ Claim, MatchType, Value }: JsonObject, claims: JsonObject): boolean {
  const claim = claims[String(Claim)]
  if (claim === undefined || claim === null) return false
  const actual = Array.isArray(claim) ? `[${claim.join(', ')}]` : String(claim)
  const wanted = String(Value)
  if (MatchType === 'Equals') return actual === wanted
  if (MatchType === 'NotEqual') return actual !== wanted
  return MatchType === 'StartsWith' ? actual.startsWith(wanted) : actual.includes(wanted)
}
