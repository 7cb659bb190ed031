import { afterEach, expect, vi } from 'vitest'
import type { dispatch } from '../../src/local/dispatcher.ts'
import { answerFaults } from './models.ts'

// Every answer that a local AWS gives in a test of this project is held against AWS's service models: members, types,
// enumerations and error codes. What a fault of `fail` answers is left alone.

const faults = new Set<string>()
/** How many answers of an operation and a status were judged: bulk work repeats the same ones. */
const judged = new Map<string, number>()
const enough = 40

vi.mock('../../src/local/dispatcher.ts', async (importOriginal) => {
  const original = await importOriginal<{ dispatch: typeof dispatch }>()
  const observed: typeof dispatch = async (world, ...rest) => {
    let entry: ReturnType<typeof world.log.add> | undefined
    const log = { ...world.log, add: (record: Parameters<typeof world.log.add>[0]) => (entry = world.log.add(record)) }
    const response = await original.dispatch(Object.create(world, { log: { value: log } }), ...rest)
    const { service, operation, status, faulted } = entry ?? {}
    if (service === undefined || operation === undefined || status === undefined || faulted) return response
    const name = `${service}.${operation} ${status}`
    const count = judged.get(name) ?? 0
    judged.set(name, count + 1)
    if (count >= enough) return response
    const body = await response.clone().text()
    const contentType = response.headers.get('content-type') ?? ''
    for (const fault of answerFaults({ service, operation, status, contentType, body })) faults.add(`${name}: ${fault}`)
    return response
  }
  return { ...original, dispatch: observed }
})

afterEach(() => {
  const found = [...faults]
  faults.clear()
  expect(found, 'answers that AWS’s service models do not know').toEqual([])
})
