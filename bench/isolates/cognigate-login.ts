import { createLoginApp } from '../logins/login-app.ts'
import { domain, navigation, origin } from '../logins/names.ts'
import { serve } from './serve.ts'

/** From the page to Cognito there are two redirects: both are part of the answer. */
export default serve(async (_request, { answer }) => {
  if (!answer) return Boolean(createLoginApp)
  const app = createLoginApp()
  const toLogin = await app.request(`${origin}/`, { headers: navigation })
  const toCognito = await app.request(`${origin}${toLogin.headers.get('location')}`, { headers: navigation })
  return `${toCognito.headers.get('location')}`.startsWith(`${domain}/oauth2/authorize?`)
})
