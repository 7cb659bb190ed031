import { identityIssuer, openToken, readClaims } from '../cognito-identity/openid-tokens.ts'
import { getIssuer } from '../cognito-idp/user-pool.ts'
import { federatedPrincipal, partitionOf } from '../hosts.ts'
import { type RequestContext, trustAllows } from '../iam/evaluate.ts'
import { reword } from '../iam/input.ts'
import { findRole } from '../iam/roles.ts'
import { readText } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { identityKeys, type KeyRing } from '../key-ring.ts'
import { type Context, type Handler, type Operations, ServiceError } from '../operation.ts'
import { accountId, type State } from '../state/index.ts'
import { accessDenied, describeIssued, type RoleRequest, readRoleRequest } from './requests.ts'
import { issueCredentials } from './sessions.ts'

/** AssumeRoleWithWebIdentity: a role for a token of an identity pool, or of a user pool that is an OIDC provider of the account. */
export function webIdentityOperations(): Operations {
  return {
    'sts.AssumeRoleWithWebIdentity': {
      async prepare(state, input, keys, context): Promise<Handler> {
        const token = input['WebIdentityToken']
        const sent = typeof token === 'string' ? await openWebToken(state, token, keys, context) : undefined
        return reword((...call) => assumeRoleWithWebIdentity(sent, ...call))
      },
    },
  }
}

/** A token that was sent. `claims` is undefined where nobody here has signed it. */
interface WebToken {
  readonly issuer: string
  readonly claims: JsonObject | undefined
  /** The user pool that issued it; undefined for identity pools and for others. */
  readonly userPoolId: string | undefined
}

/** Undefined for what is no JWT. */
async function openWebToken(
  state: State,
  token: string,
  keys: Readonly<Record<string, KeyRing>>,
  context: Context,
): Promise<WebToken | undefined> {
  const issuer = readClaims(token)?.['iss']
  if (typeof issuer !== 'string') return undefined
  const pool = Object.values(state.pools).find((candidate) => {
    return (['original', 'updated'] as const).some((kind) => getIssuer(candidate, context, kind) === issuer)
  })
  const ring = keys[pool?.userPoolId ?? identityKeys]
  return { issuer, claims: ring && (await openToken(token, ring)), userPoolId: pool?.userPoolId }
}

function assumeRoleWithWebIdentity(
  token: WebToken | undefined,
  state: State,
  input: JsonObject,
  context: Context,
): JsonObject {
  const request = readRoleRequest(state, input)
  readText(input, 'WebIdentityToken', { min: 4, max: 20_000 })
  const subject = readSubject(state, token, context)
  const role = findRole(state, request.roleArn, context)
  const attempt = { federated: subject.federated, context: contextOf(subject, request) }
  const actions = [
    'sts:AssumeRoleWithWebIdentity',
    ...(Object.keys(subject.tags).length > 0 ? ['sts:TagSession'] : []),
  ] as const
  const isTrusted = (action: 'sts:AssumeRoleWithWebIdentity' | 'sts:TagSession') => {
    return role !== undefined && trustAllows(role, { action, ...attempt })
  }
  if (role === undefined || !actions.every((action) => isTrusted(action as 'sts:TagSession'))) {
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity')
  }
  const { sub, aud, identityId, identityPoolId, tags } = subject
  const { sessionName, sessionPolicies } = request
  const issued = describeIssued(role, request, (seconds) => {
    return issueCredentials(
      state,
      role,
      {
        ...{ sessionName, sessionPolicies, identityId, identityPoolId, seconds },
        tags: Object.keys(tags).length > 0 ? tags : undefined,
      },
      context,
    )
  })
  return { SubjectFromWebIdentityToken: sub, Audience: aud, Provider: subject.federated, ...issued }
}

/** Whom a token speaks of. */
interface Subject {
  /** How trust policies name whoever vouches, and what condition keys begin with. */
  readonly federated: string
  readonly prefix: string
  readonly sub: string
  readonly aud: string
  readonly amr: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly identityId?: string | undefined
  readonly identityPoolId?: string | undefined
}

function contextOf({ prefix, sub, aud, amr, tags }: Subject, { sessionName }: RoleRequest): RequestContext {
  const keys = Object.keys(tags)
  return {
    [`${prefix}:aud`]: aud,
    [`${prefix}:sub`]: sub,
    ...(amr.length > 0 && { [`${prefix}:amr`]: amr }),
    'sts:RoleSessionName': sessionName,
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
    ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, tags[key] ?? ''])),
  }
}

/** Throws InvalidIdentityToken and ExpiredTokenException. */
function readSubject(state: State, token: WebToken | undefined, { now, region }: Context): Subject {
  if (token === undefined) throw invalidToken('The ID Token provided is not a valid JWT.')
  const { issuer, claims, userPoolId } = token
  const url = issuer.replace(/^https?:\/\//, '').replace(/\/$/, '')
  const provider = state.oidcProviders[`arn:${partitionOf(region)}:iam::${accountId()}:oidc-provider/${url}`]
  const isIdentity = userPoolId === undefined && /^https:\/\/cognito-identity[-.]/.test(issuer)
  if (!isIdentity && provider === undefined) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`)
  }
  if (claims === undefined) throw invalidToken("Couldn't retrieve verification key from your identity provider.")
  const { sub, aud, exp } = claims
  if (typeof sub !== 'string' || typeof aud !== 'string') throw invalidToken('Missing a required claim: aud')
  const seconds = Math.floor(now / 1000)
  if (typeof exp !== 'number' || seconds >= exp) {
    throw new ServiceError(
      'ExpiredTokenException',
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${String(exp)}`,
    )
  }
  const amr = Array.isArray(claims['amr']) ? claims['amr'].map(String) : []
  const common = { sub, aud, amr, tags: readPrincipalTags(claims) }
  if (isIdentity) {
    const home = aud.slice(0, aud.indexOf(':'))
    if (state.identityPools[aud] === undefined || issuer !== identityIssuer(home)) {
      throw invalidToken('The token is not one of an identity pool here.')
    }
    const federated = federatedPrincipal(home)
    return { ...common, federated, prefix: federated, identityId: sub, identityPoolId: aud }
  }
  if (provider?.clientIds.includes(aud) !== true) throw invalidToken('Incorrect token audience')
  return { ...common, federated: provider.arn, prefix: url }
}

function readPrincipalTags(claims: JsonObject): Readonly<Record<string, string>> {
  const tags = claims['https://aws.amazon.com/tags']
  const values = isObject(tags) && isObject(tags['principal_tags']) ? tags['principal_tags'] : {}
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String([value].flat()[0] ?? '')]))
}

function invalidToken(message: string): ServiceError {
  return new ServiceError('InvalidIdentityToken', message)
}
