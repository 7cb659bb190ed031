import process from 'node:process'

/**
 * Resolves when the person at the terminal, or whoever runs the script, wants it to end: with Ctrl-C, SIGTERM, a closed
 * terminal, or the end of the npm that started it, which does not always hand signals on. Call it once everything runs:
 * it takes over from listeners that would end the process on the spot. A second Ctrl-C does not wait.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal)
      process.once(signal, () => resolve())
    }
    const parent = process.ppid
    if (process.env.npm_lifecycle_event === undefined) return
    setInterval(() => {
      if (process.ppid !== parent) resolve()
    }, 250).unref()
  })
}
