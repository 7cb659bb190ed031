import { type CallOptions, type ClientOptions, createUserCall, type UserCall } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { assertMade, checkOptions } from '../internal/options.ts'
import { regionOf } from '../internal/regions.ts'
import type { DeviceStore } from './devices.ts'
import { isWellFormed, secretHash } from './srp.ts'

/** Through which app client of which pool users sign in. No AWS credentials are needed. */
export interface SignInOptions extends Omit<ClientOptions, 'credentials' | 'region'> {
  /** Such as `eu-west-1_AbCdEfGhI`. */
  readonly userPoolId: string
  /** The app client's id. It must allow the flows that are used, such as ALLOW_USER_SRP_AUTH. */
  readonly clientId: string
  /** Of an app client that has one. Never in a browser. */
  readonly clientSecret?: string | undefined
  /** Default: the one in the pool's id. */
  readonly region?: string | undefined
  /** Remembers devices, so that they prove themselves at the next sign-in. Default: none. One store for one browser or machine. */
  readonly deviceStore?: DeviceStore | undefined
  /** Replaces `crypto.getRandomValues`. Bytes that can be guessed give the password away. */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined
}

/** One call's own data and limits. */
export interface SignInCallOptions extends Pick<CallOptions, 'attempts' | 'timeout' | 'signal'> {
  /** For the pool's Lambda triggers. Not encrypted by Cognito: nothing secret. */
  readonly clientMetadata?: { readonly [name: string]: string } | undefined
  /** The endpoint of Amazon Pinpoint that Cognito reports to. */
  readonly analytics?: { readonly endpointId: string } | undefined
  /** For threat protection: the caller's address, or what the browser's data library has gathered. */
  readonly userContext?: UserContext | undefined
}

export interface UserContext {
  readonly ipAddress?: string | undefined
  readonly encodedData?: string | undefined
}

/** What every part of signing in works through. */
export interface UserClient {
  readonly userPoolId: string
  readonly clientId: string
  /** Calls any operation of the API that is not signed, in AWS's own names and shapes. Throws AwsError. */
  readonly call: UserCall
  /** `SECRET_HASH` for a name; undefined for app clients without a secret. */
  secretHash(username: string): Promise<string | undefined>
}

/** What the flows need beyond it. */
export interface Client extends UserClient {
  readonly clientSecret: string | undefined
  randomBytes(length: number): Uint8Array
  /** Milliseconds since the epoch. */
  now(): number
  /** The same, by AWS's clock, as far as its answers show it. */
  serverNow(): number
}

/** Clocks that differ by less are taken as equal, in milliseconds: the `Date` of an answer has whole seconds, and took its time. */
const DRIFT = 30_000

/** Throws ConfigurationError, naming the option. */
export function createClient(options: SignInOptions): Client {
  checkOptions<SignInOptions>(
    'createSignIn',
    options,
    [
      ...(['userPoolId', 'clientId', 'clientSecret', 'region', 'deviceStore', 'randomBytes', 'endpoint'] as const),
      ...(['allowHttp', 'fips', 'retry', 'fetch', 'now', 'sleep', 'random'] as const),
    ],
    { credentials: 'users need none; administrators use cognigate/admin.' },
  )
  const { userPoolId, clientId, clientSecret, region = regionOf(userPoolId), now = Date.now, randomBytes } = options
  assertConfig(
    'createSignIn: clientId',
    typeof clientId === 'string' && /^[\w+]+$/.test(clientId),
    'the id of an app client.',
  )
  assertConfig('createSignIn: clientSecret', clientSecret === undefined || clientSecret, 'a secret, or none.')
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  let drift = 0
  const { endpoint, allowHttp, fips, retry, sleep, random } = options
  const call = createUserCall({
    region,
    endpoint,
    allowHttp,
    fips,
    retry,
    now,
    sleep,
    random,
    async fetch(request) {
      const response = await fetch(request)
      const off = Date.parse(response.headers.get('date') ?? '') - now()
      if (!Number.isNaN(off)) drift = Math.abs(off) > DRIFT ? off : 0
      return response
    },
  })
  return {
    call,
    userPoolId,
    clientId,
    clientSecret,
    now,
    randomBytes: randomBytes ?? ((length) => crypto.getRandomValues(new Uint8Array(length))),
    serverNow: () => now() + drift,
    secretHash: async (username) => (clientSecret ? secretHash(clientSecret, username, clientId) : undefined),
  }
}

/** The names of the options of every call. */
export const CALL_OPTIONS = ['attempts', 'timeout', 'signal', 'clientMetadata', 'analytics', 'userContext'] as const

/** Checks the options of a call that has no others. */
export function checkCall(place: string, options: SignInCallOptions): void {
  checkOptions<SignInCallOptions>(place, options, CALL_OPTIONS)
}

/** What limits a call. */
export function limitsOf({ attempts, timeout, signal }: SignInCallOptions): CallOptions {
  return { attempts, timeout, signal }
}

/** What a call brings along, by AWS's names. */
export function contextOf({ clientMetadata, analytics, userContext: user }: SignInCallOptions) {
  return {
    ClientMetadata: clientMetadata,
    AnalyticsMetadata: analytics && { AnalyticsEndpointId: analytics.endpointId },
    UserContextData: user && { IpAddress: user.ipAddress, EncodedData: user.encodedData },
  }
}

/** Throws ConfigurationError unless it is a client of `createSignIn`. */
export function mustClient(place: string, client: Pick<UserClient, 'call'>): void {
  assertMade(place, client, 'call', 'what createSignIn returns.')
}

/** Throws ConfigurationError unless a text was given. */
export function mustText(place: string, value: unknown): asserts value is string {
  assertConfig(
    place,
    typeof value === 'string' && value !== '' && isWellFormed(value),
    'a text, well-formed and not empty.',
  )
}
