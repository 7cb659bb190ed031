import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { clientId, issuerName } from '../../support/issuer.ts'
import type { Verifier } from '../verifier.ts'
import { concerns, inWorld } from './peer.ts'

const notions = ['header', 'outage', 'limits', 'rotation', 'bad keys']

/** Hono's own middleware, set up as its documentation shows it. It has no notion of Cognito's `client_id` and `token_use`. */
export const honoJwk: Verifier = {
  name: 'hono',
  exact: false,
  supports: (row) => concerns(row, notions, true),
  open({ options }, world) {
    const app = new Hono()
      .use(
        jwk({
          jwks_uri: `${issuerName}/.well-known/jwks.json`,
          alg: ['RS256'],
          verification: { iss: issuerName, ...(options['tokenUse'] === 'id' && { aud: clientId }) },
        }),
      )
      .all('*', (c) => c.text('done'))
    app.onError((error, c) => ('getResponse' in error ? (error.getResponse as () => Response)() : c.text('no', 500)))
    return ({ request }) => {
      if (request === undefined) return Promise.resolve('refused')
      return inWorld(world, async () => outcomeOf(await app.fetch(request)))
    }
  },
}

function outcomeOf({ status }: Response): string {
  if (status === 200) return 'accepted'
  return status === 401 ? 'refused' : status >= 500 ? 'unavailable' : `status ${status}`
}
