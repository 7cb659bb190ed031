import { describe, expect, it } from 'vitest'
import { secretHash, type Tokens } from '../../src/sign-in/index.ts'
import { answer, errorOf } from '../support/aws.ts'
import { accessToken, clientId, refused, scriptedSignIn, signedIn } from './scripted.ts'

const start = Date.UTC(2026, 10, 5, 9, 7, 3) / 1000
const tokens: Tokens = {
  ...{ accessToken: accessToken('u-1'), idToken: 'i', refreshToken: 'first', expiresIn: 3600 },
  ...{ expiresAt: start + 3600, deviceKey: 'eu-west-1_0a0b' },
}
const renewed = (more: object = {}) =>
  signedIn({ AccessToken: accessToken('u-1', { n: 2 }), RefreshToken: undefined, ...more })
const record = () => {
  const log: string[] = []
  const store = {
    set: async ({ refreshToken }: Tokens) => {
      await Promise.resolve()
      log.push(`set ${refreshToken}`)
    },
    clear: () => void log.push('clear'),
  }
  return { log, store }
}

describe('refresh', () => {
  it('renews by GetTokensFromRefreshToken, with the secret as it is and the device', async () => {
    const { signIn, sent } = scriptedSignIn([renewed()], { clientSecret: 'hush' })
    expect(await signIn.refresh(tokens, { clientMetadata: { a: 'b' } })).toMatchObject({
      ...{ refreshToken: 'first', deviceKey: 'eu-west-1_0a0b', expiresAt: start + 3600 },
    })
    expect(sent[0]).toMatchObject({
      operation: 'GetTokensFromRefreshToken',
      input: {
        ...{ RefreshToken: 'first', ClientId: clientId, ClientSecret: 'hush', DeviceKey: 'eu-west-1_0a0b' },
        ClientMetadata: { a: 'b' },
      },
    })
  })

  it('renews by REFRESH_TOKEN_AUTH where asked to, with the hash over the user’s own name', async () => {
    const { signIn, sent } = scriptedSignIn([renewed()], { clientSecret: 'hush' })
    await signIn.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' })
    expect(sent[0]?.input).toMatchObject({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: {
        ...{ REFRESH_TOKEN: 'first', DEVICE_KEY: 'eu-west-1_0a0b' },
        SECRET_HASH: await secretHash('hush', 'u-1', clientId),
      },
    })
  })

  it('takes the rotated refresh token', async () => {
    const { signIn } = scriptedSignIn([renewed({ RefreshToken: 'second' })])
    expect(await signIn.refresh(tokens)).toMatchObject({ refreshToken: 'second' })
  })

  it.each([
    [{ accessToken: 'a' }, {}],
    [tokens, { by: 'magic' }],
    [tokens, { deviceKey: 'x' }],
  ])('says what is wrong with %j %j', async (given, options) => {
    const { signIn } = scriptedSignIn([])
    expect(await errorOf(signIn.refresh(given, options as never))).toMatchObject({ code: 'CONFIGURATION' })
  })

  it('takes no answer without tokens', async () => {
    const { signIn } = scriptedSignIn([answer({})])
    expect(await errorOf(signIn.refresh(tokens))).toMatchObject({ code: 'ANSWER_MALFORMED' })
  })
})

describe('a session', () => {
  it('keeps its tokens until they are about to end, and then renews once for all that ask', async () => {
    const { log, store } = record()
    const { signIn, sent, clock } = scriptedSignIn([renewed({ RefreshToken: 'second' })])
    const session = signIn.session(tokens, { store })
    expect(await session.tokens()).toEqual(tokens)
    clock.now += 3541_000
    const all = await Promise.all([session.tokens(), session.tokens(), session.renew(), session.tokens()])
    expect(new Set(all.map(({ refreshToken }) => refreshToken))).toEqual(new Set(['second']))
    expect(sent).toHaveLength(1)
    expect(log).toEqual(['set second'])
  })

  it('gives a rotated token to its store before anyone gets it', async () => {
    const order: string[] = []
    const { signIn } = scriptedSignIn([renewed({ RefreshToken: 'second' })])
    const set = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('stored')
    }
    await signIn.session(tokens, { store: { set, clear: () => {} } }).renew()
    order.push('given')
    expect(order).toEqual(['stored', 'given'])
  })

  it.each(['RefreshTokenReuseException', 'NotAuthorizedException', 'UserNotFoundException'])(
    'ends with %s: the store is cleared once, and nothing is asked again',
    async (code) => {
      const { log, store } = record()
      const { signIn, sent, clock } = scriptedSignIn([refused(code, 'Refresh Token has been revoked')])
      const session = signIn.session(tokens, { store })
      clock.now += 3_600_000
      const asked = Array.from({ length: 5 }, () => errorOf(session.tokens()))
      for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: 'SESSION_ENDED' })
      expect(await errorOf(session.renew())).toMatchObject({ code: 'SESSION_ENDED' })
      expect(sent).toHaveLength(1)
      expect(log).toEqual(['clear'])
    },
  )

  it('serves tokens that are still good while AWS does not answer, and no longer', async () => {
    const { log, store } = record()
    const down = () => answer({ __type: 'InternalErrorException' }, 500)
    const { signIn, clock } = scriptedSignIn([down, down, renewed()])
    const session = signIn.session(tokens, { store })
    clock.now += 3_550_000
    expect(await session.tokens()).toEqual(tokens)
    clock.now += 60_000
    expect(await errorOf(session.tokens())).toMatchObject({ name: 'AwsError', outcome: 'unknown' })
    expect(await session.tokens()).toMatchObject({ refreshToken: 'first' })
    expect(log).toEqual(['set first'])
  })

  it('reads the end of kept tokens from the access token, and a clock that is behind does not make it later', async () => {
    const exp = start + 3600
    for (const [behind, asks] of [
      [0, 0],
      [600, 0],
      [-3600, 1],
    ] as const) {
      const { signIn, sent, clock } = scriptedSignIn([renewed()])
      clock.now -= behind * 1000
      const kept = { accessToken: accessToken('u-1', { exp, iat: start }), refreshToken: 'first' }
      const session = signIn.session(kept)
      await session.tokens()
      expect(sent).toHaveLength(asks)
      if (asks > 0) continue
      clock.now += 3_541_000
      await session.tokens()
      expect(sent).toHaveLength(1)
    }
  })

  it('without a refresh token ends with its access token', async () => {
    const { signIn, sent, clock } = scriptedSignIn([])
    const session = signIn.session({ ...tokens, refreshToken: undefined })
    clock.now += 3_600_000
    expect(await errorOf(session.tokens())).toMatchObject({ code: 'SESSION_ENDED' })
    expect(sent).toHaveLength(0)
  })

  it('signs out: clears its store and revokes the token', async () => {
    const { log, store } = record()
    const { signIn, sent } = scriptedSignIn([answer({})], { clientSecret: 'hush' })
    const session = signIn.session(tokens, { store })
    await session.signOut()
    expect(sent[0]).toMatchObject({
      operation: 'RevokeToken',
      input: { Token: 'first', ClientId: clientId, ClientSecret: 'hush' },
    })
    expect(log).toEqual(['clear'])
    expect(await errorOf(session.tokens())).toMatchObject({ code: 'SESSION_ENDED' })
  })

  it('offers tokens to its store again where that failed, and does not renew by the spent token', async () => {
    let isDown = true
    const saved: unknown[] = []
    const set = ({ refreshToken }: Tokens) => {
      if (isDown) throw new Error('the store is down')
      saved.push(refreshToken)
    }
    const script = [renewed({ RefreshToken: 'second' }), renewed({ RefreshToken: 'third' })]
    const { signIn, sent, clock } = scriptedSignIn(script)
    const session = signIn.session(tokens, { store: { set, clear: () => {} } })
    clock.now += 3_600_000
    for (const _ of [1, 2]) expect(await errorOf(session.tokens())).toMatchObject({ message: 'the store is down' })
    isDown = false
    expect(await session.tokens()).toMatchObject({ refreshToken: 'second' })
    expect(sent.map(({ input }) => input['RefreshToken'])).toEqual(['first'])
    isDown = true
    clock.now += 3_600_000
    expect(await errorOf(session.tokens())).toMatchObject({ message: 'the store is down' })
    expect(sent.map(({ input }) => input['RefreshToken'])).toEqual(['first', 'second'])
    expect(saved).toEqual(['second'])
  })

  it('renews at once what its store took too late', async () => {
    let isDown = true
    const saved: unknown[] = []
    const set = ({ refreshToken }: Tokens) => {
      if (isDown) throw new Error('the store is down')
      saved.push(refreshToken)
    }
    const script = [renewed({ RefreshToken: 'second' }), renewed({ RefreshToken: 'third' })]
    const { signIn, clock } = scriptedSignIn(script)
    const session = signIn.session(tokens, { store: { set, clear: () => {} } })
    expect(await errorOf(session.renew())).toMatchObject({ message: 'the store is down' })
    isDown = false
    clock.now += 4_000_000
    expect(await session.tokens()).toMatchObject({ refreshToken: 'third', expiresAt: start + 4000 + 3600 })
    expect(saved).toEqual(['second', 'third'])
  })

  it('revokes even where its store fails, revokes the newest token, and signs out again where AWS did not answer', async () => {
    let isDown = true
    const fail = () => {
      if (isDown) throw new Error('the store is down')
    }
    const down = () => answer({ __type: 'InternalErrorException' }, 500)
    const script = [renewed({ RefreshToken: 'second' }), down, answer({})]
    const { signIn, sent } = scriptedSignIn(script, { retry: { attempts: 1 } })
    const session = signIn.session(tokens, { store: { set: fail, clear: fail } })
    await errorOf(session.renew())
    expect(await errorOf(session.signOut())).toBeInstanceOf(Error)
    expect(await errorOf(session.tokens())).toMatchObject({ message: 'the store is down' })
    isDown = false
    await session.signOut()
    await session.signOut()
    const revoked = sent.filter(({ operation }) => operation === 'RevokeToken')
    expect(revoked.map(({ input }) => input['Token'])).toEqual(['second', 'second'])
    expect(await errorOf(session.tokens())).toMatchObject({ code: 'SESSION_ENDED' })
  })

  it('checks its options', () => {
    const { signIn } = scriptedSignIn([])
    expect(() => signIn.session(tokens, { leeway: 5 } as never)).toThrow('unknown option "leeway"')
    expect(() => signIn.session({} as never)).toThrow('accessToken')
  })
})
