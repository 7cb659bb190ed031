import { convertV4MiniflareOptions, Response as EdgeResponse, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../examples/playground/bundle.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { totp } from '../sign-in/totp.ts'

const password = 'Correct-Horse-1'
const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

let pool: LocalPool
let miniflare: Miniflare

/** A browser: it keeps cookies, and says where its requests come from. */
function createBrowser() {
  const jar = new Map<string, string>()
  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = {
      ...{ 'sec-fetch-site': 'same-origin', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    }
    const init = body === undefined ? { headers: sent } : { method: 'POST', body: JSON.stringify(body), headers: sent }
    const response = await miniflare.dispatchFetch(`https://app.test${path}`, init)
    for (const one of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    const text = await response.text()
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined, response }
  }
  return { jar, call }
}

beforeAll(async () => {
  pool = await createLocalPool({
    groups: { editor: {} },
    users: {
      alice: { password, groups: ['editor'] },
      bob: { password, totpSecret, mfa: ['SOFTWARE_TOKEN_MFA'] },
      off: { password, enabled: false },
      fresh: { password, status: 'FORCE_CHANGE_PASSWORD' },
    },
    clientId: '4p8m2k7c1v9x3t6r5n0q8h2b7d',
    clients: [{ clientId: '4p8m2k7c1v9x3t6r5n0q8h2b7d', hideUnknownUsers: true }],
  })
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      modules: true,
      script: await bundle('examples/sign-in/worker.ts', ['workerd', 'worker']),
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        COGNITO_USER_POOL_ID: pool.settings.userPoolId,
        COGNITO_CLIENT_ID: pool.settings.clientId,
        STEP_SECRET: 'a secret of 32 characters or more',
      },
      outboundService: async (request) => {
        const response = await pool.fetch(request)
        return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
      },
    }),
  )
  await miniflare.ready
}, 60_000)

afterAll(() => miniflare?.dispose())

describe('the sign-in example, in workerd', () => {
  it('serves its page with a policy that lets no other script run', async () => {
    const { response, text } = await createBrowser().call('/')
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'nonce-/)
    expect(text).toContain('name="viewport"')
  })

  it('signs in with a password, into a cookie that the guard reads', async () => {
    const { call, jar } = createBrowser()
    expect((await call('/me')).status).toBe(401)
    expect((await call('/sign-in', { username: 'alice', password })).body).toEqual({ status: 'signed-in' })
    expect((await call('/me')).body).toEqual({ username: 'alice', permissions: { 'posts.write': true } })
    await call('/sign-out', {})
    expect([...jar.keys()]).toEqual([])
  })

  it('asks for the second factor with a step that stands sealed in a cookie', async () => {
    const { call, jar } = createBrowser()
    const { body } = await call('/sign-in', { username: 'bob', password })
    expect(body).toEqual({ status: 'challenge', challenge: 'SOFTWARE_TOKEN_MFA' })
    expect((await call('/respond', { code: '000000' })).body).toMatchObject({ status: 401, code: 'CODE_WRONG' })
    const stolen = createBrowser()
    stolen.jar.set('__Host-step', `${jar.get('__Host-step')}`)
    const code = await totp(totpSecret, Date.now())
    expect((await stolen.call('/respond', { code })).body).toMatchObject({ code: 'STEP_INVALID' })
    expect((await call('/respond', { code })).body).toEqual({ status: 'signed-in' })
  })

  it('takes a new password in place of a temporary one', async () => {
    const { call } = createBrowser()
    expect((await call('/sign-in', { username: 'fresh', password })).body).toMatchObject({
      challenge: 'NEW_PASSWORD_REQUIRED',
    })
    expect((await call('/respond', { password: 'Another-Horse-2' })).body).toEqual({ status: 'signed-in' })
  })

  it('signs up, confirms, and sets a forgotten password', async () => {
    const { call } = createBrowser()
    const code = () => `${pool.outbox.at(-1)?.code}`
    await call('/sign-up', { username: 'carol', password, email: 'carol@x.test' })
    expect((await call('/confirm', { username: 'carol', code: code() })).body).toEqual({ status: 'confirmed' })
    expect((await call('/forgot', { username: 'carol' })).body).toEqual({ status: 'code-sent' })
    const next = { username: 'carol', code: code(), password: 'Another-Horse-2' }
    expect((await call('/forgot/confirm', next)).body).toEqual({ status: 'password-set' })
    expect((await call('/sign-in', { username: 'carol', password: 'Another-Horse-2' })).body).toEqual({
      status: 'signed-in',
    })
  })

  it('does not tell unknown users, wrong passwords and disabled users apart', async () => {
    const answers = []
    for (const username of ['nobody', 'alice', 'off']) {
      answers.push((await createBrowser().call('/sign-in', { username, password: 'Wrong-Horse-7' })).text)
    }
    expect(new Set(answers)).toEqual(new Set(['{"status":401,"code":"SIGN_IN_REFUSED"}']))
    for (const path of ['/forgot', '/resend', '/sign-up']) {
      const body = (username: string) => ({ username, password, email: 'x@x.test' })
      const [known, unknown] = [
        await createBrowser().call(path, body('alice')),
        await createBrowser().call(path, body(`new-${path.length}`)),
      ]
      expect([known.status, known.text]).toEqual([unknown.status, unknown.text])
    }
  })

  it.each<[string, unknown, Record<string, string>, number]>([
    ['another site', { username: 'alice', password }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['no object', [1], {}, 400],
    ['no JSON', { username: 'alice' }, { 'content-type': 'text/plain' }, 400],
    ['a lone surrogate', { username: 'alice', password: '\ud800' }, {}, 400],
  ])('refuses %s', async (_name, body, headers, status) => {
    expect((await createBrowser().call('/sign-in', body, headers)).status).toBe(status)
  })
})
