import type { PasswordPolicy } from '../state.ts'
import { checkFlag, checkMembers, checkObject, checkOptionalInteger, refuse } from './check.ts'

/** What a local pool demands of passwords that are set over its API. */
export interface LocalPasswordPolicy {
  /** 6 to 99. Default 8. */
  readonly minLength?: number | undefined
  /** Default true. */
  readonly requireLowercase?: boolean | undefined
  /** Default true. */
  readonly requireUppercase?: boolean | undefined
  /** Default true. */
  readonly requireNumbers?: boolean | undefined
  /** Default true. */
  readonly requireSymbols?: boolean | undefined
  /** How long a temporary password works, in days, at most 365. Default 7. */
  readonly temporaryDays?: number | undefined
}

/** The policy of a pool. Throws ConfigurationError, naming the option. */
export function createPolicy(policy: LocalPasswordPolicy | undefined): PasswordPolicy {
  const given = checkObject('passwordPolicy', policy ?? {})
  const flags = ['requireLowercase', 'requireUppercase', 'requireNumbers', 'requireSymbols']
  checkMembers('passwordPolicy', given, ['minLength', ...flags, 'temporaryDays'])
  const required = (name: string) => checkFlag(`passwordPolicy.${name}`, given[name], true)
  const between = (name: string, min: number, max: number, fallback: number) => {
    const value = checkOptionalInteger(`passwordPolicy.${name}`, given[name], min) ?? fallback
    return value > max ? refuse(`passwordPolicy.${name}`, `expected at most ${max}.`) : value
  }
  return {
    minLength: between('minLength', 6, 99, 8),
    requireLowercase: required('requireLowercase'),
    requireUppercase: required('requireUppercase'),
    requireNumbers: required('requireNumbers'),
    requireSymbols: required('requireSymbols'),
    temporaryDays: between('temporaryDays', 1, 365, 7),
  }
}
