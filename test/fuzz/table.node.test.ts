import { expect, it } from 'vitest'
import { ours } from '../security/ours.ts'
import { awsJwtVerify } from '../security/peers/aws-jwt-verify.ts'
import { honoJwk } from '../security/peers/hono.ts'
import { jose } from '../security/peers/jose.ts'
import { format, runAll } from '../security/table.ts'

it('shows the peers beside us: they accept what is as issued, and we get no row wrong', {
  timeout: 60_000,
}, async () => {
  const verifiers = [ours, jose, awsJwtVerify, honoJwk]
  const lines = await runAll(verifiers, ours.name)
  expect(lines.filter(({ cells }) => cells[ours.name]?.wrong.length !== 0)).toEqual([])
  for (const { name } of verifiers) {
    for (const id of ['issued-access', 'issued-id', 'encoding-marks']) {
      expect(lines.find((line) => line.id === id)?.cells[name], `${name}, ${id}`).toMatchObject({ wrong: [] })
    }
    expect(lines.flatMap(({ cells }) => cells[name] ?? []).length, name).toBeGreaterThan(60)
  }
})

it('is printed without control characters', () => {
  const cells = { one: { rows: 2, wrong: ['\u001b[31mred\u202e, not accepted'] }, two: { rows: 1, wrong: [] } }
  const text = format([{ section: 'tokens', id: 'row\r', about: '', cells }], ['one', 'two', 'three'])
  expect(text).toContain('WRONG 1 of 2: \\u001b[31mred\\u202e')
  expect(text).toMatch(/rows in all +1 ok, 1 wrong +1 ok, 0 wrong +0 ok, 0 wrong$/)
  expect(text).toMatch(/^[\n -~]*$/)
})
