import type { JsonObject } from './json.ts'
import type { KeyRing } from './key-ring.ts'
import type { Randomness } from './randomness.ts'
import type { AuthenticationLevel, State, UserState } from './state/index.ts'
import type { Target } from './target.ts'
import type { LocalTriggers } from './triggers.ts'

/** The request that a local pool reads: a global `Request`, or one of the same shape, as miniflare hands out. */
export interface LocalRequest {
  readonly url: string
  readonly method: string
  readonly headers: { get(name: string): string | null }
  readonly signal?: AbortSignal
  /** The address that it comes from, where a server knows it. */
  readonly remoteAddress?: string | undefined
  text(): Promise<string>
}

/**
 * The signature of `fetch`: a request, or a URL and options. Where a request has to be made from the two, it is a
 * global `Request`.
 */
export type LocalFetch = (request: LocalRequest | string | URL, init?: RequestInit) => Promise<Response>

/** A request that was read once, so that all that follows is synchronous. */
export interface Incoming {
  readonly method: string
  readonly url: URL
  /** What it is addressed to; undefined where nothing is served. */
  readonly target: Target | undefined
  readonly headers: { get(name: string): string | null }
  readonly body: string
}

/** How one protocol encodes responses. */
export interface Codec {
  answer(output: JsonObject | undefined, requestId: string): Response
  refuse(error: ServiceError, requestId: string): Response
  /** The response to an unknown or badly signed caller, where it differs from `refuse`. */
  refuseCaller?(error: ServiceError, requestId: string): Response
  /** Whether the answers are pages of managed login, which scripts of other origins have no business with. */
  readonly isForPages?: boolean
}

/** A request, understood as the call of one operation. */
export interface Call {
  /** `issuer`, `cognito-idp`, `cognito-identity`, `oauth2`, `iam`, `sts` */
  readonly service: string
  readonly operation: string
  readonly region: string
  /** The pool that is addressed, as far as the request names one. */
  readonly userPoolId: string | undefined
  /** Whether AWS expects a Signature Version 4. */
  readonly signed: boolean
  /** An error where the request could not be decoded; it is answered after authentication. */
  readonly input: JsonObject | ServiceError
  readonly codec: Codec
}

/** The keys that a request says it is signed with. */
export interface Caller {
  readonly accessKeyId: string
  readonly sessionToken: string | undefined
}

/** What a handler has besides the state and its input. */
export interface Context {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly region: string
  readonly random: Randomness
  /** The address that is the first part of every issuer; undefined for AWS's own names. */
  readonly issuerBase: string | undefined
  /** How long IAM hides a new role, in milliseconds. */
  readonly iamDelay: number
  /** Lambda triggers by user pool: functions, which the state cannot hold. */
  readonly triggers: Readonly<Record<string, LocalTriggers>>
  /**
   * What a sign-in ends with in place of tokens, with the factors that the user has shown and the level, where one was asked
   * for: set where the pages of managed login sign in, which need no flow of the client.
   */
  readonly finish?:
    | ((user: UserState, factors: readonly string[], level: AuthenticationLevel | undefined) => JsonObject)
    | undefined
  /** Who signed the request; undefined where it is not signed, or where no request is behind the call. */
  readonly caller: Caller | undefined
}

/**
 * One operation. It changes the state and returns its output, or it throws a ServiceError and changes nothing, except
 * that wrong passwords and wrong codes are counted.
 */
export type Handler = (state: State, input: JsonObject, context: Context) => JsonObject | undefined

/**
 * An operation that needs Web Crypto before it can judge. `prepare` reads only; all effects are in its handler. `keys`
 * are those of the user pools, by id.
 */
export interface PreparedOperation {
  prepare(state: State, input: JsonObject, keys: Readonly<Record<string, KeyRing>>, context: Context): Promise<Handler>
}

/** All operations by `service.Operation`. */
export type Operations = Readonly<Record<string, Handler | PreparedOperation>>

/**
 * A value of an output that needs the keys of a pool. Handlers are synchronous and Web Crypto is not, so the
 * dispatcher makes it after the handler. A ServiceError that it throws is the answer.
 */
export class Deferred {
  readonly userPoolId: string
  readonly make: (keys: KeyRing) => Promise<unknown>

  constructor(userPoolId: string, make: (keys: KeyRing) => Promise<unknown>) {
    this.userPoolId = userPoolId
    this.make = make
  }
}

/** An error response of a service. Each protocol encodes it in its own way. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  /** The error's name on the wire, such as `ResourceNotFoundException` or `invalid_client`. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** InvalidParameterException, Cognito's answer to input that breaks a constraint. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message)
}

/** NotAuthorizedException, which Cognito also uses where the state of a user forbids what was asked for. */
export function notAuthorized(message: string): ServiceError {
  return new ServiceError('NotAuthorizedException', message)
}
