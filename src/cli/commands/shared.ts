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

/** A number over 0. */
export function parsePositive(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new SyntaxError(`expected a number over 0, not ${text}`)
  return value
}

const text = { kind: 'parsed', parse: String, optional: true } as const

/** How a command reaches AWS; `connect` of `connection.ts` takes them. */
export const connectionFlags = {
  pool: { ...text, placeholder: 'id', brief: 'The user pool. Default: COGNITO_USER_POOL_ID.' },
  identityPool: {
    ...text,
    placeholder: 'id',
    brief: 'The identity pool, needed where groups have policies. Default: COGNITO_IDENTITY_POOL_ID.',
  },
  profile: { ...text, placeholder: 'name', brief: 'A profile of the AWS CLI. Default: AWS_PROFILE.' },
  endpoint: {
    ...text,
    placeholder: 'url',
    brief: 'In place of AWS, such as `cognigate local`. Default: AWS_ENDPOINT_URL.',
  },
  maxRps: {
    kind: 'parsed',
    parse: parsePositive,
    optional: true,
    placeholder: 'number',
    brief: 'At most so many requests a second.',
  },
} as const

export const timeoutFlag = {
  kind: 'parsed',
  parse: parsePositive,
  optional: true,
  placeholder: 'seconds',
  brief: 'How long all of it may take, waits for throttles included.',
} as const

export const concurrencyFlag = {
  kind: 'parsed',
  parse: parseWhole,
  optional: true,
  placeholder: 'number',
  brief: 'Calls at the same time. Default: 5.',
} as const

function parseWhole(text: string): number {
  const value = parsePositive(text)
  if (!Number.isInteger(value)) throw new SyntaxError(`expected a whole number over 0, not ${text}`)
  return value
}
