import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyOptionsOf } from '../../src/guard/key-options.ts'
import { createGuard } from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, userPoolId } from '../support/issuer.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('how keys are fetched and kept, by default', () => {
  it('is an hour, a day, ten seconds and three', () => {
    expect(keyOptionsOf({})).toMatchObject({
      softAge: 3_600_000,
      hardAge: 86_400_000,
      cooldown: 10_000,
      deadline: 3000,
    })
    expect(keyOptionsOf({ cache: { softAge: 1, hardAge: 2, cooldown: 3, deadline: 4 } })).toMatchObject({
      softAge: 1000,
      hardAge: 2000,
      cooldown: 3000,
      deadline: 4000,
    })
  })

  it("is by the platform's clock and fetch", async () => {
    const asked = vi.fn(async (_request: Request) => new Response('from the network'))
    vi.stubGlobal('fetch', asked)
    const { fetch, now } = keyOptionsOf({})
    const request = new Request('https://issuer.example/')
    expect(await (await fetch(request)).text()).toBe('from the network')
    expect(asked).toHaveBeenCalledExactlyOnceWith(request)
    expect(now()).toBe(1_800_000_000_000)
    vi.setSystemTime(1_800_000_000_001)
    expect(now()).toBe(1_800_000_000_001)
  })

  it('waits by a timer', async () => {
    const over = vi.fn()
    const waiting = keyOptionsOf({}).sleep(500).then(over)
    await vi.advanceTimersByTimeAsync(499)
    expect(over).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(over).toHaveBeenCalledOnce()
    await waiting
  })

  it('ends an aborted wait, and its timer with it', async () => {
    const abort = new AbortController()
    const waiting = keyOptionsOf({}).sleep(500, abort.signal)
    expect(vi.getTimerCount()).toBe(1)
    abort.abort()
    expect(vi.getTimerCount()).toBe(0)
    await waiting
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
