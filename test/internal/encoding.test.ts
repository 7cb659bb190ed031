import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64Url } from '../../src/internal/encoding.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Decodes bit by bit, as RFC 4648 describes it; what is left over must be less than a digit, and zero. */
function naive(text: string): number[] | undefined {
  if ([...text].some((character) => !digits.includes(character))) return undefined
  const bits = [...text].map((character) => digits.indexOf(character).toString(2).padStart(6, '0')).join('')
  const whole = bits.length - (bits.length % 8)
  if (bits.length - whole >= 6 || bits.slice(whole).includes('1')) return undefined
  return Array.from({ length: whole / 8 }, (_, index) => Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2))
}

const decoded = (text: string) => {
  const bytes = decodeBase64Url(text)
  return bytes && [...bytes]
}

describe('base64url', () => {
  it.each(['', 'A', 'AA', 'AB', 'AAA', 'AAB', 'AAAA', 'AAAAA', 'AA==', 'AAA=', 'AAAA=', '====', '=', 'A===', '-_-_'])(
    'of %j is decoded strictly',
    (text) => {
      expect(decoded(text)).toEqual(naive(text))
    },
  )

  it.each([' ', '\n', '\r', '\t', '\f', '\v', '\0', '+', '/', '=', '.', 'é', '\u2028', '\u00a0', '\ud800', 'Ａ'])(
    'with %j anywhere in it is refused',
    (stranger) => {
      for (let length = 0; length < 12; length++) {
        for (let at = 0; at <= length; at++) {
          const text = 'A'.repeat(at) + stranger + 'A'.repeat(length - at)
          expect(decoded(text), JSON.stringify(text)).toBeUndefined()
          expect(decoded(text + stranger), JSON.stringify(text + stranger)).toBeUndefined()
        }
      }
    },
  )

  it('is what it is bit by bit', () => {
    const digit = fc.constantFrom(...digits)
    const text = fc.string({
      unit: fc.oneof({ weight: 60, arbitrary: digit }, fc.constantFrom(...' \n=+/é')),
      maxLength: 60,
    })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: digit, maxLength: 60 })), (given) => {
        expect(decoded(given)).toEqual(naive(given))
      }),
      { numRuns: 1000 },
    )
  })
})
