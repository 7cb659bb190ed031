import { createLocalJWKSet, jwtVerify } from 'jose'
import { clientId, issuer } from '../settings.ts'
import { type Scope, serve, tokenOf } from './serve.ts'

export default serve(async (request, { jwk, answer }: Scope) => {
  if (!answer) return [createLocalJWKSet, jwtVerify].every(Boolean)
  const keys = createLocalJWKSet({ keys: [jwk] })
  const { payload } = await jwtVerify(tokenOf(request), keys, { issuer, algorithms: ['RS256'] })
  return payload.client_id === clientId && payload.token_use === 'access'
})
