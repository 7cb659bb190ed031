import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { clientId, userPoolId } from '../settings.ts'
import { type Scope, serve, tokenOf } from './serve.ts'

export default serve(async (request, { jwk, answer }: Scope) => {
  if (!answer) return Boolean(CognitoJwtVerifier)
  const verifier = CognitoJwtVerifier.create({ userPoolId, tokenUse: 'access', clientId })
  verifier.cacheJwks({ keys: [jwk] })
  return Boolean(await verifier.verify(tokenOf(request)))
})
