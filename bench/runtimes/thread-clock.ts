import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Milliseconds since some moment. */
export type Clock = () => number

/**
 * A clock that runs only while workerd's own thread does, so that other work on the machine is not counted; where there is
 * no such account (it is Linux's `schedstat`, in nanoseconds) or no one workerd, the wall clock.
 */
export function workerdClock(): Clock {
  const [process, ...others] = childrenNamed('workerd')
  return others.length === 0 ? clockOf(process ?? '') : () => performance.now()
}

/** The same for the main thread of this process. */
export function ownClock(): Clock {
  return clockOf('/proc/self')
}

function clockOf(process: string): Clock {
  const path = `${process}/schedstat`
  return existsSync(path) ? () => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6 : () => performance.now()
}

/** The folders in `/proc` of the processes that this one has started. */
function childrenNamed(name: string): string[] {
  const tasks = '/proc/self/task'
  if (!existsSync(tasks)) return []
  return readdirSync(tasks)
    .map((task) => `${tasks}/${task}/children`)
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').trim().split(' '))
    .map((child) => `/proc/${child}`)
    .filter((path) => existsSync(`${path}/comm`) && readFileSync(`${path}/comm`, 'utf8').trim() === name)
}
