import { describe, expectTypeOf, it } from 'vitest'
import { createGuard, defineGroups, type TokenSource } from '../../src/index.ts'
import { createLogin, type Login, type LoginOptions, type MeGuard, meRoute } from '../../src/login/index.ts'
import { loginRoutes } from '../../adapters/hono/index.ts'

declare const options: LoginOptions
declare const login: Login
declare const request: Request

describe('createLogin', () => {
  it('gives a token source, which guards of any map and principals take', () => {
    expectTypeOf(createLogin(options).session).toEqualTypeOf<TokenSource>()
    const groups = defineGroups({ editor: { allow: ['posts.read'] } })
    const base = { userPoolId: 'eu-west-1_x', clientId: 'c', tokenSource: login.session }
    const guards = [
      createGuard({ ...base, groups }),
      createGuard({ ...base, tokenUse: 'id' as const }),
      createGuard({ ...base, mapClaims: () => ({ tier: 1 }) }),
    ] as const
    for (const guard of guards) expectTypeOf(guard).toExtend<MeGuard>()
    expectTypeOf(login.handle(request, { me: meRoute(guards[0]) })).resolves.toEqualTypeOf<Response | undefined>()
    loginRoutes(login, { me: meRoute(guards[0]) })
    loginRoutes(() => login, { me: () => meRoute(guards[1]) })
  })

  it('refuses misspelt options at every level', () => {
    // @ts-expect-error it is called redirectUri
    createLogin({ ...options, redirectURI: 'x' })
    // @ts-expect-error the protocol has no such prompt
    createLogin({ ...options, defaults: { prompt: 'always' } })
    // @ts-expect-error no such token
    createLogin({ ...options, keep: ['session'] })
    // @ts-expect-error it is called gracePeriod
    createLogin({ ...options, rotation: { grace: 1 } })
    // @ts-expect-error a login is no route without its options
    createLogin({})
  })
})
