import { Hono, type MiddlewareHandler } from 'hono'
import { jwk } from 'hono/jwk'
import { honoGuard } from '../../adapters/hono/index.ts'
import { type Material, seenCount } from '../material.ts'
import { issuer } from '../settings.ts'
import type { Case, Cases } from './case.ts'
import { createBenchGuard } from './guards.ts'
import { floor, noop } from './names.ts'
import { type Verify, withAwsJwtVerify, withJose } from './peer-verifiers.ts'
import { floorCase } from './token-cases.ts'

/** Whole requests through a Hono app: the request, the routing, the middleware, a handler, the answer. */
export async function honoCases(material: Material): Promise<Cases> {
  const { loginCheck, permissionRequired } = honoGuard(createBenchGuard(material))
  const pass: MiddlewareHandler = async (_c, next) => next()
  const apps: Record<string, Hono> = {
    [noop]: appWith(pass),
    'Hono, two no-op middlewares': appWith(pass, pass),
    'Hono, loginCheck': appWith(loginCheck()),
    'Hono, loginCheck + permissionRequired': appWith(loginCheck(), permissionRequired('posts.read')),
    'Hono, hono/jwk': appWith(jwk({ keys: [{ ...material.jwk }], alg: ['RS256'], verification: { iss: issuer } })),
    'Hono, jose': appWith(verifying(withJose(material.jwk))),
    'Hono, aws-jwt-verify': appWith(verifying(withAwsJwtVerify(material.jwk))),
  }
  const headers = material.tokens.slice(0, seenCount).map((token) => ({ authorization: `Bearer ${token}` }))
  const cases = Object.entries(apps).map(([name, app]): [string, Case] => [
    name,
    async (index) => {
      const response = await app.fetch(
        new Request('https://app.example/api/posts', { headers: headers[index % seenCount] ?? {} }),
      )
      if (response.status !== 200) throw new Error(`${name}: status ${response.status}`)
      return true
    },
  ])
  return { [floor]: await floorCase(material), ...Object.fromEntries(cases) }
}

function appWith(first: MiddlewareHandler, second?: MiddlewareHandler): Hono {
  const app = new Hono()
  app.use('/api/*', first)
  if (second) app.get('/api/posts', second, (c) => c.body(null))
  else app.get('/api/posts', (c) => c.body(null))
  return app
}

function verifying(verify: Verify): MiddlewareHandler {
  return async (c, next) => {
    await verify(c.req.header('authorization')?.slice(7) ?? '')
    await next()
  }
}
