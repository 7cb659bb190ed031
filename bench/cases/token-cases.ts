import { type Material, seenCount, tokenCount } from '../material.ts'
import type { Case, Cases } from './case.ts'
import { createBenchGuard } from './guards.ts'
import { floor } from './names.ts'
import { peerVerifiers, type Verify } from './peer-verifiers.ts'

/** Nearly as many users as a guard remembers by default. */
const manyCount = 900
const tenants = 499

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/**
 * Verifying tokens, seen and first seen. The peers remember no tokens, so that one case of each serves for both, but for those
 * in `more`, whose names end in `, seen` where they do.
 */
export async function tokenCases(material: Material, more: Record<string, Verify> = {}): Promise<Cases> {
  const requests = material.tokens.map(
    (token) => new Request('https://app.example/api/posts', { headers: { authorization: `Bearer ${token}` } }),
  )
  const guard = createBenchGuard(material)
  const seen = await seenGuard(createBenchGuard(material), requests.slice(0, manyCount))
  const ofTenants = await seenGuard(createBenchGuard(material, tenants), requests.slice(0, 1))
  const peers = Object.entries({ ...peerVerifiers(material), ...more }).map(([name, verify]): [string, Case] => {
    const limit = name.endsWith(', seen') ? seenCount : tokenCount
    return [name, (index) => verify(tokenOf(requests[index % limit]))]
  })
  const cases: Cases = {
    [floor]: await floorCase(material),
    'cognigate, first seen': (index) => guard.verify(at(material.tokens, index)),
    'cognigate, one user': () => seen.authenticate(at(requests, 0)),
    'cognigate, 64 users': (index) => seen.authenticate(at(requests, index % seenCount)),
    'cognigate, 900 users': (index) => seen.authenticate(at(requests, index % manyCount)),
    'cognigate, 500 pools, one user': () => ofTenants.authenticate(at(requests, 0)),
    ...Object.fromEntries(peers),
  }
  for (const [name, run] of Object.entries(cases)) {
    if (!(await run(0))) throw new Error(`${name}: a good token was refused.`)
  }
  return cases
}

async function seenGuard(guard: ReturnType<typeof createBenchGuard>, requests: readonly Request[]) {
  for (const request of requests) await guard.authenticate(request)
  return guard
}

/** The signature of one token after the other. */
export async function floorCase({ jwk, tokens }: Material): Promise<Case> {
  const key = await crypto.subtle.importKey('jwk', { ...jwk }, rs256, false, ['verify'])
  const pairs = tokens.map((token) => {
    const end = token.lastIndexOf('.')
    const binary = atob(
      token
        .slice(end + 1)
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
    )
    return {
      input: new TextEncoder().encode(token.slice(0, end)),
      signature: Uint8Array.from(binary, (c) => c.charCodeAt(0)),
    }
  })
  return (index) => {
    const { input, signature } = at(pairs, index)
    return crypto.subtle.verify(rs256, key, signature, input)
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('Nothing to measure with.')
  return item
}

function tokenOf(request: Request | undefined): string {
  return request?.headers.get('authorization')?.slice(7) ?? ''
}
