import { beforeAll, describe, expect, it } from 'vitest'
import { amplifyCookies, ConfigurationError, cookie, createGuard, defineGroups } from '../../src/index.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  idClaims,
  sign,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.write'] }, admin: { allow: ['*'] } })

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const settings = () => new TestIssuer(key).settings
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )
/** A stand-in, since some runtimes drop header fields that only browsers may set, and refuse odd methods. */
const incoming = (headers: Record<string, string>, method = 'GET') =>
  ({ method, url: 'https://app.example/posts', headers: new Headers(headers) }) as Request

describe('groups', () => {
  it('that no map knows are refused also where there is no map', async () => {
    const guard = createGuard({ ...settings(), unknownGroups: 'refuse' })
    expect(await codeOf(guard.verify(token))).toBe('GROUP_UNKNOWN')
    const nobody = await sign(key, accessClaims({ 'cognito:groups': undefined }))
    expect(await codeOf(guard.verify(nobody))).toBe('accepted')
  })

  it('of federated users, which Cognito itself makes, are known', async () => {
    const guard = createGuard({ ...settings(), groups, unknownGroups: 'refuse' })
    const member = async (...names: string[]) =>
      codeOf(guard.verify(await sign(key, accessClaims({ 'cognito:groups': names }))))
    for (const provider of ['Google', 'SignInWithApple', 'my-saml_provider', 'LoginWithAmazon']) {
      expect(await member('editor', `${userPoolId}_${provider}`)).toBe('accepted')
    }
    for (const name of [
      `eu-west-1_Another11_Google`,
      `${userPoolId}`,
      `${userPoolId}_`,
      `${userPoolId}Google`,
      `x${userPoolId}_Google`,
      `${userPoolId.toLowerCase()}_Google`,
    ]) {
      expect(await member('editor', name)).toBe('GROUP_UNKNOWN')
    }
    // Known is not trusted: such a group grants nothing that the map does not say.
    const federated = await guard.verify(await sign(key, accessClaims({ 'cognito:groups': [`${userPoolId}_Google`] })))
    expect(guard.can(federated, 'posts.write')).toBe(false)
  })

  it('are known if one of many maps knows them', () => {
    const { userPoolId, clientId, ...rest } = settings()
    const other = { userPoolId: 'us-east-1_OtherPool', clientId: 'other', groups: defineGroups({ buyer: {} }) }
    const guard = createGuard<string, string>({ ...rest, pools: [{ userPoolId, clientId, groups }, other] })
    expect(['editor', 'buyer', 'nobody'].map((name) => guard.adapter.knowsGroup(name))).toEqual([true, true, false])
    expect(['posts.write', 'posts.read'].map((fn) => guard.adapter.knowsPermission(fn))).toEqual([true, false])
  })

  it('by `resolveGroups` are new where one of several is another', async () => {
    let answer = ['editor', 'viewer']
    const guard = createGuard({ ...settings(), groups, resolveGroups: () => answer })
    const first = await guard.authenticate(bearerRequest(token))
    expect(guard.can(first, 'posts.write')).toBe(true)
    for (const next of [['editor', 'admin'], ['editor'], ['viewer', 'editor'], []]) {
      answer = next
      expect((await guard.authenticate(bearerRequest(token))).groups).toEqual(next)
    }
    expect(first.groups).toEqual(['editor', 'viewer'])
  })
})

describe('scopes', () => {
  it('are asked of the access token of two, and not of the ID token', async () => {
    const tokens = { idToken: await sign(key, idClaims()), accessToken: token }
    const may = createGuard({ ...settings(), scopes: ['aws.cognito.signin.user.admin'] })
    expect((await may.verifyTokens(tokens)).id.tokenUse).toBe('id')
    const mayNot = createGuard({ ...settings(), scopes: ['posts/write'] })
    expect(await codeOf(mayNot.verifyTokens(tokens))).toBe('SCOPE_REQUIRED')
  })
})

describe('a cookie', () => {
  const guard = () => createGuard({ ...settings(), tokenSource: cookie('t') })

  it.each([
    ['FORGET', 'CROSS_SITE_REQUEST'],
    ['GETALL', 'CROSS_SITE_REQUEST'],
    ['get', 'CROSS_SITE_REQUEST'],
    ['TRACE', 'accepted'],
  ])('on %s', async (method, expected) => {
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${token}` }, method)))).toBe(expected)
  })

  it('keeps what is behind a second equals sign', async () => {
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${token}=` })))).toBe('TOKEN_MALFORMED')
    const [header, payload, signature] = token.split('.')
    const split = `${header}.${payload}.=${signature}`
    expect(await codeOf(guard().authenticate(incoming({ cookie: `t=${split}` })))).toBe('TOKEN_MALFORMED')
  })

  it('is the first of two that were issued in the same second', async () => {
    const other = await sign(key, accessClaims({ jti: 'another' }))
    const one = guard()
    for (const [first, second] of [
      [token, other],
      [other, token],
    ]) {
      const request = incoming({ cookie: `t=${first}; t=${second}` })
      expect(one.tokenOf(await one.authenticate(request))).toBe(first)
    }
  })
})

describe("Amplify's cookies", () => {
  const prefix = `CognitoIdentityServiceProvider.${clientId}`
  const cookies = (kind: string, jwt: string, user = 'alice') =>
    incoming({ cookie: `${prefix}.LastAuthUser=alice; ${prefix}.${user}.${kind}=${jwt}` })

  it('are the access token of the last user', async () => {
    const guard = createGuard({ ...settings(), tokenSource: amplifyCookies() })
    expect(await codeOf(guard.authenticate(cookies('accessToken', token)))).toBe('accepted')
    expect(await codeOf(guard.authenticate(cookies('idToken', token)))).toBe('TOKEN_MISSING')
    expect(await codeOf(guard.authenticate(cookies('accessToken', token, 'bob')))).toBe('TOKEN_MISSING')
  })

  it('are the ID token, where that is asked for', async () => {
    const idToken = await sign(key, idClaims())
    const guard = createGuard({ ...settings(), tokenUse: 'id', tokenSource: amplifyCookies() })
    expect(await codeOf(guard.authenticate(cookies('idToken', idToken)))).toBe('accepted')
    expect(await codeOf(guard.authenticate(cookies('accessToken', idToken)))).toBe('TOKEN_MISSING')
  })

  it('give way to an Authorization header', async () => {
    const guard = createGuard({ ...settings(), tokenSource: amplifyCookies() })
    const headers = { cookie: `${prefix}.LastAuthUser=alice; ${prefix}.alice.accessToken=junk` }
    expect(await codeOf(guard.authenticate(incoming({ ...headers, authorization: `Bearer ${token}` })))).toBe(
      'accepted',
    )
  })

  it('cannot be read where any client is accepted', async () => {
    const guard = createGuard({ ...settings(), clientId: null, tokenSource: amplifyCookies() })
    await expect(guard.authenticate(cookies('accessToken', token))).rejects.toBeInstanceOf(ConfigurationError)
    await expect(guard.authenticate(incoming({}))).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe('what a token source leaves', () => {
  it('may be nothing', async () => {
    const guard = createGuard({
      ...settings(),
      userPoolId,
      tokenSource: (_request, { setCookies }) => {
        setCookies([])
        return token
      },
    })
    const request = incoming({})
    await guard.authenticate(request)
    const response = new Response('x')
    expect(guard.adapter.commit(request, response)).toBe(response)
  })
})
