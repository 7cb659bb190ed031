import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AwsError, createPoolAdmin, isAwsError } from '../../../src/admin/index.ts'
import { createPace, getClock, type ThrottleWait } from '../../../src/aws/index.ts'
import { answer, credentials, errorOf, refusal, type Scripted, scripted } from '../../support/aws.ts'

const cut = () => new TypeError('fetch failed')
const user = { Username: 'alice', UserAttributes: [], Enabled: true, UserStatus: 'CONFIRMED' }
const read = (script: readonly Scripted[], options = {}) => {
  const scene = scripted(script, options)
  return { ...scene, result: scene.admin.call('AdminGetUser', { Username: 'alice' }) }
}
const write = (script: readonly Scripted[], options = {}) => {
  const scene = scripted(script, options)
  return { ...scene, result: scene.admin.call('AdminDisableUser', { Username: 'alice' }) }
}

describe('errors are decoded', () => {
  const uuid = '01234567-89ab-cdef-0123-456789abcdef'
  const html = '<html><body>Bad Gateway</body></html>'
  const xml =
    '<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error><RequestId>7</RequestId></ErrorResponse>'
  it.each<[string, Response, object]>([
    ['__type', refusal('UserNotFoundException'), { code: 'UserNotFoundException', status: 400 }],
    ['__type with a name space', refusal('com.amazonaws#UserNotFoundException'), { code: 'UserNotFoundException' }],
    ['__type with an address', refusal('UserNotFoundException:http://a.test/b#c'), { code: 'UserNotFoundException' }],
    [
      'the header',
      answer({}, 400, { 'x-amzn-errortype': 'UserNotFoundException:' }),
      { code: 'UserNotFoundException' },
    ],
    ['code', answer({ code: 'UserNotFoundException' }, 400), { code: 'UserNotFoundException' }],
    ['XML', new Response(xml, { status: 403 }), { code: 'AccessDenied', requestId: undefined, status: 403 }],
    ['HTML', new Response(html, { status: 403 }), { code: 'UnknownError', status: 403 }],
    ['nothing', new Response('', { status: 400 }), { code: 'UnknownError', status: 400 }],
    ['JSON, cut off', new Response('{"__type":"User', { status: 400 }), { code: 'UnknownError' }],
    ['JSON null', new Response('null', { status: 400 }), { code: 'UnknownError' }],
    ['a list', new Response('[]', { status: 400 }), { code: 'UnknownError' }],
    ['a number for a code', answer({ __type: 7 }, 400), { code: 'UnknownError' }],
    ['a code of other characters', answer({ __type: '<b>"\r\n' }, 400), { code: 'UnknownError' }],
    ['a redirect', new Response('', { status: 302, headers: { location: 'https://evil.test/' } }), { status: 302 }],
    ['a request id', refusal('XException', 400, { 'x-amzn-requestid': uuid }), { requestId: uuid }],
  ])('%s', async (_, response, expected) => {
    const { result, sent } = read([response])
    const error = await errorOf(result)
    expect(error).toBeInstanceOf(AwsError)
    expect(error).toMatchObject({
      operation: 'AdminGetUser',
      attempts: 1,
      outcome: 'failed',
      retryable: false,
      ...expected,
    })
    expect(sent).toHaveLength(1)
  })

  it('and tell which operation they are of', async () => {
    const error = await errorOf(read([refusal('UserNotFoundException')]).result)
    expect(isAwsError(error)).toBe(true)
    expect(isAwsError(error, 'AdminGetUser')).toBe(true)
    expect(isAwsError(error, 'AdminDeleteUser')).toBe(false)
    expect(isAwsError(new Error('AdminGetUser'), 'AdminGetUser')).toBe(false)
  })

  it('without a secret in them', async () => {
    const sessionToken = 'IQoJb3JpZ2luX2VjEXAMPLETOKEN'
    const message = `Value Hunter2!secret, mail@example.com, ${sessionToken} and ${credentials.secretAccessKey} are bad.
The Canonical String was x-amz-security-token:${sessionToken}`
    const { admin } = scripted([answer({ __type: 'InvalidParameterException', message }, 400)], {
      credentials: { ...credentials, sessionToken },
    })
    const attributes = { email: 'mail@example.com' }
    const input = { username: 'alice', temporaryPassword: 'Hunter2!secret', attributes }
    const error = await errorOf(admin.users.create(input))
    const text = `${(error as Error).stack}${JSON.stringify(error)}`
    for (const secret of ['Hunter2', 'mail@', 'IQoJ', 'wJalr', 'Canonical']) expect(text).not.toContain(secret)
    expect((error as Error).message).toBe('AdminCreateUser: InvalidParameterException, Value … and … are ….')
  })
})

describe('what a service echoes of a call', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text)
  const base64 = (text: string) => btoa(String.fromCharCode(...bytesOf(text)))
  const hex = (text: string) => Array.from(bytesOf(text), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const encodings: Record<string, (text: string) => string> = {
    verbatim: (text) => text,
    'in upper case': (text) => text.toUpperCase(),
    'in lower case': (text) => text.toLowerCase(),
    'as JSON': (text) => JSON.stringify(text),
    'as JSON twice': (text) => JSON.stringify(JSON.stringify(text)),
    'in ASCII': (text) => text.replace(/[^!-~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'in a URI': (text) => encodeURIComponent(text),
    'in a form': (text) => `${new URLSearchParams({ text })}`.slice(5),
    'in HTML': (text) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    'in numeric entities': (text) => [...text].map((c) => `&#x${c.codePointAt(0)?.toString(16)};`).join(''),
    'in base64': base64,
    'in base64url': (text) => base64(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    'in base64 twice': (text) => base64(base64(text)),
    'in hexadecimal': hex,
    reversed: (text) => [...text].reverse().join(''),
    'cut off': (text) => text.slice(0, -2),
    'without its start': (text) => text.slice(2),
    quoted: (text) => `'${text}'`,
    'letter by letter': (text) => [...text].join(' '),
    'with dashes': (text) => [...text].join('-'),
  }
  const secret = fc.oneof(
    fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }),
    fc.stringMatching(/^[A-Za-z]{2,6}[0-9]{2,4}[!?&<"'%+/= ][a-z]{2,6}$/),
    fc.stringMatching(/^[a-z]{8,20}$/),
    fc.constantFrom(
      'Hunter2!secret',
      'correct-horse & "battery"',
      '+441632960123',
      'mail+x@example.com',
      'süß€😀geheim',
    ),
  )
  /** All that an error shows: to people, to loggers, to JSON, and to those who look at each property. */
  const shown = (error: Error) =>
    [error.message, error.stack, String(error), JSON.stringify(error), ...Object.values(error).map(String)].join('\n')

  it.each(Object.entries(encodings))('is not repeated: %s', async (_, encode) => {
    await fc.assert(
      fc.asyncProperty(secret, fc.base64String({ minLength: 8 }), async (password, token) => {
        const echoes = [password, token].map(encode)
        const message = `Value ${echoes[0]} at 'temporaryPassword', token=${echoes[1]}, is invalid.`
        const requestId = echoes[1]?.replace(/[^!-~]/g, '') ?? ''
        const { admin } = scripted(
          [answer({ __type: 'InvalidParameterException', message }, 400, { 'x-amzn-requestid': requestId })],
          { credentials: { ...credentials, sessionToken: token } },
        )
        const input = { Username: 'a', TemporaryPassword: password, UserAttributes: [{ Name: 'name', Value: token }] }
        const error = (await errorOf(admin.call('AdminCreateUser', input))) as AwsError
        expect(error.message).toMatch(/^AdminCreateUser: InvalidParameterException(, |$)/)
        for (const part of echoes.flatMap((echo) => echo.split(/[\s"'(),.:;!?]+/))) {
          if (part.length > 5 && !isCommon(part)) expect(shown(error)).not.toContain(part)
        }
      }),
      { numRuns: 30 },
    )
  })

  /** Whether a part of a made-up secret is by chance a word that errors have anyway. */
  const isCommon = (part: string) =>
    /^(value|invalid|token|temporary|password|admincreateuser|error|false|failed|true|undefined|stack|node|modules?)$/i.test(
      part,
    )

  it('is not repeated as the code of an error', async () => {
    for (const code of ['Hunter2!secret', 'hunter', 'x', 'Hunter2Secret', 'a'.repeat(200)]) {
      const { result } = read([answer({ __type: code, message: 'no' }, 400)])
      expect(await errorOf(result)).toMatchObject({ code: 'UnknownError' })
    }
  })

  it.each<[string, Record<string, string>]>([
    ['CorrectHorseBattery', {}],
    ['correcthorsebatterY', { 'x-amzn-errortype': 'CorrectHorseBattery:http://a.test/' }],
    ['3F2504E0-4F89-41D3-9A0C-0305E82C3301', { 'x-amzn-requestid': '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }],
    ['my CorrectHorseBattery 1!', { 'x-amzn-errortype': 'CorrectHorseBattery' }],
    ['resource token', {}],
  ])('is not repeated where it is %s', async (password, headers) => {
    const __type = headers['x-amzn-errortype'] ?? (/^[a-z]+$/i.test(password) ? password : 'InvalidPasswordException')
    const message = `Not ${password.replace(' ', '  ')}.`
    const { admin } = scripted([new Response(JSON.stringify({ __type, message }), { status: 400, headers })])
    const error = (await errorOf(admin.users.setPassword('alice', password))) as Error
    const text = `${error.message}${JSON.stringify(error)}`.toLowerCase()
    for (const part of [password.toLowerCase(), 'correcthorse', 'resource', 'token']) expect(text).not.toContain(part)
  })

  it.each([
    ['User does not exist.', 'User does not exist.'],
    ['Incorrect username or password.', 'Incorrect username or password.'],
    ['Rate exceeded', 'Rate exceeded'],
    ['An account with the given email already exists.', 'An account with the given email already exists.'],
    ['Password did not conform with policy: Password must have uppercase characters', undefined],
    ['Attempt limit exceeded, please try after some time.', 'Attempt limit exceeded, please try … time.'],
    [
      "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must not be null",
      "… validation error detected: Value at 'username' failed to satisfy constraint: Member must not be …",
    ],
    [
      'User: arn:aws:iam::123456789012:user/x is not authorized to perform: cognito-idp:AdminGetUser on resource: y',
      'User: … is not authorized to perform: AdminGetUser on resource: …',
    ],
    ['The security token included in the request is expired', undefined],
    ['Hunter2!secret', ''],
  ])('leaves AWS its words: %s', async (message, expected = message) => {
    const { result } = read([answer({ __type: 'XException', message }, 400)])
    expect((await errorOf(result)) as Error).toMatchObject({
      message: `AdminGetUser: XException${expected && `, ${expected}`}`,
    })
  })
})

describe('a read is tried again', () => {
  it.each<[string, () => Scripted]>([
    ['a throttle of status 400', () => refusal('TooManyRequestsException')],
    ['ThrottlingException', () => refusal('ThrottlingException')],
    ['RequestLimitExceeded', () => refusal('RequestLimitExceeded')],
    ['SlowDown', () => refusal('SlowDown', 503)],
    ['status 429', () => new Response('', { status: 429 })],
    ['status 500', () => refusal('InternalErrorException', 500)],
    ['status 503, HTML', () => new Response('<html>', { status: 503 })],
    ['a cut connection', cut],
    ['an answer cut off', () => new Response('{"Username":"al')],
    ["a proxy's page of status 200", () => new Response('<html>')],
  ])('after %s', async (_, fault) => {
    const { result, sent, slept } = read([fault(), fault(), answer(user)])
    expect(await result).toEqual(user)
    expect(sent).toHaveLength(3)
    expect(slept).toEqual([1000, 2000])
  })

  it('three times in all', async () => {
    const { result, sent } = read([cut(), cut(), cut(), answer(user)])
    expect(await errorOf(result)).toMatchObject({
      code: 'NetworkError',
      attempts: 3,
      retryable: true,
      outcome: 'failed',
    })
    expect(sent).toHaveLength(3)
  })

  it.each([
    'LimitExceededException',
    'TooManyFailedAttemptsException',
    'NotAuthorizedException',
    'InvalidParameterException',
  ])('never after %s', async (code) => {
    const { result, sent } = read([refusal(code), answer(user)])
    expect(await errorOf(result)).toMatchObject({ code, attempts: 1 })
    expect(sent).toHaveLength(1)
  })

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'x-amz-retry-after': '1500' }, 1500],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 9000],
    [{ 'retry-after': 'nonsense' }, 1000],
  ])('not before %o', async (headers, milliseconds) => {
    const { result, slept } = read([refusal('TooManyRequestsException', 400, headers), answer(user)])
    await result
    expect(slept).toEqual([milliseconds])
  })

  it('not past the timeout', async () => {
    const late = refusal('TooManyRequestsException', 400, { 'retry-after': '30' })
    const { result, slept } = read([late, answer(user)])
    expect(await errorOf(result)).toMatchObject({
      code: 'TooManyRequestsException',
      throttled: true,
      retryAfter: 30,
    })
    expect(slept).toEqual([])
  })

  it('as long as the bucket of the client lasts', async () => {
    const { admin, sent } = scripted(Array.from({ length: 250 }, () => () => refusal('TooManyRequestsException')))
    const errors = []
    for (let call = 0; call < 60; call++) errors.push(await errorOf(admin.users.get('alice')))
    expect(errors.map((error) => (error as AwsError).attempts).indexOf(1)).toBe(50)
    expect(sent).toHaveLength(50 * 3 + 10)
  })

  it('until its timeout ends an answer that never comes', async () => {
    const { admin } = scripted([() => new Promise<Response>(() => {})])
    const error = await errorOf(admin.users.get('alice', { timeout: 0.02, attempts: 1 }))
    expect(error).toMatchObject({ code: 'TimeoutError', outcome: 'failed' })
  })

  it('not after its signal', async () => {
    const controller = new AbortController()
    const { admin, sent } = scripted([
      () => {
        controller.abort(new Error('enough'))
        return refusal('TooManyRequestsException')
      },
      answer(user),
    ])
    expect(await errorOf(admin.users.get('alice', { signal: controller.signal }))).toMatchObject({ message: 'enough' })
    expect(sent).toHaveLength(1)
    expect(await errorOf(admin.users.get('alice', { signal: controller.signal }))).toMatchObject({ message: 'enough' })
    expect(sent).toHaveLength(1)
  })
})

describe('a call whose timeout has passed', () => {
  const never = () => {
    throw new Error('sent')
  }

  it.each(['AdminGetUser', 'AdminDisableUser'] as const)('is not sent: %s', async (operation) => {
    const { admin, sent } = scripted([never])
    for (const timeout of [0, -1]) {
      const error = await errorOf(admin.call(operation, { Username: 'alice' }, { timeout }))
      expect(error).toMatchObject({ code: 'TimeoutError', outcome: 'failed', attempts: 0, retryable: true })
    }
    expect(sent).toHaveLength(0)
  })

  it('is not sent where the credentials took until then', async () => {
    const scene = scripted([never], {
      credentials: () => {
        scene.clock.now += 30_000
        return credentials
      },
    })
    expect(await errorOf(scene.admin.users.disable('alice'))).toMatchObject({
      code: 'TimeoutError',
      outcome: 'failed',
      attempts: 0,
    })
    expect(scene.sent).toHaveLength(0)
  })
})

describe('an answer of any length', () => {
  /** Chunks of 1 MB, and how many of them were asked for. */
  const long = (chunks: number) => {
    const asked = { chunks: 0 }
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (asked.chunks++ < chunks) controller.enqueue(new Uint8Array(1_000_000).fill(0x20))
          else controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return { asked, response: new Response(body) }
  }

  it('is read to 8 MB', async () => {
    const { asked, response } = long(8)
    await read([response]).result
    expect(asked.chunks).toBe(9)
  })

  it.each([9, 1000])('and no further, once: %i MB', async (chunks) => {
    const { asked, response } = long(chunks)
    const { result, sent } = read([response, answer(user)])
    const error = await errorOf(result)
    expect(error).toMatchObject({
      code: 'MalformedAnswer',
      cause: { message: expect.stringContaining('longer than 8 MB') },
    })
    expect(sent).toHaveLength(1)
    expect(asked.chunks).toBeLessThanOrEqual(10)
  })

  it('leaves open whether a write took effect', async () => {
    expect(await errorOf(write([long(20).response]).result)).toMatchObject({ outcome: 'unknown' })
  })

  it('may hold anything, its parts cut anywhere', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ Username: 'ä€😀' }))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(await read([new Response(body)]).result).toEqual({ Username: 'ä€😀' })
  })
})

describe('the pace of a piece of work', () => {
  const throttle = () => refusal('TooManyRequestsException')
  const paced = (script: readonly Scripted[]) => {
    const waits: ThrottleWait[] = []
    const scene = scripted(script)
    return { ...scene, waits, pace: createPace(getClock(scene.admin), (wait) => waits.push(wait)) }
  }

  it('waits throttles out until the timeout, whatever the attempts', async () => {
    const { admin, pace, sent, waits } = paced([...Array.from({ length: 12 }, () => throttle), answer(user)])
    await admin.users.get('alice', { pace, timeout: 600, attempts: 1 })
    expect(sent).toHaveLength(13)
    expect(waits.map(({ throttled }) => throttled)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
    expect(waits[0]).toEqual({ operation: 'AdminGetUser', throttled: 1, seconds: 1 })
    expect(Math.max(...waits.map(({ seconds }) => seconds))).toBe(10)
  })

  it('ends with the throttle at the timeout', async () => {
    const { admin, pace, clock } = paced(Array.from({ length: 100 }, () => throttle))
    const start = clock.now
    expect(await errorOf(admin.users.get('alice', { pace, timeout: 60 }))).toMatchObject({ throttled: true })
    expect(clock.now - start).toBeLessThanOrEqual(60_000)
  })

  it('never runs the retry budget of the client dry', async () => {
    const script = Array.from({ length: 300 }, () => [throttle, throttle, () => answer(user)]).flat()
    const { admin, pace } = paced([...script, throttle, answer(user)])
    for (let call = 0; call < 300; call++) await admin.users.get('alice', { pace, timeout: 600 })
    await admin.users.get('alice')
  })

  it('leaves other errors their limit', async () => {
    const script = [...Array.from({ length: 5 }, () => throttle), ...Array.from({ length: 9 }, () => cut())]
    const { admin, pace, sent } = paced(script)
    expect(await errorOf(admin.users.get('alice', { pace, timeout: 600 }))).toMatchObject({ code: 'NetworkError' })
    expect(sent).toHaveLength(8)
  })

  it('slows all calls down after a throttle, and lets them go again', async () => {
    const { admin, pace, slept } = paced([throttle, ...Array.from({ length: 60 }, () => () => answer(user))])
    for (let call = 0; call < 60; call++) await admin.users.get('alice', { pace })
    const [, ...between] = slept
    expect(Math.max(...between)).toBeGreaterThan(30)
    expect(between.length).toBeLessThan(15)
  })

  it('is slower after each throttle, and at most 2 s between calls', async () => {
    const { clock, pace, slept } = paced([])
    for (let time = 0; time < 50; time++) pace.slower('X', 1, 0)
    const { signal } = new AbortController()
    for (let call = 0; call < 3; call++) await pace.next(signal)
    expect(slept).toEqual([2000, 2000])
    expect(clock.now).toBe(Date.UTC(2026, 0, 1) + 4000)
  })

  it('waits as long as the service asks', async () => {
    const { admin, pace, slept } = paced([
      refusal('TooManyRequestsException', 400, { 'retry-after': '7' }),
      answer(user),
    ])
    await admin.users.get('alice', { pace })
    expect(slept).toEqual([7000])
  })
})

describe('a write', () => {
  it('is tried again after a throttle', async () => {
    const { result, sent } = write([refusal('TooManyRequestsException'), answer({})])
    expect(await result).toEqual({})
    expect(sent).toHaveLength(2)
  })

  it.each<[string, Scripted, string]>([
    ['a cut connection', cut(), 'NetworkError'],
    ['status 500', refusal('InternalErrorException', 500), 'InternalErrorException'],
    ['status 502, HTML', new Response('<html>', { status: 502 }), 'UnknownError'],
    ['an answer cut off', new Response('{"a":'), 'MalformedAnswer'],
  ])('is not repeated by `call` after %s', async (_, fault, code) => {
    const { result, sent } = write([fault, answer({})])
    expect(await errorOf(result)).toMatchObject({ code, outcome: 'unknown', retryable: false, attempts: 1 })
    expect(sent).toHaveLength(1)
  })

  it.each(['GetUserAttributeVerificationCode', 'GetTokensFromRefreshToken'] as const)(
    '%s is one',
    async (operation) => {
      const { admin, sent } = scripted([cut(), answer({})])
      const input = { AccessToken: 'a', AttributeName: 'email', RefreshToken: 'r', ClientId: 'c' }
      expect(await errorOf(admin.call(operation, input))).toMatchObject({ outcome: 'unknown' })
      expect(sent).toHaveLength(1)
    },
  )
})

describe('the clock', () => {
  const tenMinutes = 600_000
  const late = (now: number) =>
    refusal('InvalidSignatureException', 400, { date: new Date(now + tenMinutes).toUTCString() })

  it('is corrected once, by the server, and stays so', async () => {
    const scene = scripted([() => late(scene.clock.now), answer(user), answer(user)])
    await scene.admin.users.get('alice')
    await scene.admin.users.get('alice')
    expect(scene.sent.map(({ headers }) => headers.get('x-amz-date'))).toEqual([
      '20260101T000000Z',
      '20260101T001000Z',
      '20260101T001000Z',
    ])
  })

  it('is not behind every bad signature', async () => {
    const date = { date: new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString() }
    const { result, sent } = read([refusal('InvalidSignatureException', 400, date), answer(user)])
    expect(await errorOf(result)).toMatchObject({ code: 'InvalidSignatureException' })
    expect(sent).toHaveLength(1)
  })

  it('is not corrected twice in a call', async () => {
    const scene = scripted([() => late(scene.clock.now), () => late(scene.clock.now + tenMinutes), answer(user)])
    expect(await errorOf(scene.admin.users.get('alice'))).toMatchObject({ attempts: 2 })
  })
})

describe('credentials', () => {
  it('may have what other libraries put there', async () => {
    const more = { ...credentials, $source: { CREDENTIALS_CODE: 'e' }, accountId: '1', identityId: 'i' }
    await read([answer(user)], { credentials: more }).result
    await read([answer(user)], { credentials: async () => ({ ...more, anything: 1 }) }).result
  })

  const temporary = (number: number, expiration?: Date) => ({
    ...credentials,
    sessionToken: `session-${number}`,
    expiration,
  })

  it('are asked for once, and again before they expire', async () => {
    let asked = 0
    const scene = scripted(
      Array.from({ length: 3 }, () => () => answer(user)),
      { credentials: () => temporary(++asked, new Date(scene.clock.now + 3_600_000)) },
    )
    await scene.admin.users.get('alice')
    await scene.admin.users.get('alice')
    expect(asked).toBe(1)
    scene.clock.now += 3_400_000
    await scene.admin.users.get('alice')
    expect(asked).toBe(2)
    expect(scene.sent.map(({ headers }) => headers.get('x-amz-security-token'))).toEqual([
      'session-1',
      'session-1',
      'session-2',
    ])
  })

  it('are asked for once more when refused as expired', async () => {
    let asked = 0
    const expired = () => refusal('ExpiredTokenException')
    const { admin, sent } = scripted([expired, answer(user), expired, expired], {
      credentials: async () => temporary(++asked),
    })
    await admin.users.get('alice')
    expect(sent.map(({ headers }) => headers.get('x-amz-security-token'))).toEqual(['session-1', 'session-2'])
    expect(await errorOf(admin.users.get('alice'))).toMatchObject({ code: 'ExpiredTokenException', attempts: 2 })
    expect(asked).toBe(3)
  })

  it('of an object cannot be renewed', async () => {
    const { result, sent } = read([refusal('ExpiredTokenException'), answer(user)])
    expect(await errorOf(result)).toMatchObject({ code: 'ExpiredTokenException' })
    expect(sent).toHaveLength(1)
  })

  it('are renewed by each request itself, unless it shares a renewal', async () => {
    let asked = 0
    const wait = async () => {
      asked++
      await new Promise((resolve) => setTimeout(resolve, 5))
      return temporary(asked)
    }
    const answers = Array.from({ length: 6 }, () => () => answer(user))
    const apart = scripted(answers, { credentials: wait }).admin
    await Promise.all([1, 2, 3].map(() => apart.users.get('alice')))
    expect(asked).toBe(3)
    asked = 0
    const together = scripted(answers, { credentials: wait }).admin
    const renewal = {}
    await Promise.all([1, 2, 3].map(() => together.users.get('alice', { renewal })))
    expect(asked).toBe(1)
  })

  it('that cannot be had end the call with the reason', async () => {
    const credentials = async () => {
      throw new Error('no role')
    }
    expect(await errorOf(scripted([], { credentials }).admin.users.get('alice'))).toMatchObject({ message: 'no role' })
  })
})

describe('requests', () => {
  it('go unsigned where the operation is not signed', async () => {
    const { admin, sent } = scripted([answer({}), answer({})])
    await admin.call('ForgotPassword', { ClientId: 'c', Username: 'alice' })
    await admin.call('ListUserPools', { MaxResults: 60 })
    expect(sent.map(({ headers }) => headers.has('authorization'))).toEqual([false, true])
    expect(sent.map(({ input }) => input)).toEqual([{ ClientId: 'c', Username: 'alice' }, { MaxResults: 60 }])
  })

  it('name the pool, or the one that is given', async () => {
    const { admin, sent } = scripted([answer({}), answer({}), answer({})])
    await admin.call('AdminListDevices', { Username: 'alice' })
    await admin.call('AdminListDevices', { Username: 'alice', UserPoolId: undefined })
    await admin.call('AdminListDevices', { Username: 'alice', UserPoolId: 'eu-west-1_Other' })
    expect(sent.map(({ input }) => input['UserPoolId'])).toEqual([
      'eu-west-1_AbCdEfGhI',
      'eu-west-1_AbCdEfGhI',
      'eu-west-1_Other',
    ])
  })

  it.each([
    [{}, 'https://cognito-idp.eu-west-1.amazonaws.com/'],
    [{ fips: true }, 'https://cognito-idp-fips.eu-west-1.amazonaws.com/'],
    [{ region: 'us-gov-west-1' }, 'https://cognito-idp.us-gov-west-1.amazonaws.com/'],
    [{ endpoint: 'http://localhost:9229' }, 'http://localhost:9229/'],
  ])('go to the endpoint of %o', async (options, url) => {
    const { result, sent } = read([answer(user)], options)
    await result
    expect(sent.map((one) => one.url)).toEqual([url])
  })
})

it.each<[string, object, RegExp]>([
  ['no region', { userPoolId: 'local_x' }, /userPoolId/],
  ['an empty pool', { userPoolId: '', region: 'eu-west-1' }, /userPoolId/],
  ['a region that is a host', { region: 'evil.test/' }, /region/],
  ['an endpoint that is none', { endpoint: 'nowhere' }, /endpoint/],
  ['an endpoint of another scheme', { endpoint: 'file:///etc' }, /endpoint/],
  ['FIPS with an endpoint', { endpoint: 'http://localhost', fips: true }, /fips/],
  ['no secret key', { credentials: { accessKeyId: 'a', secretAccessKey: '' } }, /credentials/],
  ['no attempts', { retry: { attempts: 0 } }, /retry/],
  ['no time', { retry: { timeout: Number.NaN } }, /retry/],
  ['a misspelt option', { attributMap: {} }, /unknown option "attributMap"; did you mean "attributeMap"\?/],
  ['a misspelt limit', { retry: { attempt: 3 } }, /retry: unknown option "attempt"; did you mean "attempts"\?/],
  ['a misspelt member of credentials', { credentials: { ...credentials, sessiontoken: 'x' } }, /"sessionToken"\?/],
  ['two names of one attribute', { attributeMap: { a: 'custom:x', b: 'custom:x' } }, /attributeMap/],
])('%s is refused at construction', (_, options, message) => {
  const create = () => createPoolAdmin({ userPoolId: 'eu-west-1_AbCdEfGhI', credentials, ...options })
  expect(create).toThrow(message)
  expect(create).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
})
