import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { FetchError, JwksValidationError, JwtBaseError, WaitPeriodNotYetEndedJwkError } from 'aws-jwt-verify/error'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { clientId, userPoolId } from '../../support/issuer.ts'
import type { Verifier } from '../verifier.ts'
import { concerns, inWorld } from './peer.ts'

const notions = ['client', 'use', 'tolerance', 'outage', 'rotation', 'bad keys', 'regional issuer']

/** aws-jwt-verify's verifier for Cognito, with a fetcher that refuses what its own refuses: anything but 200. */
export const awsJwtVerify: Verifier = {
  name: 'aws-jwt-verify',
  exact: false,
  supports: (row) => concerns(row, notions, false),
  open({ options }, world) {
    const fetcher = {
      async fetch(uri: string) {
        const response = await world.fetch(new Request(uri))
        if (response.status !== 200) throw new FetchError(uri, `Status code is ${response.status}, expected 200`)
        return response.arrayBuffer()
      },
    }
    const verifier = CognitoJwtVerifier.create(
      {
        userPoolId,
        clientId,
        tokenUse: options['tokenUse'] === 'id' ? 'id' : 'access',
        graceSeconds: Number(options['clockTolerance'] ?? 0),
      },
      { jwksCache: new SimpleJwksCache({ fetcher }) },
    )
    const verify = (token: string) => verifier.verify(token).then(() => 'accepted')
    return ({ token = '' }) => inWorld(world, () => verify(token).catch(outcomeOf))
  },
}

function outcomeOf(error: unknown): string {
  const outage = [FetchError, JwksValidationError, WaitPeriodNotYetEndedJwkError]
  if (outage.some((kind) => error instanceof kind)) return 'unavailable'
  if (error instanceof JwtBaseError) return 'refused'
  // What its own fetcher would have wrapped.
  return /network|JSON/.test(String(error)) ? 'unavailable' : `threw ${error}`
}
