import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import { clientId, issuerName } from '../../support/issuer.ts'
import type { Verifier } from '../verifier.ts'
import { concerns, inWorld } from './peer.ts'

const notions = ['client', 'use', 'tolerance', 'outage', 'limits', 'rotation', 'bad keys']

/** jose with a remote key set: issuer, algorithm and expiry by its options, client and use by hand. */
export const jose: Verifier = {
  name: 'jose',
  exact: false,
  supports: (row) => concerns(row, notions, false),
  open({ options }, world) {
    const keySet = createRemoteJWKSet(new URL(`${issuerName}/.well-known/jwks.json`), {
      timeoutDuration: 200,
      [customFetch]: (url, init) => {
        const { headers, method, redirect, signal } = init
        const aborted = new Promise<Response>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
        const whole = async (response: Response) => new Response(await response.arrayBuffer(), response)
        return Promise.race([world.fetch(new Request(url, { headers, method, redirect })).then(whole), aborted])
      },
    })
    const use = options['tokenUse'] ?? 'access'
    const verify = async (token: string) => {
      const { payload } = await jwtVerify(token, keySet, {
        issuer: issuerName,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
        clockTolerance: Number(options['clockTolerance'] ?? 0),
        currentDate: new Date(world.time),
        ...(use === 'id' && { audience: clientId }),
      })
      if (payload['token_use'] !== use) return 'refused'
      return use === 'access' && payload['client_id'] !== clientId ? 'refused' : 'accepted'
    }
    return ({ token = '' }) => inWorld(world, () => verify(token).catch(outcomeOf))
  },
}

function outcomeOf(error: unknown): string {
  const outage = [errors.JWKSTimeout, errors.JWKSInvalid]
  if (outage.some((kind) => error instanceof kind)) return 'unavailable'
  if (!(error instanceof errors.JOSEError)) return String(error).includes('network') ? 'unavailable' : `threw ${error}`
  return error.code === 'ERR_JOSE_GENERIC' ? 'unavailable' : 'refused'
}
