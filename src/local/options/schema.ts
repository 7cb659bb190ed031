import type { PoolState } from '../state.ts'
import { standardAttributes } from '../cognito-idp/attributes.ts'
import { checkChoice, checkList, checkText, refuse } from './check.ts'
import type { LocalPoolSettings } from './pool.ts'

/** By what users of the pool are named. Throws ConfigurationError, naming the option. */
export function namesOf(
  settings: Pick<LocalPoolSettings, 'aliases' | 'usernameAttributes'>,
  caseSensitive: boolean,
): Pick<PoolState, 'aliases' | 'usernameAttributes' | 'caseSensitive'> {
  const choicesOf = <T extends string>(path: string, given: unknown, choices: readonly [T, ...T[]]) =>
    checkList(path, given).map((name, index) => {
      if (name === undefined) refuse(`${path}[${index}]`, 'expected the name of an attribute.')
      return checkChoice(`${path}[${index}]`, name, choices, choices[0])
    })
  const aliases = choicesOf('aliases', settings.aliases, ['email', 'phone_number', 'preferred_username'])
  const usernameAttributes = choicesOf('usernameAttributes', settings.usernameAttributes, ['email', 'phone_number'])
  if (aliases.length > 0 && usernameAttributes.length > 0) refuse('usernameAttributes', 'not together with aliases.')
  return { aliases, usernameAttributes, caseSensitive }
}

/** The attributes of the pool's users. Throws ConfigurationError, naming the option. */
export function schemaOf({
  customAttributes,
  requiredAttributes,
}: Pick<LocalPoolSettings, 'customAttributes' | 'requiredAttributes'>): Pick<
  PoolState,
  'customAttributes' | 'requiredAttributes'
> {
  const custom = { min: 1, max: 32, pattern: /^(dev:)?custom:./s }
  return {
    customAttributes:
      customAttributes === undefined
        ? undefined
        : checkList('customAttributes', customAttributes).map((name, index) =>
            checkText(`customAttributes[${index}]`, name, custom),
          ),
    requiredAttributes: checkList('requiredAttributes', requiredAttributes).map((name, index) => {
      const path = `requiredAttributes[${index}]`
      const known = standardAttributes().find((standard) => standard === name)
      return known ?? refuse(path, 'expected the name of a standard attribute.')
    }),
  }
}
