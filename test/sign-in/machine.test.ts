import { describe, expect, it } from 'vitest'
import { clientCredentials, clientToken } from '../../src/sign-in/index.ts'
import { answer, errorOf } from '../support/aws.ts'
import { userPoolId } from './scripted.ts'

const options = { clientId: 'c', clientSecret: 'a+b_c', now: () => 1_000_000, scopes: ['orders/read', 'orders/write'] }
const domain = 'https://auth.example.com'

/** Answers once, and keeps the request. */
function once(response: Response) {
  const sent: Request[] = []
  const fetch = async (request: Request) => {
    sent.push(request)
    return response
  }
  return { sent, fetch }
}

describe('tokens of machines', () => {
  it('come from the token endpoint, with the secret in the body', async () => {
    const { sent, fetch } = once(answer({ access_token: 't', expires_in: 3600 }))
    expect(
      await clientCredentials({
        ...options,
        domain: `${domain}/`,
        fetch,
        resource: 'https://api',
        clientMetadata: { a: 'b' },
      }),
    ).toEqual({
      ...{ accessToken: 't', expiresIn: 3600, expiresAt: 4600 },
    })
    expect(sent[0]?.url).toBe(`${domain}/oauth2/token`)
    expect(sent[0]?.headers.has('authorization')).toBe(false)
    expect(Object.fromEntries(new URLSearchParams(await sent[0]?.text()))).toEqual({
      ...{ grant_type: 'client_credentials', client_id: 'c', client_secret: 'a+b_c', resource: 'https://api' },
      ...{ scope: 'orders/read orders/write', aws_client_metadata: '{"a":"b"}' },
    })
  })

  it('come from GetClientToken', async () => {
    const { sent, fetch } = once(answer({ ClientAuthenticationResult: { AccessToken: 't', ExpiresIn: 60 } }))
    expect(await clientToken({ ...options, userPoolId, fetch })).toEqual({
      accessToken: 't',
      expiresIn: 60,
      expiresAt: 1060,
    })
    expect(await sent[0]?.json()).toEqual({ ClientId: 'c', Secret: 'a+b_c', Scopes: options.scopes })
  })

  it.each<[string, Response, string, string | undefined]>([
    ['a refusal', answer({ error: 'invalid_client' }, 400), 'CLIENT_REFUSED', 'invalid_client'],
    ['a refusal that echoes', answer({ error: 'a+b_c' }, 400), 'CLIENT_REFUSED', 'HTTP status 400'],
    ['a page', new Response('<html>', { status: 403 }), 'CLIENT_REFUSED', 'HTTP status 403'],
    ['a redirect', new Response(null, { status: 302 }), 'ANSWER_MALFORMED', undefined],
    ['a fault', new Response('x', { status: 500 }), 'ANSWER_MALFORMED', undefined],
    ['no token', answer({}), 'ANSWER_MALFORMED', undefined],
    ['1 MB', new Response('x'.repeat(1_000_000)), 'ANSWER_MALFORMED', undefined],
  ])('are refused for %s, without the secret in the error', async (_name, response, code, cause) => {
    const { fetch } = once(response)
    const error = (await errorOf(clientCredentials({ ...options, domain, fetch }))) as Error
    expect(error).toMatchObject({ name: 'SignInError', code })
    expect((error.cause as Error | undefined)?.message).toBe(cause)
    expect(String(error)).not.toContain('a+b_c')
  })

  it.each([
    { domain: 'http://auth.example.com' },
    { domain: 'auth.example.com' },
    { clientSecret: '' },
    { scope: 'x' },
  ])('are not asked for with %j', async (wrong) => {
    const { sent, fetch } = once(answer({}))
    expect(await errorOf(clientCredentials({ ...options, domain, fetch, ...wrong }))).toMatchObject({
      code: 'CONFIGURATION',
    })
    expect(sent).toHaveLength(0)
  })
})
