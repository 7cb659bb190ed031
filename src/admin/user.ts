import type { AttributeType, UserStatusType } from '../aws/index.ts'
import type { AttributeNames, Attributes } from './attributes.ts'
import { fromWire, type Wire } from './wire.ts'

/** A user of the pool. */
export interface User {
  /** The name that the pool itself uses, which need not be the alias that the user was asked by. */
  readonly username: string
  /** With `sub`. In lists that ask for some attributes, those only. */
  readonly attributes: Attributes
  readonly enabled: boolean
  readonly status: UserStatusType | undefined
  /** The second factors that are set up. Undefined in lists, in which Cognito does not tell. */
  readonly mfa: Mfa | undefined
  readonly createdAt: Date | undefined
  readonly updatedAt: Date | undefined
}

/** A user's second factors, in Cognito's names: `SOFTWARE_TOKEN_MFA`, `SMS_MFA`, `EMAIL_OTP`. */
export interface Mfa {
  readonly methods: readonly string[]
  readonly preferred: string | undefined
}

/** A user as AdminGetUser or a list has it, in our terms. */
export function userOf(wire: Wire, names: AttributeNames): User {
  const { attributes, mFAOptions, mFASettingList = [], preferredMfaSetting: preferred, ...user } = fromWire(wire)
  const mfa = 'UserAttributes' in wire ? { methods: mFASettingList, preferred } : undefined
  // The other members are those of a User as AWS promises them.
  return { ...user, attributes: names.read(attributes as AttributeType[] | undefined), mfa } as unknown as User
}
