import { Authenticator } from 'cognito-at-edge'
import { clientId, region, userPoolId } from '../settings.ts'
import { locationOf, secrets, viewerRequest } from './names.ts'

/** Answers a viewer request of nobody, by a redirect to Cognito. */
export async function answer(): Promise<boolean> {
  const pool = { region, userPoolId, userPoolAppId: clientId, userPoolDomain: 'auth.example.com' }
  const authenticator = new Authenticator({ ...pool, csrfProtection: { nonceSigningSecret: secrets } })
  return locationOf(await authenticator.handle(viewerRequest())).startsWith('https://auth.example.com/authorize?')
}
