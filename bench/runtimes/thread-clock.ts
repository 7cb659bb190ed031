import { existsSync, readFileSync, readdirSync } from 'node:fs'

/** Milliseconds since some moment. */
export type Clock = () => number

/**
 * A clock that runs only while workerd's own thread does, so that other work on the machine is not counted; where there is
 * no such account (it is Linux's `schedstat`, in nanoseconds) or no one workerd, the wall clock.
 */
export function threadClock(): Clock {
  const [path, ...others] = workerdThreads()
  if (path === undefined || others.length > 0) return () => performance.now()
  return () => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6
}

/** The accounts of the main threads of the workerd processes that this process has started. */
function workerdThreads(): string[] {
  const tasks = '/proc/self/task'
  if (!existsSync(tasks)) return []
  const children = readdirSync(tasks).flatMap((task) => {
    const path = `${tasks}/${task}/children`
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : []
  })
  return children
    .map((child) => `/proc/${child}`)
    .filter((path) => existsSync(`${path}/comm`) && readFileSync(`${path}/comm`, 'utf8').trim() === 'workerd')
    .map((path) => `${path}/schedstat`)
    .filter((path) => existsSync(path))
}
