/**
 * Files of an S3 bucket on Cloudflare Workers, read as the caller's own group: S3 is asked with the credentials of the
 * group's IAM role, so that the role's policy decides, object by object, and the Worker has no keys of its own. The
 * identity pool needs a role mapping of type `Token` with `AmbiguousRoleResolution: Deny`, and no classic flow, or callers
 * may choose their role. Deploy it with `wrangler deploy -c examples/s3/wrangler.toml`.
 */
import { AwsClient } from 'aws4fetch'
import { createGuard } from 'cognigate'
import { isAwsError, roleCredentials } from 'cognigate/credentials'
import { perEnv, withGuard } from 'cognigate/workers'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
  readonly COGNITO_IDENTITY_POOL_ID: string
  readonly BUCKET: string
  readonly BUCKET_REGION: string
}

// Identity pools take ID tokens: callers send theirs as the bearer token.
const guardOf = perEnv((env: Env) =>
  createGuard({ userPoolId: env.COGNITO_USER_POOL_ID, clientId: env.COGNITO_CLIENT_ID, tokenUse: 'id' }),
)

// GetId, GetCredentialsForIdentity, GetObject
export default {
  fetch: withGuard(guardOf, async (request, env: Env, _ctx, principal) => {
    const [, key] = /^\/files\/(.+)$/.exec(new URL(request.url).pathname) ?? []
    if (key === undefined || request.method !== 'GET') return problem(404, 'NOT_FOUND')
    const guard = guardOf(env)
    try {
      const credentials = await roleCredentials(principal, { guard, identityPoolId: env.COGNITO_IDENTITY_POOL_ID })
      const s3 = new AwsClient({ ...credentials, service: 's3', region: env.BUCKET_REGION, retries: 1 })
      const url = `https://${env.BUCKET}.s3.${env.BUCKET_REGION}.amazonaws.com/${key}`
      return answer(await s3.fetch(url, { redirect: 'manual', signal: request.signal }))
    } catch (error) {
      if (!isAwsError(error)) return guard.toResponse(error, request)
      return isRefusal(error.code) ? problem(403, 'ROLE_REQUIRED') : problem(502, 'FILES_UNAVAILABLE')
    }
  }),
}

/** The object, streamed. What else S3 says, such as the name of a role that it refuses, is not for callers. */
function answer(response: Response): Response {
  if (response.status === 403) return problem(403, 'FILE_DENIED')
  if (response.status === 404) return problem(404, 'NOT_FOUND')
  if (!response.ok) return problem(502, 'FILES_UNAVAILABLE')
  const headers = new Headers({
    'cache-control': 'private, no-store',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  })
  for (const name of ['content-type', 'content-length', 'etag', 'last-modified']) {
    const value = response.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  return new Response(response.body, { headers })
}

/** Whether the identity pool has no role for the caller, or one that does not trust it. */
function isRefusal(code: string): boolean {
  return code === 'NotAuthorizedException' || code === 'InvalidIdentityPoolConfigurationException'
}

const titles = {
  FILE_DENIED: 'The group of the caller may not read this file.',
  FILES_UNAVAILABLE: 'The files cannot be read now.',
  NOT_FOUND: 'There is no such file.',
  ROLE_REQUIRED: 'No group of the caller has a role for files.',
}

/** A refusal in the form of the guard's own. */
function problem(status: number, code: keyof typeof titles): Response {
  return Response.json(
    { title: titles[code], status, code },
    { status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' } },
  )
}
