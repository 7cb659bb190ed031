import { beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createLocalPool, createLocalWorld, type FaultOptions, type LocalPool } from '../../src/testing/index.ts'
import { call, createSeededBytes, requestFor } from './support.ts'

let pool: LocalPool
let jwks: () => Promise<Response>

beforeEach(async () => {
  pool = await createLocalPool({ groups: ['viewer'], users: ['alice'], randomBytes: createSeededBytes() })
  jwks = () => pool.fetch(new Request(`${pool.issuer}/.well-known/jwks.json`))
})

describe('a fault of the key set', () => {
  it.each<[string, FaultOptions, number, string]>([
    ['without options', {}, 500, '{"code":"InternalErrorException","message":"A fault was ordered."}'],
    ['with a status', { status: 404 }, 404, ''],
    ['with HTML', { body: '<html>', headers: { 'content-type': 'text/html' } }, 200, '<html>'],
    ['with an empty body', { body: '' }, 200, ''],
    ['with an object', { body: { keys: {} } }, 200, '{"keys":{}}'],
    ['with bytes', { body: new Uint8Array([0x7b]), status: 503 }, 503, '{'],
    ['with a redirect', { status: 302, headers: { location: 'https://example.com/' } }, 302, ''],
    ['with no content', { status: 204, body: 'dropped' }, 204, ''],
  ])('%s', async (_, options, status, body) => {
    pool.fail('jwks', options)
    const response = await jwks()
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(body)
    for (const [name, value] of Object.entries(options.headers ?? {})) expect(response.headers.get(name)).toBe(value)
    expect(pool.requests).toMatchObject([{ operation: 'jwks', status, faulted: true }])
  })

  it('cuts the connection', async () => {
    pool.fail('jwks', { networkError: true })
    await expect(jwks()).rejects.toBeInstanceOf(TypeError)
    expect(pool.requests).toMatchObject([{ operation: 'jwks', status: undefined, faulted: true }])
  })

  it('hangs until the request is aborted', async () => {
    pool.fail('jwks', { hang: true })
    const controller = new AbortController()
    const request = new Request(`${pool.issuer}/.well-known/jwks.json`, { signal: controller.signal })
    const answer = pool.fetch(request)
    const settled = answer.then(
      () => 'answered',
      () => 'failed',
    )
    expect(await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))])).toBe('waiting')
    controller.abort(new Error('too late'))
    await expect(answer).rejects.toThrow('too late')
    const aborted = new Request(request.url, { signal: AbortSignal.abort(new Error('before')) })
    await expect(pool.fetch(aborted)).rejects.toThrow('before')
  })

  it('sends a body without an end', async () => {
    pool.fail('jwks', { stream: 'endless', body: 'abc' })
    const reader = (await jwks()).body?.getReader()
    let text = ''
    while (text.length < 3000) text += new TextDecoder().decode((await reader?.read())?.value)
    expect(text).toMatch(/^(abc){1000}/)
    await reader?.cancel()
  })

  it('sends the beginning of a body and then nothing', async () => {
    pool.fail('jwks', { stream: 'stalled', body: '{"keys":' })
    const reader = (await jwks()).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('{"keys":')
    const next = reader?.read().then(() => 'more')
    expect(await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))])).toBe('waiting')
    await reader?.cancel()
  })
})

describe('a fault of an operation', () => {
  it('is worded in its protocol', async () => {
    pool.fail('ListGroups', { error: 'TooManyRequestsException' })
    const response = await pool.fetch(requestFor(pool, 'ListGroups', { UserPoolId: pool.settings.userPoolId }))
    expect(response.status).toBe(400)
    expect(response.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException:')
    expect(await response.json()).toEqual({ __type: 'TooManyRequestsException', message: 'A fault was ordered.' })
    pool.fail('cognito-idp.GetGroup')
    expect(await call(pool, 'GetGroup', { GroupName: 'viewer' })).toMatchObject({
      status: 500,
      body: { __type: 'InternalErrorException' },
    })
  })

  it('comes before the effect, or after it', async () => {
    pool.fail('CreateGroup', { when: 'before', networkError: true, times: 1 })
    await expect(call(pool, 'CreateGroup', { GroupName: 'lost' })).rejects.toBeInstanceOf(TypeError)
    expect((await call(pool, 'GetGroup', { GroupName: 'lost' })).status).toBe(400)
    pool.fail('CreateGroup', { when: 'after', networkError: true, times: 1 })
    await expect(call(pool, 'CreateGroup', { GroupName: 'lost' })).rejects.toBeInstanceOf(TypeError)
    expect((await call(pool, 'GetGroup', { GroupName: 'lost' })).status).toBe(200)
    pool.fail('CreateGroup', { when: 'after', status: 500, times: 1 })
    expect((await call(pool, 'CreateGroup', { GroupName: 'other' })).status).toBe(500)
    expect((await call(pool, 'GetGroup', { GroupName: 'other' })).status).toBe(200)
  })

  it('is not spent on a call that is not authenticated', async () => {
    const fault = pool.fail('ListGroups', { times: 1 })
    const unsigned = requestFor(pool, 'ListGroups', {})
    unsigned.headers.delete('authorization')
    expect((await pool.fetch(unsigned)).status).toBe(400)
    expect(fault.hits).toBe(0)
    expect((await call(pool, 'ListGroups')).status).toBe(500)
    expect(fault.hits).toBe(1)
  })
})

describe('how often', () => {
  it('times counts the requests that are hit', async () => {
    const fault = pool.fail('jwks', { times: 2, status: 503 })
    const statuses = [await jwks(), await jwks(), await jwks()].map(({ status }) => status)
    expect(statuses).toEqual([503, 503, 200])
    expect(fault.hits).toBe(2)
  })

  it('faults of one operation apply in the order in which they were ordered', async () => {
    pool.fail('jwks', { times: 1, status: 500 })
    pool.fail('*', { times: 1, status: 429 })
    const statuses = [await jwks(), await jwks(), await jwks()].map(({ status }) => status)
    expect(statuses).toEqual([500, 429, 200])
  })

  it('rate is drawn from the randomness of the world', async () => {
    const storm = async () => {
      const local = await createLocalPool({ groups: ['viewer'], randomBytes: createSeededBytes(7) })
      const fault = local.fail('ListGroups', { rate: 0.3, error: 'TooManyRequestsException' })
      const statuses: number[] = []
      for (let index = 0; index < 300; index++) statuses.push((await call(local, 'ListGroups')).status)
      expect(statuses.filter((status) => status === 400)).toHaveLength(fault.hits)
      return statuses
    }
    const statuses = await storm()
    const hits = statuses.filter((status) => status === 400).length
    expect(hits).toBeGreaterThan(60)
    expect(hits).toBeLessThan(120)
    expect(await storm()).toEqual(statuses)
  })

  it('recover ends one fault, or all', async () => {
    const fault = pool.fail('jwks')
    pool.fail('ListGroups')
    expect((await jwks()).status).toBe(500)
    fault.recover()
    expect((await jwks()).status).toBe(200)
    expect((await call(pool, 'ListGroups')).status).toBe(500)
    pool.recover()
    expect((await call(pool, 'ListGroups')).status).toBe(200)
  })

  it('the fault of a pool leaves the others of its world alone', async () => {
    const world = createLocalWorld()
    const [first, second] = [await world.createPool(), await world.createPool()]
    const statusOf = async ({ issuer }: LocalPool) =>
      (await world.fetch(new Request(`${issuer}/.well-known/jwks.json`))).status
    first.fail('jwks')
    expect([await statusOf(first), await statusOf(second)]).toEqual([500, 200])
    first.recover()
    world.fail('jwks', { status: 502 })
    expect([await statusOf(first), await statusOf(second)]).toEqual([502, 502])
    first.recover()
    expect(await statusOf(first)).toBe(502)
    world.recover()
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])
  })
})

describe('refuses', () => {
  it.each<[string, string, FaultOptions]>([
    ['an unknown operation', 'jkws', {}],
    ['a name of Object.prototype', 'constructor', {}],
    ['two kinds at once', 'jwks', { hang: true, networkError: true }],
    ['an error with a body', 'jwks', { error: 'X', body: '' }],
    ['times 0', 'jwks', { times: 0 }],
    ['half a time', 'jwks', { times: 0.5 }],
    ['rate 0', 'jwks', { rate: 0 }],
    ['rate over 1', 'jwks', { rate: 1.1 }],
    ['status 199', 'jwks', { status: 199 }],
    ['status 600', 'jwks', { status: 600 }],
  ])('%s', (_, operation, options) => {
    expect(() => pool.fail(operation, options)).toThrow(ConfigurationError)
  })
})
