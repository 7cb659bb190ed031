import { expect, it } from 'vitest'
import { createPacer, type Quota } from '../../src/admin/bulk/throttled-client.ts'

/** A pacer of 10 writes a second, and how long so many calls of a kind take, in milliseconds. */
function scene() {
  let now = 0
  const sleep = async (milliseconds: number) => {
    now += milliseconds
  }
  const pacer = createPacer(10, { now: () => now, sleep, random: () => 0.5 })
  const timeOf = async (calls: number, quota: Quota = 'write') => {
    await pacer.next(quota, undefined)
    const start = now
    for (let call = 0; call < calls; call++) await pacer.next(quota, undefined)
    return Math.round(now - start)
  }
  return { pacer, timeOf }
}

it.each([
  ['write', 1000],
  ['list', 500],
  ['read', 250],
] as const)('calls of the quota %s are spread as its size allows', async (quota, milliseconds) => {
  expect(await scene().timeOf(10, quota)).toBe(milliseconds)
})

it('each throttle slows all down by a fifth, and no further than to a tenth', async () => {
  const { pacer, timeOf } = scene()
  pacer.slower()
  expect(await timeOf(10)).toBe(1250)
  for (let throttle = 0; throttle < 50; throttle++) pacer.slower()
  expect(await timeOf(10)).toBe(10_000)
})

it('successes bring the old pace back, and no more', async () => {
  const { pacer, timeOf } = scene()
  pacer.slower()
  for (let success = 0; success < 50; success++) pacer.faster()
  await timeOf(1)
  expect(await timeOf(10)).toBe(1000)
})
