import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
  /** When they expire: a Date, or what `Date` understands. Asked for anew 5 minutes earlier. Default: never. */
  readonly expiration?: Date | string | number | undefined
}

/** Asks for credentials: each time none are known, those known are about to expire, or they were refused as expired. */
export type CredentialProvider = () => Credentials | Promise<Credentials>

/**
 * Shares one renewal of the credentials among the calls that name the same object, and no longer than they last. A
 * promise is never shared between requests, so make one for each piece of work.
 */
export interface Renewal {
  pending?: Promise<Credentials> | undefined
}

/** The credentials of a client. */
export interface CredentialSource {
  /** Those to sign with now. Throws what the provider throws, and ConfigurationError where it gives none. */
  get(renewal: Renewal | undefined): Promise<Credentials>
  /** They were refused as expired: whether asking again makes sense. */
  refuse(credentials: Credentials): boolean
}

/** How long before their end credentials are renewed, in milliseconds. */
const MARGIN = 300_000

/** Throws ConfigurationError unless `given` is a function or holds an access key. */
export function createCredentialSource(given: Credentials | CredentialProvider, now: () => number): CredentialSource {
  const provide = typeof given === 'function' ? given : undefined
  let known: Credentials | undefined
  if (typeof given !== 'function') {
    known = check(given)
    // What a provider gives may have further members; what is written down has none but those of other makes.
    checkOptions<Credentials & { [name in 'accountId' | 'identityId' | 'credentialScope' | '$source']?: unknown }>(
      'credentials',
      known,
      [
        ...(['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration'] as const),
        ...(['accountId', 'identityId', 'credentialScope', '$source'] as const),
      ],
    )
  }
  const renew = async () => (known = check(await provide?.()))
  return {
    async get(renewal = {}) {
      if (known && (!provide || !(+new Date(known.expiration ?? '') - MARGIN < now()))) return known
      const pending = (renewal.pending ??= renew())
      try {
        return await pending
      } finally {
        if (renewal.pending === pending) renewal.pending = undefined
      }
    },
    refuse(credentials) {
      if (provide && known === credentials) known = undefined
      return provide !== undefined
    },
  }
}

function check(given: Credentials | undefined): Credentials {
  if (!given?.accessKeyId || !given.secretAccessKey) {
    throw new ConfigurationError('credentials: expected accessKeyId and secretAccessKey.')
  }
  return given
}
