/** What both Workers and the Lambda@Edge function are made of: a login, and a guard over its sessions. */
import { createGuard, defineGroups } from 'cognigate'
import { createLogin, type LoginOptions, loginPages } from 'cognigate/login'

export interface Env {
  /** The URL of managed login, such as `https://auth.example.com`. */
  readonly DOMAIN: string
  readonly USER_POOL_ID: string
  readonly CLIENT_ID: string
  /** As it is registered with the app client: `https://app.example.com/auth/callback`. */
  readonly REDIRECT_URI: string
  /** 32 random bytes in base64: `openssl rand -base64 32 | wrangler secret put SECRETS`. */
  readonly SECRETS: string
  /** Where an emulator serves its keys. */
  readonly JWKS_URL?: string
}

const groups = defineGroups(
  { reader: { allow: ['posts.read'] }, editor: { inherits: ['reader'], allow: ['posts.publish'] } },
  // Publishing needs a sign-in that is five minutes old at most.
  {
    permissions: ['posts.read', 'posts.publish', 'posts.delete'],
    require: { 'posts.publish': { auth_time: { maxAge: 300 } } },
  },
)

/** `more`: further options of the login. */
export function partsOf(env: Env, more: Partial<LoginOptions> = {}) {
  const { DOMAIN: domain, USER_POOL_ID: userPoolId, CLIENT_ID: clientId, REDIRECT_URI: redirectUri, SECRETS } = env
  const pool = { userPoolId, clientId, ...(env.JWKS_URL && { jwksUrl: env.JWKS_URL }) }
  const login = createLogin({
    ...pool,
    domain,
    redirectUri,
    secrets: SECRETS.split(','),
    pages: loginPages({ name: 'Example' }),
    development: redirectUri.startsWith('http:'),
    ...more,
  })
  return { login, guard: createGuard({ ...pool, groups, tokenSource: login.session }) }
}
