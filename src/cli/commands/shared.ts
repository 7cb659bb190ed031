/** Flags that several commands have. */

export const jsonFlag = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Print JSON, with a version, in place of text.',
} as const

export const noCodeFlag = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Refuse definitions that are modules: read data only.',
} as const

/** A definitions file as an argument. */
export const definitionsFile = {
  parse: String,
  placeholder: 'file',
} as const
