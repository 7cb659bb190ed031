import { describe, expect, it } from 'vitest'
import type { CliContext } from '../../src/cli/context.ts'
import { createProgress } from '../../src/cli/progress.ts'

/** What is drawn at a terminal of so many columns, by a clock that the test moves. */
function draw(columns: number, isTTY = true) {
  const lines: string[] = []
  const clock = { seconds: 0 }
  const stderr = { isTTY, columns, write: (text: string) => lines.push(text.replace('\r\u001b[2K', '')) }
  const process = { stderr } as unknown as NodeJS.Process
  const progress = createProgress({ process, version: '', root: new URL('file:///') } as CliContext, () => {
    return clock.seconds * 1000
  })
  return { lines, clock, progress }
}

describe('the line of progress', () => {
  it('tells the rate of this run, and the time that the rest takes at it', () => {
    const { lines, clock, progress } = draw(100)
    // An earlier run has done 600.
    progress.show('users', { done: 600, total: 1000 })
    clock.seconds = 4
    progress.show('users', { done: 640, total: 1000 })
    clock.seconds = 10
    progress.show('users', { done: 700, total: 1000, waiting: 0.7 })
    clock.seconds = 200
    progress.show('users', { done: 1000, total: 1000 })
    expect(lines).toEqual([
      'users: 600 of 1000',
      'users: 640 of 1000, 10/s, 36 s left',
      'users: 700 of 1000, 10/s, 30 s left, 1 throttle, AWS throttles, waiting 1 s',
      'users: 1000 of 1000, 2.0/s, 1 throttle',
    ])
  })

  it('begins anew with each piece of work, and counts throttles over all of it', () => {
    const { lines, clock, progress } = draw(100)
    progress.show('users', { done: 0, waiting: 1 })
    progress.show('users', { done: 0, waiting: 1 })
    clock.seconds = 1000
    progress.show('memberships', { done: 0, total: 3000 })
    clock.seconds = 1010
    progress.show('memberships', { done: 50, total: 3000 })
    expect(lines.at(-1)).toBe('memberships: 50 of 3000, 5.0/s, 10 min left, 2 throttles')
    progress.clear()
    expect(lines.at(-1)).toBe('')
  })

  it('leaves out what a narrow terminal has no room for, the count last', () => {
    for (const [columns, text] of [
      [60, 'groups and users: 700 of 10000, 16 min left, 1 throttle'],
      [50, 'groups and users: 700 of 10000, 16 min left'],
      [40, 'groups and users: 700 of 10000'],
      [20, 'groups and users: …'],
    ] as const) {
      const { lines, clock, progress } = draw(columns)
      progress.show('groups and users', { done: 0, total: 10_000, waiting: 1 })
      clock.seconds = 70
      progress.show('groups and users', { done: 700, total: 10_000 })
      expect(lines.at(-1)).toBe(text)
      for (const line of lines) expect(line.length).toBeLessThan(columns)
    }
  })

  it('is drawn ten times a second at most, and nowhere but at a terminal', () => {
    const { lines, clock, progress } = draw(100)
    for (clock.seconds = 0; clock.seconds < 1; clock.seconds += 0.001) progress.show('users', { done: 1 })
    expect(lines.length).toBeLessThanOrEqual(11)
    const piped = draw(100, false)
    piped.progress.show('users', { done: 1 })
    piped.progress.clear()
    expect(piped.lines).toEqual([])
  })
})
