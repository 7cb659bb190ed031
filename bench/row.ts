export interface Row {
  readonly what: string
  readonly unit: 'µs' | 'ns' | 's' | 'kB' | 'MB' | '×' | 'calls'
  readonly ours: number
  readonly peers: Readonly<Record<string, number>>
  /** What is no peer but tells what the number means: a floor, or the error of the measurement. */
  readonly references?: Readonly<Record<string, number>>
  /** At most. */
  readonly budget?: number
  readonly goal?: number
}

/** How many times as much the best of the peers takes; undefined where there is none. */
export function advantage({ ours, peers }: Row): number | undefined {
  const best = Math.min(...Object.values(peers))
  return Number.isFinite(best) ? best / ours : undefined
}

export function verdict({ ours, budget, goal }: Row): string {
  if (budget === undefined) return ''
  if (ours > budget) return 'over budget'
  return goal !== undefined && ours <= goal ? 'goal met' : 'within budget'
}
