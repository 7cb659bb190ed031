import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { checkOptions } from '../../src/internal/options.ts'

interface ExampleOptions {
  readonly userPoolId?: string
  readonly maxAge?: number
}

function check(options: object, hints?: Record<string, string>): void {
  checkOptions<ExampleOptions>('createGuard', options, ['userPoolId', 'maxAge'], hints)
}

describe('checkOptions', () => {
  it.each([{}, { userPoolId: 'x' }, { userPoolId: undefined, maxAge: 1 }, Object.create({ maxAge: 1 })])(
    'accepts what it knows: %j',
    (options) => expect(() => check(options)).not.toThrow(),
  )

  it.each([
    [{ userPoolID: 'x' }, 'createGuard: unknown option "userPoolID"; did you mean "userPoolId"?'],
    [{ maxage: 1 }, 'createGuard: unknown option "maxage"; did you mean "maxAge"?'],
    [{ poolId: 1 }, 'createGuard: unknown option "poolId"; expected one of userPoolId, maxAge.'],
    [{ constructor: 1 }, 'createGuard: unknown option "constructor"; expected one of userPoolId, maxAge.'],
    [Object.create({ maxAgee: 1 }), 'createGuard: unknown option "maxAgee"; did you mean "maxAge"?'],
  ])('refuses %j and says what was meant', (options, message) => {
    expect(() => check(options)).toThrow(new ConfigurationError(message))
  })

  it('gives the hint that belongs to a name', () => {
    expect(() => check({ graceSeconds: 1 }, { graceSeconds: 'it is called "clockTolerance".' })).toThrow(
      new ConfigurationError('createGuard: unknown option "graceSeconds"; it is called "clockTolerance".'),
    )
  })

  it.each([null, [], 'x', 1, Promise.resolve({})])('refuses %j, which is no object of options', (options) => {
    expect(() => check(options as object)).toThrow(
      new ConfigurationError('createGuard: expected an object with options.'),
    )
  })
})
