/** One operation, to be repeated; `index` counts up. */
export type Case = (index: number) => unknown

export type Cases = Record<string, Case>
