import { hostOf } from '../hosts.ts'
import type { Call, Codec, Incoming } from '../operation.ts'

/** Reads a request for a pool's key set or its OpenID configuration, on either of its issuer hosts. */
export function readWellKnown(incoming: Incoming): Call | undefined {
  const host = hostOf(incoming.url)
  const isIssuer = host?.kind === 'issuer' || (host?.kind === 'service' && host.service === 'cognito-idp')
  const [, userPoolId, document] =
    /^\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(incoming.url.pathname) ?? []
  if (!isIssuer || document === undefined || incoming.method !== 'GET') return undefined
  return {
    service: 'issuer',
    operation: document === 'jwks.json' ? 'jwks' : document,
    region: host.region,
    userPoolId,
    signed: false,
    input: { UserPoolId: userPoolId, Issuer: host.kind === 'issuer' ? 'updated' : 'original' },
    codec: plainJson,
  }
}

/** Answers in plain JSON. */
export const plainJson: Codec = {
  answer: (output) => Response.json(output ?? {}),
  refuse: ({ code, message, status }) => Response.json({ code, message }, { status }),
}
