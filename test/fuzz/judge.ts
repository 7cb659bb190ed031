import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import type { Principal } from '../../src/index.ts'
import { issuersOf } from '../../src/keys/issuers.ts'
import type { FuzzGuard, permissions } from './guards.ts'
import { FuzzWorld } from './fuzz-world.ts'

type Fn = (typeof permissions)[number]

const grants: Readonly<Record<string, readonly Fn[]>> = {
  viewer: ['read'],
  editor: ['read', 'write'],
  admin: ['read', 'write', 'purge'],
}

/** One request that was let through. */
export interface Admission {
  readonly request: Request
  readonly token: string
  readonly principal: Principal
  readonly fn: Fn | undefined
  /** Whether cookies are held to the rules for unsafe methods whatever the method is. */
  readonly strict: boolean
  /** Before and after the request, in milliseconds. */
  readonly times: readonly [number, number]
}

/**
 * Why the request should not have been let through, as seen by jose and by a second reading of the rules; undefined where
 * it should have been.
 */
export async function objection(
  subject: FuzzGuard,
  world: FuzzWorld,
  admission: Admission,
): Promise<string | undefined> {
  const { request, token, principal, fn, times } = admission
  const { options, clients } = subject
  const carried = [...request.headers].flatMap(([, value]) => [value, decoded(value)]).join('\n')
  if (!carried.includes(token)) return 'the token is not in the request'
  if (subject.refuses) return 'the check refuses'
  const misplaced = misplacement(subject.source, admission)
  if (misplaced !== undefined) return misplaced
  const payload = decodeJwt(token)
  const pool = Object.keys(clients).find((id) => issuersOf(id).some((issuer) => issuer === payload.iss))
  if (pool === undefined) return 'a foreign issuer'
  const wanted = subject.poolOf(request)
  if (wanted !== undefined && wanted !== pool) return 'the pool of another host'
  if (!(await isSigned(token, payload.iss, world, times, options.clockTolerance ?? 0))) return 'jose refuses it'
  const use = payload['token_use']
  if (use !== 'access' && use !== 'id') return 'no use'
  if (options.tokenUse !== 'any' && options.tokenUse !== use) return 'another use'
  const client = use === 'id' ? payload.aud : payload['client_id']
  const accepted = clients[pool] ?? []
  if (typeof client !== 'string' || (accepted.length > 0 && !accepted.includes(client))) return 'another client'
  if (use === 'access' && options.audience !== undefined && payload.aud !== options.audience) return 'another audience'
  const scopes = String(payload['scope'] ?? '').split(' ')
  if (!(options.scopes ?? []).every((scope) => scopes.includes(scope))) return 'a missing scope'
  const machine = principal.kind === 'client'
  const own = machine ? [] : ((payload['cognito:groups'] as readonly string[] | undefined) ?? [])
  const memberOf = subject.resolveGroups ? subject.resolveGroups(principal) : own
  const known = ['viewer', 'editor', 'admin', 'banned']
  if (options.unknownGroups === 'refuse' && !memberOf.every((name) => known.includes(name))) return 'an unknown group'
  if (principal.sub !== payload.sub || principal.issuer !== payload.iss) return 'another caller'
  if (JSON.stringify(principal.groups) !== JSON.stringify(memberOf)) return 'other groups'
  if (fn === undefined) return undefined
  const allowed = memberOf.some((name) => grants[name]?.includes(fn)) && !(fn === 'read' && memberOf.includes('banned'))
  return allowed ? undefined : `${fn} is not allowed`
}

/** Why the token should not have been taken from where it was. */
function misplacement(source: FuzzGuard['source'], { request, token, strict }: Admission): string | undefined {
  const { headers, method, url } = request
  const authorization = headers.get('authorization')
  if (source === 'other') return headers.get('x-token') === token ? undefined : 'the token of another field'
  if (authorization !== null)
    return /^bearer +(\S+)$/i.exec(authorization)?.[1] === token ? undefined : 'another Authorization'
  if (source === 'bearer') return 'no Authorization'
  const upgrade = /websocket/i.test(headers.get('upgrade') ?? '')
  if (!strict && !upgrade && ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)) return undefined
  const own = (headers.get('sec-fetch-site') ?? 'same-origin') === 'same-origin'
  const told = headers.has('sec-fetch-site') || headers.get('origin') === new URL(url).origin
  return own && told ? undefined : 'a cookie of a request from elsewhere'
}

async function isSigned(
  token: string,
  issuer: unknown,
  world: FuzzWorld,
  times: readonly number[],
  clockTolerance: number,
) {
  const { kid } = decodeProtectedHeader(token)
  for (const name of FuzzWorld.keysOf(issuer)) {
    const { jwk } = world.key(name)
    if (jwk.kid !== kid) continue
    for (const time of times) {
      const checks = {
        algorithms: ['RS256'],
        currentDate: new Date(time),
        clockTolerance,
        requiredClaims: ['exp', 'iat'],
      }
      const holds = await jwtVerify(token, jwk, checks).then(
        () => true,
        () => false,
      )
      if (holds) return true
    }
  }
  return false
}

function decoded(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
}
