import { beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createLocalPool, createLocalWorld, type FaultOptions, type LocalPool } from '../../src/local/index.ts'
import { settled } from '../support/issuer.ts'
import { call, createSeededBytes, requestFor } from '../support/local-pool.ts'

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
    const outcome = answer.then(
      () => 'answered',
      () => 'failed',
    )
    expect(await Promise.race([outcome, settled().then(() => 'waiting')])).toBe('waiting')
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

  it('cuts a body short', async () => {
    pool.fail('jwks', { stream: 'cut', body: '{"keys":' })
    const response = await jwks()
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toBeInstanceOf(TypeError)
  })

  it('sends the beginning of a body and then nothing', async () => {
    pool.fail('jwks', { stream: 'stalled', body: '{"keys":' })
    const reader = (await jwks()).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('{"keys":')
    const next = reader?.read().then(() => 'more')
    expect(await Promise.race([next, settled().then(() => 'waiting')])).toBe('waiting')
    await reader?.cancel()
  })
})

describe('a slow answer', () => {
  let slow: LocalPool
  let slept: number[]
  let wake: (() => void)[]

  beforeEach(async () => {
    slept = []
    wake = []
    const sleep = (milliseconds: number) =>
      new Promise<void>((resolve) => {
        slept.push(milliseconds)
        wake.push(resolve)
      })
    slow = await createLocalPool({ groups: ['viewer'], sleep })
  })

  it('comes after the delay, unchanged, and is not a faulted one', async () => {
    const fault = slow.fail('CreateGroup', { delay: 250 })
    const answer = call(slow, 'CreateGroup', { GroupName: 'late' })
    await settled()
    expect(slept).toEqual([250])
    expect((await call(slow, 'GetGroup', { GroupName: 'late' })).status).toBe(400)
    wake[0]?.()
    expect((await answer).status).toBe(200)
    expect(fault.hits).toBe(1)
    expect(slow.requests[0]).toMatchObject({ operation: 'CreateGroup', status: 200, faulted: false })
  })

  it('has its effect first with `after`, and delays of several faults add up', async () => {
    slow.fail('*', { delay: 10, when: 'after' })
    slow.fail('CreateGroup', { delay: 5, when: 'after' })
    slow.fail('CreateGroup', { delay: 1, when: 'after', error: 'TooManyRequestsException' })
    const answer = call(slow, 'CreateGroup', { GroupName: 'late' })
    await settled()
    expect(slept).toEqual([16])
    wake[0]?.()
    expect((await answer).body).toMatchObject({ __type: 'TooManyRequestsException' })
    slow.recover()
    expect((await call(slow, 'GetGroup', { GroupName: 'late' })).status).toBe(200)
  })

  it('is not waited for when the request is aborted, and then has no effect', async () => {
    slow.fail('CreateGroup', { delay: 10 })
    const controller = new AbortController()
    const { url, method, headers } = requestFor(slow, 'CreateGroup', {})
    const body = JSON.stringify({ UserPoolId: slow.settings.userPoolId, GroupName: 'late' })
    const answer = slow.fetch(new Request(url, { method, headers, body, signal: controller.signal }))
    setTimeout(() => controller.abort(new Error('too late')), 5)
    await expect(answer).rejects.toThrow('too late')
    expect((await call(slow, 'GetGroup', { GroupName: 'late' })).status).toBe(400)
  })

  it('waits by a timer by default', async () => {
    pool.fail('jwks', { delay: 20 })
    const before = performance.now()
    expect((await jwks()).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(15)
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

  it('has a message and headers of its own', async () => {
    const headers = { 'retry-after': '1', date: 'Thu, 01 Jan 1970 00:00:00 GMT' }
    pool.fail('ListGroups', { error: 'ExpiredTokenException', message: 'It is expired', headers })
    const response = await pool.fetch(requestFor(pool, 'ListGroups', {}))
    expect(await response.json()).toEqual({ __type: 'ExpiredTokenException', message: 'It is expired' })
    for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value)
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

  it('a seed hits the same requests, whatever else is left to chance', async () => {
    const storm = async (seed: number) => {
      const local = await createLocalPool({ groups: ['viewer'] })
      local.fail('ListGroups', { rate: 0.3, seed, error: 'TooManyRequestsException' })
      const statuses: number[] = []
      for (let index = 0; index < 100; index++) statuses.push((await call(local, 'ListGroups')).status)
      return statuses
    }
    const statuses = await storm(1)
    const hits = statuses.filter((status) => status === 400).length
    expect(hits).toBeGreaterThan(15)
    expect(hits).toBeLessThan(45)
    expect(await storm(1)).toEqual(statuses)
    expect(await storm(2)).not.toEqual(statuses)
  })

  it('perSecond hits what exceeds a quota, by the clock of the world', async () => {
    const local = await createLocalPool({ now: () => 0, groups: ['viewer'] })
    const fault = local.fail('ListGroups', { perSecond: 2, error: 'TooManyRequestsException' })
    const statuses: number[] = []
    for (const seconds of [0, 0.4, 0.4, 0.3, 0, 0.8, 0.1]) {
      local.advance(seconds)
      statuses.push((await call(local, 'ListGroups')).status)
    }
    expect(statuses).toEqual([200, 200, 400, 200, 400, 200, 400])
    expect(fault.hits).toBe(3)
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
    ['a share of a quota', 'jwks', { rate: 0.5, perSecond: 5 }],
    ['perSecond 0', 'jwks', { perSecond: 0 }],
    ['a seed without a rate', 'jwks', { seed: 1 }],
    ['a broken seed', 'jwks', { rate: 0.5, seed: 0.5 }],
    ['a negative delay', 'jwks', { delay: -1 }],
    ['a delay without end', 'jwks', { delay: Number.POSITIVE_INFINITY }],
    ['status 600', 'jwks', { status: 600 }],
  ])('%s', (_, operation, options) => {
    expect(() => pool.fail(operation, options)).toThrow(ConfigurationError)
  })
})
