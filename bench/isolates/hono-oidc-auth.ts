import { initOidcAuthMiddleware, oidcAuthMiddleware } from '@hono/oidc-auth'
import { Hono } from 'hono'
import { domain, navigation, origin, secrets } from '../logins/names.ts'
import { clientId, issuer } from '../settings.ts'
import { serve } from './serve.ts'

/** Its discovery is answered at once. */
export default serve(async (_request, { answer }) => {
  if (!answer) return [initOidcAuthMiddleware, oidcAuthMiddleware, Hono].every(Boolean)
  const discovered = { issuer, authorization_endpoint: `${domain}/oauth2/authorize`, scopes_supported: ['openid'] }
  globalThis.fetch = async () => Response.json(discovered)
  const app = new Hono()
  app.use(
    initOidcAuthMiddleware({
      ...{ OIDC_AUTH_SECRET: secrets, OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: secrets },
      ...{ OIDC_REDIRECT_URI: `${origin}/auth/callback`, OIDC_SCOPES: 'openid' },
    }),
  )
  app.use('*', oidcAuthMiddleware())
  app.get('/', (c) => c.text('Hello'))
  const toCognito = await app.request(`${origin}/`, { headers: navigation }, {})
  return `${toCognito.headers.get('location')}`.startsWith(`${domain}/oauth2/authorize?`)
})
