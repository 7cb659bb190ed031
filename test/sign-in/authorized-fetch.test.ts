import { describe, expect, it } from 'vitest'
import { type AuthorizedFetchOptions, authorizedFetch } from '../../src/sign-in/index.ts'
import { errorOf, type Scripted } from '../support/aws.ts'
import { accessToken, challenge, refused, scriptedSignIn, signedIn, verifier } from './scripted.ts'

const url = 'https://api.example.com/posts'
const signsIn = (n: number): Scripted[] => [
  () => challenge('PASSWORD_VERIFIER', verifier),
  () => signedIn({ AccessToken: accessToken('u-1', { n }), IdToken: `id ${n}` }),
]
const renews =
  (n: number): Scripted =>
  () =>
    signedIn({ AccessToken: accessToken('u-1', { n }), RefreshToken: undefined })

function scene(script: readonly Scripted[], options: Partial<AuthorizedFetchOptions> = {}, statuses: number[] = []) {
  const { signIn, sent, clock } = scriptedSignIn(script)
  const calls: Request[] = []
  const authorized = authorizedFetch(signIn, {
    ...{ username: 'alice', password: 'Correct-Horse-1', origins: ['https://api.example.com'] },
    fetch: async (request) => {
      calls.push(request)
      const status = statuses.shift() ?? 200
      return new Response(null, { status, headers: { location: 'https://evil.example/' } })
    },
    ...options,
  })
  const numbers = () =>
    calls.map(({ headers }) => JSON.parse(atob(headers.get('authorization')?.split('.')[1] ?? '')).n as number)
  return { authorized, sent, clock, calls, numbers }
}

describe('authorizedFetch', () => {
  it('signs in when it is first used, once for all that come at the same time', async () => {
    const { authorized, sent, calls, numbers } = scene(signsIn(1))
    expect(sent).toHaveLength(0)
    await Promise.all([authorized(url), authorized(new URL(url)), authorized(new Request(url))])
    expect(sent).toHaveLength(2)
    expect(numbers()).toEqual([1, 1, 1])
    expect(calls[0]?.headers.get('authorization')).toMatch(/^Bearer /)
  })

  it('takes another header, prefix and token', async () => {
    const { authorized, calls } = scene(signsIn(1), { header: 'x-token', prefix: '', token: 'id' })
    await authorized(url)
    expect(calls[0]?.headers.get('x-token')).toBe('id 1')
    expect(calls[0]?.headers.has('authorization')).toBe(false)
  })

  it('renews before tokens end', async () => {
    const { authorized, clock, numbers } = scene([...signsIn(1), renews(2)])
    await authorized(url)
    clock.now += 3_590_000
    await authorized(url)
    expect(numbers()).toEqual([1, 2])
  })

  it('renews once after a 401, and sends the body again', async () => {
    const { authorized, calls, numbers } = scene([...signsIn(1), renews(2)], {}, [401, 200])
    expect((await authorized(url, { method: 'POST', body: 'text' })).status).toBe(200)
    expect(numbers()).toEqual([1, 2])
    expect(await Promise.all(calls.map((call) => call.text()))).toEqual(['text', 'text'])
  })

  it('hands on a second 401', async () => {
    const { authorized, calls } = scene([...signsIn(1), renews(2)], {}, [401, 401])
    expect((await authorized(url)).status).toBe(401)
    expect(calls).toHaveLength(2)
  })

  it('renews once for all that were answered 401 at the same time', async () => {
    const { authorized, sent } = scene([...signsIn(1), renews(2)], {}, [401, 401, 401])
    await Promise.all([authorized(url), authorized(url), authorized(url)])
    expect(sent).toHaveLength(3)
  })

  it('signs in again when the refresh token is dead', async () => {
    const dead = () => refused('NotAuthorizedException', 'Refresh Token has expired')
    const { authorized, clock, numbers } = scene([...signsIn(1), dead, ...signsIn(2)])
    await authorized(url)
    clock.now += 3_600_000
    await Promise.all([authorized(url), authorized(url)])
    expect(numbers()).toEqual([1, 2, 2])
  })

  it('never carries the token across a redirect', async () => {
    const { authorized, calls } = scene(signsIn(1), { header: 'x-token' }, [302])
    const response = await authorized(url, { redirect: 'follow' })
    expect(response.status).toBe(302)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.redirect).toBe('manual')
  })

  it.each([
    'https://evil.example/',
    'http://api.example.com/',
    'https://api.example.com:8443/',
    'https://api.example.com.evil.example/',
  ])('sends nothing to %s', async (other) => {
    const { authorized, sent, calls } = scene([])
    expect(await errorOf(authorized(other))).toMatchObject({ code: 'CONFIGURATION' })
    expect([sent.length, calls.length]).toEqual([0, 0])
  })

  it.each([
    [],
    ['http://api.example.com'],
    ['https://api.example.com/posts'],
    ['nonsense'],
    ['*'],
    ['https://u:p@api.example.com'],
  ])('takes no origin of %j', (...origins) => {
    expect(() => scene([], { origins })).toThrow('origins')
  })

  it('takes http for this machine', async () => {
    const { authorized, calls } = scene(signsIn(1), { origins: ['http://localhost:8787/'] })
    await authorized('http://localhost:8787/x')
    expect(calls).toHaveLength(1)
  })

  it('lets the application answer a challenge, and says so where it does not', async () => {
    const script = [challenge('CUSTOM_CHALLENGE'), signedIn()]
    const { authorized, calls } = scene(script, {
      onChallenge: async (step, signIn) => {
        if (step.status !== 'challenge' || step.challenge !== 'CUSTOM_CHALLENGE') throw new Error('another step')
        return signIn.respond(step, { answer: '4' })
      },
    })
    await authorized(url)
    expect(calls).toHaveLength(1)
    const without = scene([challenge('CUSTOM_CHALLENGE')])
    expect(await errorOf(without.authorized(url))).toMatchObject({ code: 'CHALLENGE_UNANSWERED' })
  })

  it.each<[string, AuthorizedFetchOptions['onChallenge']]>([
    ['gives the same step back', async (step) => step],
    ['gives another one for ever', async (step) => ({ ...step })],
    ['gives nothing', async () => undefined as never],
  ])('does not go round for ever where the application %s', async (_name, onChallenge) => {
    const { authorized } = scene([challenge('SMS_MFA')], { onChallenge })
    expect(await errorOf(authorized(url))).toMatchObject({ code: 'CHALLENGE_UNANSWERED' })
  })
})
