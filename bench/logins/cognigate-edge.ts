import { handle } from 'hono/lambda-edge'
import { createLoginApp } from './login-app.ts'
import { domain, locationOf, viewerRequest } from './names.ts'

/** Answers a viewer request of nobody, by two redirects: to the login, and on to Cognito. */
export async function answer(): Promise<boolean> {
  const handler = handle(createLoginApp())
  const [uri, query] = locationOf(await handler(viewerRequest() as Parameters<typeof handler>[0])).split('?')
  const next = viewerRequest(uri, query) as Parameters<typeof handler>[0]
  return locationOf(await handler(next)).startsWith(`${domain}/oauth2/authorize?`)
}
