import { expect, it } from 'vitest'
import { createRateLimiter, type Quota } from '../../../src/admin/bulk/throttled-client.ts'

/** A limiter of 10 writes a second, and how long so many calls of a kind take, in milliseconds. */
function scene() {
  let now = 0
  const sleep = async (milliseconds: number) => {
    now += milliseconds
  }
  const limiter = createRateLimiter(10, { now: () => now, sleep, random: () => 0.5 })
  const timeOf = async (calls: number, quota: Quota = 'write') => {
    await limiter.next(quota, undefined)
    const start = now
    for (let call = 0; call < calls; call++) await limiter.next(quota, undefined)
    return Math.round(now - start)
  }
  return { limiter, timeOf }
}

it.each([
  ['write', 1000],
  ['list', 500],
  ['read', 250],
] as const)('calls of the quota %s are spread as its size allows', async (quota, milliseconds) => {
  expect(await scene().timeOf(10, quota)).toBe(milliseconds)
})

it('each throttle slows all down by a fifth, and no further than to a tenth', async () => {
  const { limiter, timeOf } = scene()
  limiter.slower()
  expect(await timeOf(10)).toBe(1250)
  for (let throttle = 0; throttle < 50; throttle++) limiter.slower()
  expect(await timeOf(10)).toBe(10_000)
})

it('successes bring the old pace back, and no more', async () => {
  const { limiter, timeOf } = scene()
  limiter.slower()
  for (let success = 0; success < 50; success++) limiter.faster()
  await timeOf(1)
  expect(await timeOf(10)).toBe(1000)
})
