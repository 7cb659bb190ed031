import type { CallOptions, ClientOptions } from '../../client/call.ts'
import { malformed } from '../../client/error.ts'
import { createQueryCall } from '../../client/query.ts'

/** As whom calls are made. */
export interface CallerIdentity {
  /** 12 digits. */
  readonly account: string
  readonly arn: string
  readonly userId: string
}

/** Asks STS whose credentials those of the client are (GetCallerIdentity). Throws ConfigurationError, naming the option. */
export function createCallerLookup(options: ClientOptions): (limits?: CallOptions) => Promise<CallerIdentity> {
  const service = { service: 'sts', version: '2011-06-15', lists: [], numbers: [], flags: [], times: [] }
  const call = createQueryCall(service, options)
  return async (limits) => {
    const identity: { Account?: unknown; Arn?: unknown; UserId?: unknown } = await call('GetCallerIdentity', {}, limits)
    const { Account: account, Arn: arn, UserId: userId } = identity
    const isAccount = typeof account === 'string' && /^\d{12}$/.test(account)
    if (isAccount && typeof arn === 'string' && typeof userId === 'string') return { account, arn, userId }
    throw malformed('GetCallerIdentity')
  }
}
