import { describe, expect, it } from 'vitest'
import {
  type AuthorizedFetchOptions,
  authorizedFetch,
  clientCredentials,
  clientToken,
  type SignIn,
  type Tokens,
} from '../../src/sign-in/index.ts'
import { answer, errorOf, type Scripted } from '../support/aws.ts'
import { accessToken, challenge, refused, scriptedSignIn, signedIn } from './scripted.ts'

// What the ways to sign in say of what they were given, and what they do at their edges.

const messageOf = async (call: () => unknown) => `${await errorOf((async () => call())())}`
const needsText = 'expected a text, well-formed and not empty.'

describe('a way to sign in', () => {
  it.each<[string, (signIn: SignIn) => unknown, string]>([
    ['withPassword', (s) => s.withPassword('', 'p'), `withPassword: username: ${needsText}`],
    ['withPassword', (s) => s.withPassword('a', ''), `withPassword: password: ${needsText}`],
    ['custom', (s) => s.custom(''), `custom: username: ${needsText}`],
    ['custom', (s) => s.custom('a', { password: '' }), `custom: password: ${needsText}`],
    ['choose', (s) => s.choose(''), `choose: username: ${needsText}`],
    ['choose', (s) => s.choose('a', { preferred: 'PASSWORD', password: '' }), `choose: password: ${needsText}`],
    [
      'choose',
      (s) => s.choose('a', { preferred: 'EMAIL_OTP', password: 'p' }),
      'choose: preferred: expected PASSWORD_SRP or PASSWORD, with a password.',
    ],
    ['refresh', (s) => s.refresh({ accessToken: 'a' }), 'refresh: refreshToken: expected tokens with a refresh token.'],
    [
      'refresh',
      (s) => s.refresh({ accessToken: 'a', refreshToken: 'r' }, { by: 'x' as never }),
      'refresh: by: expected "GetTokensFromRefreshToken" or "REFRESH_TOKEN_AUTH".',
    ],
    ['session', (s) => s.session({} as never), 'session: expected tokens, with "accessToken".'],
    ['session', (s) => s.session({ accessToken: 'a' }, { margin: -1 }), 'session: margin: expected seconds.'],
  ])('says what %s needs', async (_name, call, message) => {
    const { signIn, sent } = scriptedSignIn([])
    expect(await messageOf(() => call(signIn))).toBe(`ConfigurationError: ${message}`)
    expect(sent).toHaveLength(0)
  })

  it.each([
    [{ clientId: 'a b' }, 'createSignIn: clientId: expected the id of an app client.'],
    [{ clientId: 5 as never }, 'createSignIn: clientId: expected the id of an app client.'],
    [{ clientSecret: '' }, 'createSignIn: clientSecret: expected a secret, or none.'],
  ])('is made with %j by nobody', (options, message) => {
    expect(() => scriptedSignIn([], options)).toThrow(message)
  })

  it('sends a password as it is where it is chosen so, and otherwise none', async () => {
    const { signIn, sent } = scriptedSignIn([signedIn(), signedIn(), signedIn()])
    await signIn.choose('a', { preferred: 'PASSWORD', password: 'p' })
    await signIn.choose('a', { preferred: 'EMAIL_OTP', deviceName: 'laptop' })
    await signIn.custom('a', { deviceName: 'laptop' })
    expect(sent.map(({ input }) => input['AuthParameters'])).toEqual([
      { USERNAME: 'a', PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD: 'p' },
      { USERNAME: 'a', PREFERRED_CHALLENGE: 'EMAIL_OTP' },
      { USERNAME: 'a' },
    ])
  })
})

describe('a step', () => {
  it('is answered with the options that are known', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('SMS_MFA'), signedIn()])
    const step = await signIn.withPassword('a', 'p', { srp: false })
    if (step.status !== 'challenge' || step.challenge !== 'SMS_MFA') throw new Error(step.status)
    expect(await messageOf(() => signIn.respond(step, { code: '1' }, { device: 'x' } as never))).toContain(
      'ConfigurationError: respond: unknown option "device"',
    )
    await signIn.respond(step, { code: '1' }, { deviceName: 'laptop', clientMetadata: { a: 'b' } })
    expect(sent[1]?.input).toMatchObject({ ClientMetadata: { a: 'b' } })
  })

  it('up names its levels with blanks, and no age where none was given', async () => {
    const { signIn, sent } = scriptedSignIn([signedIn()])
    await signIn.choose('a', { acrValues: ['l:1', 'l:2'], accessToken: 't' })
    const { AuthParameters } = sent[0]?.input ?? {}
    expect(AuthParameters).toEqual({ USERNAME: 'a', TARGET_ACR_VALUES: 'l:1 l:2', ACCESS_TOKEN: 't' })
  })
})

describe('a session at its edges', () => {
  const renewed = () => answer({ AuthenticationResult: { AccessToken: 'new', ExpiresIn: 60 } })
  const start = Date.UTC(2026, 10, 5, 9, 7, 3) / 1000
  const tokens = { accessToken: 'old', refreshToken: 'r' }

  it.each([
    [0, 1, 0],
    [0, 0, 1],
    [60, 61, 0],
    [60, 60, 1],
  ])('with a margin of %i s and %i s left makes %i renewals', async (margin, left, count) => {
    const { signIn, sent } = scriptedSignIn([renewed])
    await signIn.session({ ...tokens, expiresAt: start + left }, { margin }).tokens()
    expect(sent).toHaveLength(count)
  })

  it('serves nothing that has ended while AWS does not answer', async () => {
    const { signIn } = scriptedSignIn([refused('InternalErrorException', 'x')], { retry: { attempts: 1 } })
    const session = signIn.session({ ...tokens, expiresAt: start })
    expect(await errorOf(session.tokens())).toMatchObject({ code: 'InternalErrorException' })
  })

  it.each([
    ['XNotAuthorizedException', 'XNotAuthorizedException'],
    ['NotAuthorizedExceptionX', 'NotAuthorizedExceptionX'],
    ['NotAuthorizedException', 'SESSION_ENDED'],
  ])('ends by the errors that end it: %s', async (code, expected) => {
    const { signIn } = scriptedSignIn([refused(code, 'x')], { retry: { attempts: 1 } })
    const error = (await errorOf(signIn.session({ ...tokens, expiresAt: 0 }).renew())) as Error
    expect(error).toMatchObject({ code: expected })
    if (expected === 'SESSION_ENDED') expect(error.cause).toMatchObject({ code })
  })

  it('has nothing to revoke without a refresh token', async () => {
    const { signIn, sent } = scriptedSignIn([])
    await signIn.session({ accessToken: 'a' }).signOut()
    expect(sent).toHaveLength(0)
  })

  it('names options that it does not know', async () => {
    const { signIn } = scriptedSignIn([])
    expect(() => signIn.session(tokens, { leeway: 1 } as never)).toThrow('session: unknown option "leeway"')
    expect(await messageOf(() => signIn.refresh(tokens, { store: {} } as never))).toContain(
      'refresh: unknown option "store"',
    )
  })

  it('needs the name in the access token for REFRESH_TOKEN_AUTH with a secret, and only then', async () => {
    const by = 'REFRESH_TOKEN_AUTH'
    const secretive = scriptedSignIn([], { clientSecret: 'hush' })
    expect(await messageOf(() => secretive.signIn.refresh(tokens, { by }))).toBe(
      'ConfigurationError: refresh: accessToken: expected the access token, for the user name in it.',
    )
    const open = scriptedSignIn([renewed])
    const limits = { attempts: 1, timeout: 5, signal: new AbortController().signal, clientMetadata: { a: 'b' } }
    await open.signIn.refresh(tokens, { by, ...limits })
    expect(open.sent[0]).toMatchObject({ operation: 'InitiateAuth' })
    expect(open.sent[0]?.input).toEqual({
      ...{ AuthFlow: by, ClientId: open.signIn.clientId, ClientMetadata: { a: 'b' } },
      AuthParameters: { REFRESH_TOKEN: 'r' },
    })
  })
})

describe('tokens of machines', () => {
  const credentials = { clientId: 'c', clientSecret: 's' }
  const domain = 'https://auth.example.com/'
  const once = (response: Response) => {
    const sent: Request[] = []
    const fetch = async (request: Request) => {
      sent.push(request)
      return response
    }
    return { sent, fetch }
  }

  it('are asked for with what was given, and no more', async () => {
    const plain = once(answer({ access_token: 't' }))
    const before = Math.floor(Date.now() / 1000)
    const token = await clientCredentials({ ...credentials, domain, fetch: plain.fetch })
    expect(token).toMatchObject({ accessToken: 't', expiresIn: 0 })
    expect(Math.abs(token.expiresAt - before)).toBeLessThan(60)
    expect(plain.sent[0]).toMatchObject({
      url: 'https://auth.example.com/oauth2/token',
      method: 'POST',
      redirect: 'manual',
    })
    expect(plain.sent[0]?.headers.get('accept')).toBe('application/json')
    expect(plain.sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(await plain.sent[0]?.text()).toBe('grant_type=client_credentials&client_id=c&client_secret=s')
    const full = once(answer({ access_token: 't', expires_in: 60 }))
    const more = { scopes: ['a/b', 'a/c'], resource: 'https://api.example.com', clientMetadata: { k: 'v' } }
    await clientCredentials({ ...credentials, domain, fetch: full.fetch, ...more })
    expect(Object.fromEntries(new URLSearchParams(await full.sent[0]?.text()))).toMatchObject({
      ...{ scope: 'a/b a/c', resource: 'https://api.example.com', aws_client_metadata: '{"k":"v"}' },
    })
  })

  it.each([
    [65_536, 'é'],
    [65_537, undefined],
  ])('are read up to 64 kB, here %i bytes, whatever the pieces', async (bytes, expected) => {
    const text = new TextEncoder().encode('{"access_token":"é"}')
    const body = new ReadableStream({
      start(controller) {
        // The second byte of the letter comes by itself.
        controller.enqueue(text.slice(0, 18))
        controller.enqueue(text.slice(18))
        controller.enqueue(new Uint8Array(bytes - text.length).fill(32))
        controller.close()
      },
    })
    const { fetch } = once(new Response(body))
    const token = await clientCredentials({ ...credentials, domain, fetch }).catch((error) => error)
    expect(token.accessToken).toBe(expected)
  })

  it('end with the signal that was given', async () => {
    const { sent, fetch } = once(answer({ access_token: 't' }))
    await clientCredentials({ ...credentials, domain, fetch, signal: AbortSignal.abort() })
    expect(sent[0]?.signal.aborted).toBe(true)
  })

  it.each<[object, string]>([
    [{ domain: 'nonsense' }, 'clientCredentials: domain: expected the https URL of the pool’s domain.'],
    [{ clientId: '' }, 'clientCredentials: clientSecret: expected the id and the secret of the app client.'],
    [{ scope: 'a/b' }, 'clientCredentials: unknown option "scope"; did you mean "scopes"?'],
  ])('are not asked for with %j', async (wrong, message) => {
    const { fetch } = once(answer({}))
    const call = () => clientCredentials({ ...credentials, domain, fetch, ...wrong })
    expect(await messageOf(call)).toBe(`ConfigurationError: ${message}`)
  })

  it('by the API name their options too, and are texts', async () => {
    const userPoolId = 'eu-west-1_AbCdEfGhI'
    expect(await messageOf(() => clientToken({ ...credentials, userPoolId, domain } as never))).toContain(
      'clientToken: unknown option "domain"',
    )
    for (const ClientAuthenticationResult of [undefined, {}, { AccessToken: '' }, { AccessToken: 5 }]) {
      const { fetch } = once(answer({ ClientAuthenticationResult }))
      expect(await errorOf(clientToken({ ...credentials, userPoolId, fetch }))).toMatchObject({
        code: 'ANSWER_MALFORMED',
      })
    }
  })

  it.each([
    [400, 'x'.repeat(40), 'x'.repeat(40)],
    [400, 'x'.repeat(41), 'HTTP status 400'],
    [400, 'Has Words', 'HTTP status 400'],
    [400, 5, 'HTTP status 400'],
    [499, 'invalid_client', 'invalid_client'],
  ])('are refused with status %i and the error %j', async (status, error, cause) => {
    const { fetch } = once(answer({ error }, status))
    const thrown = (await errorOf(clientCredentials({ ...credentials, domain, fetch }))) as Error
    expect(thrown).toMatchObject({ code: 'CLIENT_REFUSED', cause: { message: cause } })
  })

  it.each([201, 500])('are none with status %i', async (status) => {
    const { fetch } = once(answer({ access_token: 't', error: 'invalid_client' }, status))
    expect(await errorOf(clientCredentials({ ...credentials, domain, fetch }))).toMatchObject({
      code: 'ANSWER_MALFORMED',
    })
  })
})

describe('authorizedFetch', () => {
  function scene(script: readonly Scripted[], options: Partial<AuthorizedFetchOptions> = {}, status = 200) {
    const { signIn, sent } = scriptedSignIn(script)
    const calls: Request[] = []
    const authorized = authorizedFetch(signIn, {
      ...{ username: 'a', password: 'p', origins: ['https://api.example.com'] },
      fetch: async (request) => {
        calls.push(request)
        return new Response('x', { status })
      },
      ...options,
    })
    return { authorized, sent, calls }
  }
  const url = 'https://api.example.com/x'

  it.each<[object, string]>([
    [{ headers: {} }, 'authorizedFetch: unknown option "headers"; did you mean "header"?'],
    [{ token: 'refresh' }, 'authorizedFetch: token: expected "access" or "id".'],
    [{ origins: 'https://api.example.com' }, 'authorizedFetch: origins: expected a list of origins.'],
    [{ origins: [] }, 'authorizedFetch: origins: expected a list of origins.'],
  ])('is not made with %j', (options, message) => {
    expect(() => scene([], options)).toThrow(message)
  })

  it('has no ID token to send where the sign-in gave none', async () => {
    const { authorized, calls } = scene([signedIn({ IdToken: undefined })], { token: 'id' })
    expect(await errorOf(authorized(url))).toMatchObject({ code: 'ANSWER_MALFORMED' })
    expect(calls).toHaveLength(0)
  })

  it('begins with the tokens that it was given, and keeps new ones in the store', async () => {
    const kept: Tokens[] = []
    const session = { store: { set: (tokens: Tokens) => void kept.push(tokens), clear: () => {} } }
    const given = { accessToken: accessToken('a', { exp: 9e9, iat: 0 }), expiresAt: 9e9 }
    const first = scene([], { tokens: given, session })
    await first.authorized(url)
    expect([first.sent.length, first.calls[0]?.headers.get('authorization')]).toEqual([
      0,
      `Bearer ${given.accessToken}`,
    ])
    const second = scene([challenge('CUSTOM_CHALLENGE'), signedIn()], {
      session,
      onChallenge: (step, signIn) => signIn.respond(step as never, { answer: '1' } as never),
    })
    await second.authorized(url)
    expect(kept).toMatchObject([{ refreshToken: 'r' }])
  })

  it('fails by an error that is none of its session, and signs in anew the next time', async () => {
    const wrong = () => refused('NotAuthorizedException', 'Incorrect username or password.')
    const { authorized, calls } = scene([wrong, wrong, () => challenge('CUSTOM_CHALLENGE')])
    for (const code of ['NotAuthorizedException', 'NotAuthorizedException', 'CHALLENGE_UNANSWERED']) {
      expect(await errorOf(authorized(url))).toMatchObject({ code })
    }
    expect(calls).toHaveLength(0)
  })

  it('follows no redirect, whatever it is asked to, but may fail by one', async () => {
    const { authorized, calls } = scene([challenge('CUSTOM_CHALLENGE'), signedIn()], {
      onChallenge: (step, signIn) => signIn.respond(step as never, { answer: '1' } as never),
    })
    await authorized(url, { redirect: 'follow' })
    await authorized(url, { redirect: 'error' }).catch(() => {})
    // workerd knows no 'error'.
    const isKnown = await Promise.resolve()
      .then(() => new Request(url, { redirect: 'error' }))
      .then(
        () => true,
        () => false,
      )
    expect(calls.map(({ redirect }) => redirect)).toEqual(isKnown ? ['manual', 'error'] : ['manual'])
    expect(await messageOf(() => authorized('https://evil.example/'))).toBe(
      'ConfigurationError: authorizedFetch: expected a URL of one of "origins"; use fetch for others.',
    )
  })
})
