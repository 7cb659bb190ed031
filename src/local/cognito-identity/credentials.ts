import { putEnding } from '../expiry.ts'
import { findRole } from '../iam/roles.ts'
import { trustAllows } from '../iam/trust.ts'
import type { JsonObject } from '../json.ts'
import type { Context, Handler, Operations, PreparedOperation } from '../operation.ts'
import { federatedPrincipal } from '../partitions.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { RoleState, State } from '../state.ts'
import { issueCredentials } from '../sts/sessions.ts'
import { readOptionalText } from '../cognito-idp/input.ts'
import { type Identity, readIdentity } from './identities.ts'
import { identityArnRules } from './input.ts'
import { openLogins } from './logins.ts'
import { selectRole } from './role-selection.ts'

/** How long credentials last, in seconds. */
const life = 3600
/** How long a token for STS lasts, in milliseconds. */
const tokenLife = 600_000

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
  if (role === undefined || !isTrusted(role, identity)) {
    throw new ServiceError(
      'InvalidIdentityPoolConfigurationException',
      'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
    )
  }
  const { identityId } = identity
  const session = { sessionName: 'CognitoIdentityCredentials', identityId, seconds: life }
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
 * its groups are. As with AWS, an identity pool that was never told whether to allow it does, unless it has role
 * mappings.
 */
function getOpenIdToken(state: State, _: JsonObject, { now, random }: Context, identity: Identity): JsonObject {
  const { pool, identityId } = identity
  const { AllowClassicFlow: allowed } = pool.settings
  if (allowed === false) throw invalidParameter('Basic (classic) flow is not enabled, please use enhanced flow.')
  if (allowed !== true && Object.keys(pool.roleMappings).length > 0) {
    throw invalidParameter('Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.')
  }
  const token = random.opaque(96)
  const { identityPoolId } = pool
  const entry = { identityPoolId, identityId, amr: methodsOf(identity), until: now + tokenLife }
  putEnding(state.openIdTokens, token, entry, now)
  return { IdentityId: identityId, Token: token }
}

function isTrusted(role: RoleState, identity: Identity): boolean {
  const federated = federatedPrincipal(identity.pool.region)
  return trustAllows(role, {
    action: 'sts:AssumeRoleWithWebIdentity',
    federated,
    context: {
      [`${federated}:aud`]: identity.pool.identityPoolId,
      [`${federated}:amr`]: methodsOf(identity),
      [`${federated}:sub`]: identity.identityId,
    },
  })
}

/** The authentication methods that trust policies ask for (`amr`). */
function methodsOf({ login }: Identity): readonly string[] {
  if (login === undefined) return ['unauthenticated']
  return ['authenticated', login.provider, `${login.provider}:CognitoSignIn:${login.sub}`]
}
