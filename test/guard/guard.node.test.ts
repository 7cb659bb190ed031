import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGuard, type KeyCacheOptions } from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, start, TestIssuer, userPoolId } from '../support/issuer.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('how keys are fetched and kept', () => {
  it.each<[string, KeyCacheOptions | undefined, number, number, number, number]>([
    ['by default, is an hour, a day, ten seconds and three', undefined, 3600, 86_400, 10, 3],
    ['is as the options say', { maxAge: 60, staleIfError: 60, cooldown: 7, timeout: 1 }, 60, 120, 7, 1],
  ])('%s', async (_, keyCache, maxAge, lifetime, cooldown, timeout) => {
    const issuer = new TestIssuer(await createKey('key-1'))
    const token = await sign(issuer.keys[0]!, accessClaims({ exp: start + 200_000 }))
    const slept: number[] = []
    const sleep = (milliseconds: number) => {
      slept.push(milliseconds)
      return new Promise<void>(() => {})
    }
    const guard = createGuard({ ...issuer.settings, sleep, keyCache })
    const at = async (milliseconds: number) => {
      issuer.time = start * 1000 + milliseconds
      await guard.verify(token)
      return issuer.asked.length
    }
    expect(await at(0)).toBe(1)
    expect(slept).toEqual([timeout * 1000])
    issuer.respond = () => new Response(null, { status: 500 })
    const soft = maxAge * 1000
    expect([await at(soft - 1), await at(soft)]).toEqual([1, 2])
    expect([await at(soft + cooldown * 1000 - 1), await at(soft + cooldown * 1000)]).toEqual([2, 3])
    expect(await at(lifetime * 1000 - 1)).toBe(4)
    await expect(at(lifetime * 1000)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
  })

  it('is by a timer of the platform', async () => {
    vi.stubGlobal('fetch', () => new Promise<Response>(() => {}))
    const key = await createKey('key-1')
    const token = await sign(key, accessClaims({ iat: 1_800_000_000, exp: 1_800_000_010 }))
    const guard = createGuard({ userPoolId, clientId })
    const over = vi.fn()
    const first = guard.verify(token).catch(over)
    const second = guard.verify(token).catch(over)
    await vi.advanceTimersByTimeAsync(2999)
    expect(over).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await Promise.all([first, second])
    expect(over).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a guard with nothing but a pool', () => {
  it('fetches by the platform, tells the time by it, and leaves no timer behind', async () => {
    const key = await createKey('key-1')
    const asked = vi.fn(async (_request: Request) => Response.json({ keys: [key.jwk] }))
    vi.stubGlobal('fetch', asked)
    const guard = createGuard({ userPoolId, clientId })
    const token = await sign(key, accessClaims({ iat: 1_800_000_000, exp: 1_800_000_010 }))
    expect(await guard.verify(token)).toMatchObject({ username: 'alice', claims: { version: 2 } })
    expect(vi.getTimerCount()).toBe(0)
    vi.setSystemTime(1_800_000_010_000)
    await expect(guard.verify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
    expect(asked).toHaveBeenCalledOnce()
  })

  it('remembers a thousand tokens', async () => {
    const key = await createKey('key-1')
    vi.stubGlobal('fetch', async () => Response.json({ keys: [key.jwk] }))
    const guard = createGuard({ userPoolId, clientId })
    const tokens = await Promise.all(
      Array.from({ length: 1001 }, (_, index) =>
        sign(key, accessClaims({ exp: 1_800_000_010, jti: `token-${index}` })),
      ),
    )
    const verified = vi.spyOn(crypto.subtle, 'verify')
    for (const token of tokens.slice(0, 1000)) await guard.verify(token)
    expect(verified).toHaveBeenCalledTimes(1000)
    await guard.verify(tokens[0]!)
    expect(verified).toHaveBeenCalledTimes(1000)
    await guard.verify(tokens[1000]!)
    await guard.verify(tokens[0]!)
    expect(verified).toHaveBeenCalledTimes(1001)
    await guard.verify(tokens[1]!)
    expect(verified).toHaveBeenCalledTimes(1002)
    verified.mockRestore()
  })
})

describe('a Promise of the application, as zone.js sets it', () => {
  it('does not matter', async () => {
    const issuer = new TestIssuer(await createKey('key-1'))
    const token = await sign(issuer.keys[0]!, accessClaims())
    const request = new Request('https://app.example/', { headers: { authorization: `Bearer ${token}` } })
    const guard = createGuard(issuer.settings)
    vi.stubGlobal('Promise', class extends Promise<unknown> {})
    expect((await guard.authenticate(request)).clientId).toBe(clientId)
    expect((await guard.authenticate(request)).clientId).toBe(clientId)
  })
})
