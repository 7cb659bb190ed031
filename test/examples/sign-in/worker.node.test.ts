import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { totp } from '../../sign-in/totp.ts'
import { password, type RunningWorker, startWorker } from './running-worker.ts'

const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

let worker: RunningWorker

/** A browser: it keeps cookies, and says where its requests come from. */
function createBrowser(at: RunningWorker = worker) {
  const jar = new Map<string, string>()
  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = {
      ...{ 'sec-fetch-site': 'same-origin', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    }
    const init = body === undefined ? { headers: sent } : { method: 'POST', body: JSON.stringify(body), headers: sent }
    const response = await at.miniflare.dispatchFetch(`https://app.test${path}`, init)
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
  worker = await startWorker({
    groups: { editor: {} },
    users: {
      alice: { password, groups: ['editor'] },
      bob: { password, totpSecret, mfa: ['SOFTWARE_TOKEN_MFA'] },
      mia: { password, email: 'mia@x.test', mfa: ['EMAIL_OTP'] },
      sam: { password, attributes: { phone_number: '+15555550123' }, mfa: ['SMS_MFA'] },
      off: { password, enabled: false },
      fresh: { password, status: 'FORCE_CHANGE_PASSWORD' },
      unconfirmed: { password, status: 'UNCONFIRMED', email: 'u@x.test' },
      reset: { password, status: 'RESET_REQUIRED' },
      two: { password, email: 'two@x.test', attributes: { phone_number: '+15555550199' } },
      tom: { password },
    },
    verifySignature: false,
  })
}, 60_000)

afterAll(() => worker?.miniflare.dispose())

describe('the sign-in example, in workerd', () => {
  it('serves its page with a policy that lets no other script run', async () => {
    const { response, text } = await createBrowser().call('/')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'.*script-src 'nonce-[0-9a-f-]{36}'/)
    const nonce = /nonce-([0-9a-f-]+)/.exec(`${policy}`)?.[1]
    expect([...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      `<script nonce="${nonce}" type="module">`,
    ])
    expect((await createBrowser().call('/')).text).not.toContain(nonce)
    expect(text).toContain('name="viewport"')
    expect(text).toContain('href="/codes?a=1&#38;b=&#34;2&#34;"')
  })

  it('keeps the step and the token in cookies that no script reads and no other site sends', async () => {
    const first = await createBrowser().call('/sign-in', { username: 'bob', password })
    const last = await createBrowser().call('/sign-in', { username: 'alice', password })
    const cookies = [...first.response.headers.getSetCookie(), ...last.response.headers.getSetCookie()]
    expect(cookies.map((one) => one.split('=')[0])).toEqual([
      ...['__Host-step', '__Host-browser', '__Host-access', '__Host-step'],
    ])
    for (const one of cookies) expect(one).toMatch(/; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/)
    expect(first.text + last.text).not.toMatch(/eyJ|session/i)
    expect(first.response.headers.get('cache-control')).toBe('no-store')
  })

  it('signs in with a password, into a cookie that the guard reads', async () => {
    const { call, jar } = createBrowser()
    expect((await call('/me')).status).toBe(401)
    expect((await call('/sign-in', { username: 'alice', password })).body).toEqual({ status: 'signed-in' })
    expect((await call('/me')).body).toEqual({ username: 'alice', permissions: { 'posts.write': true } })
    expect((await call('/step')).body).toEqual({ status: 'signed-out' })
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
    expect((await stolen.call('/step')).body).toEqual({ status: 'signed-out' })
    expect((await call('/step')).body).toEqual({ status: 'challenge', challenge: 'SOFTWARE_TOKEN_MFA' })
    expect((await call('/respond', { code })).body).toEqual({ status: 'signed-in' })
  })

  it.each([
    ['mia', 'EMAIL_OTP', 'm***@x***'],
    ['sam', 'SMS_MFA', '+*******0123'],
  ])('sends %s a code (%s), and signs in with it once', async (username, challenge, destination) => {
    const { call } = createBrowser()
    const { body } = await call('/sign-in', { username, password })
    expect(body).toEqual({ status: 'challenge', challenge, destination })
    const code = `${worker.pool.outbox.at(-1)?.code}`
    const wrong = code === '000000' ? '000001' : '000000'
    expect((await call('/respond', { code: wrong })).body).toEqual({ status: 401, code: 'CODE_WRONG' })
    expect((await call('/respond', { code })).body).toEqual({ status: 'signed-in' })
    expect((await call('/respond', { code })).body).toEqual({ status: 401, code: 'STEP_INVALID' })
  })

  it('lets one of ten answers at once sign in', async () => {
    const { call } = createBrowser()
    await call('/sign-in', { username: 'mia', password })
    const code = `${worker.pool.outbox.at(-1)?.code}`
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('/respond', { code })))
    expect(answers.filter(({ body }) => body.status === 'signed-in')).toHaveLength(1)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ text }) => text))).toEqual(
      new Set(['{"status":401,"code":"SIGN_IN_REFUSED"}']),
    )
  })

  it('asks which factor, where there are several', async () => {
    const { userPoolId } = worker.pool.settings
    await worker.pool.fetch(`${worker.pool.endpoint}/`, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.AdminSetUserMFAPreference' },
      body: JSON.stringify({
        ...{ UserPoolId: userPoolId, Username: 'two' },
        ...{ SMSMfaSettings: { Enabled: true }, EmailMfaSettings: { Enabled: true } },
      }),
    })
    const { call } = createBrowser()
    const { body } = await call('/sign-in', { username: 'two', password })
    expect(body).toEqual({ status: 'challenge', challenge: 'SELECT_MFA_TYPE', choices: ['SMS_MFA', 'EMAIL_OTP'] })
    expect((await call('/respond', { choice: 'EMAIL_OTP' })).body).toMatchObject({ challenge: 'EMAIL_OTP' })
    const code = `${worker.pool.outbox.at(-1)?.code}`
    expect((await call('/respond', { code })).body).toEqual({ status: 'signed-in' })
  })

  it('sets an app up during sign-in, with a QR code, and asks for its code from then on', async () => {
    const strict = await startWorker({
      users: { ann: { password } },
      mfaRequired: true,
      mfaMethods: ['SOFTWARE_TOKEN_MFA'],
    })
    try {
      const { call } = createBrowser(strict)
      const { body } = await call('/sign-in', { username: 'ann', password })
      expect(body).toMatchObject({ challenge: 'MFA_SETUP', choices: ['SOFTWARE_TOKEN_MFA'] })
      expect(body.uri).toBe(`otpauth://totp/cognigate%20example:ann?secret=${body.secret}&issuer=cognigate%20example`)
      expect(body.qr).toMatch(/^<svg /)
      expect((await call('/respond', { code: '000000' })).body).toMatchObject({ code: 'CODE_WRONG' })
      const code = await totp(body.secret, Date.now())
      expect((await call('/respond', { code })).body).toEqual({ status: 'signed-in' })
      const again = await createBrowser(strict).call('/sign-in', { username: 'ann', password })
      expect(again.body).toEqual({ status: 'challenge', challenge: 'SOFTWARE_TOKEN_MFA' })
    } finally {
      await strict.miniflare.dispose()
    }
  })

  it('sets an app up for a user who is signed in', async () => {
    const { call } = createBrowser()
    expect((await call('/mfa/set-up', {})).status).toBe(401)
    await call('/sign-in', { username: 'tom', password })
    const { body } = await call('/mfa/set-up', {})
    expect((await call('/mfa/verify', { code: '000000' })).body).toMatchObject({ code: 'CODE_WRONG' })
    const code = await totp(body.secret, Date.now())
    expect((await call('/mfa/verify', { code })).body).toEqual({ status: 'mfa-on' })
    expect((await createBrowser().call('/sign-in', { username: 'tom', password })).body).toMatchObject({
      challenge: 'SOFTWARE_TOKEN_MFA',
    })
  })

  it('takes the attributes that are missing with a new password', async () => {
    const other = await startWorker({
      users: { fresh: { password, status: 'FORCE_CHANGE_PASSWORD' } },
      requiredAttributes: ['email'],
    })
    try {
      const { call } = createBrowser(other)
      const { body } = await call('/sign-in', { username: 'fresh', password })
      expect(body).toEqual({ status: 'challenge', challenge: 'NEW_PASSWORD_REQUIRED', attributes: ['email'] })
      expect((await call('/respond', { password: 'short' })).body).toMatchObject({ code: 'PASSWORD_TOO_WEAK' })
      const answer = { password: 'Another-Horse-2', email: 'f@x.test' }
      expect((await call('/respond', answer)).body).toEqual({ status: 'signed-in' })
    } finally {
      await other.miniflare.dispose()
    }
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
    const code = () => `${worker.pool.outbox.at(-1)?.code}`
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
    for (const username of ['nobody', 'alice', 'bob', 'off', 'fresh', 'unconfirmed', 'reset', 'mia']) {
      answers.push(await createBrowser().call('/sign-in', { username, password: 'Wrong-Horse-7' }))
    }
    for (const username of ['off', 'reset'])
      answers.push(await createBrowser().call('/sign-in', { username, password }))
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"status":401,"code":"SIGN_IN_REFUSED"}']))
    expect(new Set(answers.map(({ response }) => response.headers.getSetCookie().length))).toEqual(new Set([0]))
  })

  it.each<[string, object]>([
    ['/forgot', {}],
    ['/resend', {}],
    ['/confirm', { code: '000000' }],
    ['/forgot/confirm', { code: '000000', password }],
    ['/forgot/confirm', { code: '000000', password: 'weak' }],
    ['/sign-up', { password, email: 'x@x.test' }],
    ['/sign-up', { password: 'weak', email: 'x@x.test' }],
    ['/sign-up', { password, email: '' }],
  ])('does not tell at %s who exists, with %j', async (path, body) => {
    const answers = []
    for (const username of [`new${path.length}`, 'alice', 'mia', 'off', 'fresh', 'unconfirmed', 'reset', 'sam']) {
      const { status, text } = await createBrowser().call(path, { username, ...body })
      answers.push(`${status} ${text}`)
    }
    expect(new Set(answers)).toHaveLength(1)
  })

  it('does not tell who has asked for codes too often', async () => {
    const texts = []
    for (let count = 0; count < 30; count++) {
      for (const username of ['mia', 'nobody']) {
        texts.push((await createBrowser().call('/forgot', { username })).text)
      }
    }
    expect(new Set(texts)).toEqual(new Set(['{"status":"code-sent"}']))
    const guesses = []
    for (let count = 0; count < 30; count++) {
      for (const username of ['mia', 'nobody']) {
        const guess = { username, code: '000000', password: 'Another-Horse-2' }
        guesses.push((await createBrowser().call('/forgot/confirm', guess)).text)
      }
    }
    expect(new Set(guesses)).toEqual(new Set(['{"status":401,"code":"RESET_REFUSED"}']))
  })

  it('asks everybody for a passkey, also those who have none', async () => {
    const shapes = []
    for (const username of ['nobody', 'alice', 'off', 'unconfirmed']) {
      const { call, jar } = createBrowser()
      const { body } = await call('/sign-in/passkey', { username })
      const again = (await createBrowser().call('/sign-in/passkey', { username })).body
      expect(again.options.allowCredentials).toEqual(body.options.allowCredentials)
      expect(again.options.challenge).not.toBe(body.options.challenge)
      shapes.push({
        ...body,
        options: { ...body.options, challenge: '', allowCredentials: body.options.allowCredentials.length },
        cookies: [...jar.keys()],
      })
      const credential = { id: body.options.allowCredentials[0].id, type: 'public-key', response: {} }
      expect((await call('/respond', { credential })).body).toEqual({ status: 401, code: 'SIGN_IN_REFUSED' })
    }
    for (const shape of shapes) expect(shape).toEqual(shapes[0])
  })

  it.each<[string, unknown, Record<string, string>, number]>([
    ['another site', { username: 'alice', password }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sister site', { username: 'alice', password }, { 'sec-fetch-site': 'same-site' }, 403],
    [
      'another site that names this one',
      { username: 'alice', password },
      { 'sec-fetch-site': 'cross-site', origin: 'https://app.test' },
      403,
    ],
    ['text of another type', { username: 1, password }, {}, 400],
    ['more than 64 kB', { username: 'a'.repeat(70_000), password }, {}, 400],
    ['no object', [1], {}, 400],
    ['no JSON', { username: 'alice' }, { 'content-type': 'text/plain' }, 400],
    ['a lone surrogate', { username: 'alice', password: '\ud800' }, {}, 400],
  ])('refuses %s', async (_name, body, headers, status) => {
    expect((await createBrowser().call('/sign-in', body, headers)).status).toBe(status)
  })

  it.each<[string | undefined, number]>([
    ['https://app.test', 200],
    ['https://app.test.evil.test', 403],
    ['null', 403],
    [undefined, 403],
  ])('goes by Origin where a browser sends no Sec-Fetch-Site: %s', async (origin, status) => {
    const headers = { 'content-type': 'application/json', ...(origin !== undefined && { origin }) }
    const body = JSON.stringify({ username: 'alice', password })
    const sent = await worker.miniflare.dispatchFetch('https://app.test/sign-in', { method: 'POST', headers, body })
    expect(sent.status).toBe(status)
  })

  it('says so when Cognito does not answer, and repeats no words of its', async () => {
    worker.pool.fail('InitiateAuth', { error: 'InternalErrorException', status: 500, message: 'alice is here' })
    worker.pool.fail('ForgotPassword', { error: 'InternalErrorException', status: 500, message: 'alice is here' })
    for (const path of ['/sign-in', '/sign-in/passkey', '/forgot']) {
      const { text } = await createBrowser().call(path, { username: 'alice', password })
      expect([path, text]).toEqual([path, '{"status":503,"code":"UNAVAILABLE"}'])
    }
    worker.pool.recover()
  })
})
