import { expect, it } from 'vitest'
import { fuzz } from './fuzzer.ts'

/** Set FUZZ_SEED to run a failing seed again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

it('2,000 random requests: only answers of ours, and nobody in without a valid token', {
  timeout: 120_000,
}, async () => {
  const { findings, requests, answers } = await fuzz(seed, (count) => count < 2000)
  expect(findings).toEqual([])
  expect(requests).toBe(2000)
  const codes = [
    'accepted',
    'TOKEN_MISSING',
    'TOKEN_MALFORMED',
    'KEYS_UNAVAILABLE',
    'SIGNATURE_INVALID',
    'PERMISSION_DENIED',
  ]
  expect(Object.keys(answers), `seed ${seed}`).toEqual(expect.arrayContaining(codes))
})
