import { compactVerify, createLocalJWKSet, decodeJwt } from 'jose'
import { federatedPrincipal, partitionOf } from '../hosts.ts'
import { isObject, type JsonObject } from '../json.ts'
import { identityKeys, type KeyRing } from '../key-ring.ts'
import { type Context, Deferred, type Operations } from '../operation.ts'
import { accountId } from '../state/index.ts'

/** What identity pools publish for whoever verifies their tokens, as AWS does at `cognito-identity.amazonaws.com`. */
export function identityIssuerOperations(): Operations {
  return {
    'issuer.identity-jwks': () => ({ keys: new Deferred(identityKeys, (keys) => keys.publish()) }),
    'issuer.identity-openid-configuration': (_, __, { region }) => {
      const issuer = identityIssuer(region)
      return {
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks_uri`,
        authorization_endpoint: 'http://www.amazon.com',
        response_types_supported: ['token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS512'],
      }
    },
  }
}

/** The `iss` of the tokens of a region's identity pools. */
export function identityIssuer(region: string): string {
  return `https://${federatedPrincipal(region)}`
}

/** What a token says of an identity. */
export interface IdentityTokenContent {
  readonly identityPoolId: string
  readonly identityId: string
  /** How the identity has proved itself: `authenticated`, and by which provider; or `unauthenticated`. */
  readonly amr: readonly string[]
  /** Session tags, from the claims of the login. */
  readonly tags: Readonly<Record<string, string>>
  /** How long it lasts, in seconds. */
  readonly seconds: number
}

/** A token that STS takes, and whoever reads the keys of `cognito-identity.amazonaws.com`. */
export function createIdentityToken(
  { identityPoolId, identityId, amr, tags, seconds }: IdentityTokenContent,
  { now }: Pick<Context, 'now'>,
): Deferred {
  const region = identityPoolId.slice(0, identityPoolId.indexOf(':'))
  const issuer = identityIssuer(region)
  const issuedAt = Math.floor(now / 1000)
  const arn = `arn:${partitionOf(region)}:cognito-identity:${region}:${accountId()}:identitypool/${identityPoolId}`
  const principalTags = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]]))
  const claims = {
    sub: identityId,
    aud: identityPoolId,
    amr,
    iss: issuer,
    [`${issuer}/identity-pool-arn`]: arn,
    ...(Object.keys(tags).length > 0 && { 'https://aws.amazon.com/tags': { principal_tags: principalTags } }),
    exp: issuedAt + seconds,
    iat: issuedAt,
  }
  return new Deferred(identityKeys, (keys) => keys.issue('id', claims))
}

/** The claims of a token, if one of these keys signed it. What they are worth is another question. */
export async function openToken(token: string, ring: KeyRing): Promise<JsonObject | undefined> {
  try {
    const published = createLocalJWKSet({ keys: (await ring.publish()).map((key) => ({ ...key })) })
    const { payload } = await compactVerify(token, published, { algorithms: ['RS256', 'RS512'] })
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    return isObject(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/** The claims of a token, whoever signed it; undefined where it is no JWT. */
export function readClaims(token: string): JsonObject | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}
