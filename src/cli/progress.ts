import type { CliContext } from './context.ts'

/** How far a piece of work is. */
export interface Step {
  readonly done: number
  /** Where it is known. */
  readonly total?: number | undefined
  /** How many seconds a call now waits, because AWS throttles. */
  readonly waiting?: number | undefined
}

/** A line on stderr that says how far a command is. It is shown at a terminal only, and gone when the work is done. */
export interface Progress {
  show(what: string, step: Step): void
  clear(): void
}

/** At most 10 lines a second are drawn. `now` in milliseconds. */
export function createProgress({ process }: CliContext, now: () => number = () => performance.now()): Progress {
  const { stderr } = process
  if (!stderr.isTTY) return { show() {}, clear() {} }
  const start = now()
  let drawn = 0
  let throttles = 0
  let isShown = false
  return {
    show(what, { done, total, waiting }) {
      if (waiting !== undefined) throttles++
      const time = now()
      if (isShown && time - drawn < 100 && waiting === undefined && done !== total) return
      drawn = time
      isShown = true
      const seconds = (time - start) / 1000
      const rate = done / Math.max(seconds, 0.001)
      const parts = [
        `${what}: ${done}${total === undefined ? '' : ` of ${total}`}`,
        ...(seconds >= 1 && done > 0 ? [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`] : []),
        ...(total !== undefined && seconds >= 2 && done > 0 && done < total
          ? [`${formatSeconds((total - done) / rate)} left`]
          : []),
        ...(throttles > 0 ? [`${throttles} throttles`] : []),
        ...(waiting === undefined ? [] : [`AWS throttles, waiting ${formatSeconds(waiting)}`]),
      ]
      const line = parts.join(', ')
      const width = (stderr.columns || 80) - 1
      stderr.write(`\r\u001b[2K${line.length > width ? `${line.slice(0, width - 1)}…` : line}`)
    },
    clear() {
      if (isShown) stderr.write('\r\u001b[2K')
      isShown = false
    },
  }
}

function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}

/**
 * A signal that aborts at the first Ctrl-C, and says so; a second one ends the process at once. `resume` says how the work goes on
 * later. Call the result's `dispose` when the work is done.
 */
export function abortOnInterrupt({ process }: CliContext, resume: string): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const stop = () => {
    process.stderr.write(`\nStopping after the call that is under way. ${resume}\n`)
    process.removeListener('SIGINT', stop)
    controller.abort(new Error('stopped by Ctrl-C'))
  }
  process.on('SIGINT', stop)
  return { signal: controller.signal, dispose: () => void process.removeListener('SIGINT', stop) }
}
