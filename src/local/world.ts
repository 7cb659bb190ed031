import { ConfigurationError } from '../errors.ts'
import { type CheckInput, createInputCheck } from './constraints.ts'
import { createFaults, type Faults } from './faults.ts'
import { checkNames } from '../internal/options.ts'
import { createMap, isObject } from './json.ts'
import { createKeyRing, identityKeys, type KeyRing, type SavedKeys } from './key-ring.ts'
import type { Caller, Context, Operations } from './operation.ts'
import { createOperations } from './operations.ts'
import { type Randomness, createRandomness, type RandomBytes } from './randomness.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import type { HmacKey, VerifySignature } from './signature.ts'
import { createState, type State } from './state/index.ts'
import type { LocalTriggers } from './triggers.ts'

/** What all pools of a local world share. */
export interface LocalWorldOptions {
  /** The time in milliseconds since the epoch, to which `advance` adds. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /**
   * Bytes at random, as many as asked for. With a given `now` and `randomBytes` everything but keys and signatures
   * is the same in every run. Default: Web Crypto.
   */
  readonly randomBytes?: RandomBytes | undefined
  /** How answers with a `delay` wait, in milliseconds. Default: by a timer. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined
  /**
   * Judges the AWS signatures of calls that need one. Without it, signatures are verified for every key that this world
   * has issued, and must have the right form, service and region for others; `false` lets calls pass without.
   */
  readonly verifySignature?: VerifySignature | false | undefined
  /**
   * Whether keys that this world does not know are refused, as AWS does. Default false: they are the administrator's,
   * who may do everything.
   */
  readonly strict?: boolean | undefined
  /** The administrator's access key, whose signatures are verified: the way into a strict world without IAM users. */
  readonly administrator?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /**
   * How long IAM needs to show a new role, in seconds by the clock of the world: until then the role is not found,
   * and a group that names it is refused with InvalidParameterException. Default 0.
   */
  readonly iamDelay?: number | undefined
}

/** The names of all of them. */
export function worldOptionNames() {
  return ['now', 'randomBytes', 'sleep', 'verifySignature', 'iamDelay', 'strict', 'administrator'] as const
}

/** The inside of a local world. */
export interface World {
  readonly clock: Clock
  readonly random: Randomness
  readonly log: RequestLog
  readonly faults: Faults
  readonly state: State
  /** Keeps what has changed in the state, if it outlives the process. Throws where that fails. */
  readonly save: () => void
  readonly isSaved: boolean
  readonly operations: Operations
  readonly checkInput: CheckInput
  /** Signing keys by user pool id. They and the triggers are all that is not plain JSON. */
  readonly keys: Record<string, KeyRing>
  /** Lambda triggers by user pool id: functions. */
  readonly triggers: Record<string, LocalTriggers>
  readonly verifySignature: VerifySignature | false | undefined
  readonly isStrict: boolean
  readonly administrator: LocalWorldOptions['administrator']
  /** Signing keys that were derived before. */
  readonly signingKeys: Map<string, HmacKey>
  readonly sleep: (milliseconds: number) => Promise<void>
  /** In milliseconds. */
  readonly iamDelay: number
  /** Told of what is not offered, one line each. Default: nothing. */
  report: (line: string) => void
  /** The region of calls that name none. */
  region: string
  /** The address that is the first part of every issuer, once it is known; undefined for AWS's own names. */
  issuerBase: string | undefined
}

/** Where the state of a world outlives the process. */
export interface Storage {
  readonly state: State
  /** Keeps what has changed. Throws where that fails; then nothing may be answered. */
  save(): void
}

/** A world without a pool, or that of a storage. Throws ConfigurationError for options of the wrong type. */
export function createWorld(options: LocalWorldOptions = {}, storage?: Storage): World {
  const { now, randomBytes, verifySignature, sleep = timer, iamDelay = 0, strict = false, administrator } = options
  for (const [name, value] of Object.entries({
    now,
    randomBytes,
    sleep,
    verifySignature: verifySignature || undefined,
  })) {
    if (value !== undefined && typeof value !== 'function')
      throw new ConfigurationError(`${name}: expected a function.`)
  }
  if (!Number.isFinite(iamDelay) || iamDelay < 0) {
    throw new ConfigurationError('iamDelay: expected a number of seconds.')
  }
  if (typeof strict !== 'boolean') throw new ConfigurationError('strict: expected true or false.')
  checkAdministrator(administrator)
  const random = createRandomness(randomBytes)
  const state = storage?.state ?? createState()
  const operations = createOperations()
  const world: World = {
    clock: createClock(now, state.clock),
    random,
    log: createRequestLog(),
    faults: createFaults(random.fraction, Object.keys(operations)),
    state,
    save: () => storage?.save(),
    isSaved: storage !== undefined,
    operations,
    checkInput: createInputCheck(),
    keys: createMap(),
    triggers: createMap(),
    verifySignature,
    isStrict: strict,
    administrator: administrator && { ...administrator },
    signingKeys: new Map(),
    sleep,
    iamDelay: iamDelay * 1000,
    report: () => {},
    region: 'eu-west-1',
    issuerBase: undefined,
  }
  // Tokens from before the start are known by the keys of their pools.
  const saved = state.signingKeys[identityKeys] === undefined ? [] : [identityKeys]
  for (const id of [...Object.keys(state.pools), ...saved]) getKeys(world, id)
  return world
}

/** The signing keys of a pool. They are made when they are first needed, and kept with the state. */
export function getKeys({ keys, random, isSaved, state }: World, userPoolId: string): KeyRing {
  const storage = {
    read: () => state.signingKeys[userPoolId],
    write(saved: SavedKeys) {
      state.signingKeys[userPoolId] = saved
    },
  }
  return (keys[userPoolId] ??= createKeyRing(
    random,
    isSaved ? storage : undefined,
    userPoolId === identityKeys ? 'RS512' : 'RS256',
  ))
}

function checkAdministrator(administrator: unknown): void {
  if (administrator === undefined) return
  if (!isObject(administrator)) throw new ConfigurationError('administrator: expected an access key.')
  checkNames('administrator', administrator, ['accessKeyId', 'secretAccessKey'])
  const { accessKeyId, secretAccessKey } = administrator
  if (typeof accessKeyId !== 'string' || !/^\w{16,128}$/.test(accessKeyId)) {
    throw new ConfigurationError('administrator: accessKeyId must have 16 to 128 letters and digits.')
  }
  if (typeof secretAccessKey !== 'string' || secretAccessKey === '') {
    throw new ConfigurationError('administrator: expected a secretAccessKey.')
  }
}

/** What a handler gets besides the state and its input. */
export function createContext(world: World, region: string, caller?: Caller): Context {
  return {
    now: world.clock.now(),
    region,
    random: world.random,
    iamDelay: world.iamDelay,
    issuerBase: world.issuerBase,
    triggers: world.triggers,
    caller,
  }
}

function timer(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

/** The time of a local world. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** The same without what the time was moved by: what the clocks of other programs show. */
  unmoved(): number
  /** Moves the time by some seconds: forwards, or backwards with a negative number. */
  advance(seconds: number): void
}

/** A clock that runs with `source` (milliseconds since the epoch), plus what it was advanced by, which `moved` holds. */
export function createClock(source: () => number = Date.now, moved: { offset: number } = { offset: 0 }): Clock {
  return {
    now: () => source() + moved.offset,
    unmoved: () => source(),
    advance(seconds) {
      if (!Number.isFinite(seconds)) throw new ConfigurationError('advance: expected a finite number of seconds.')
      moved.offset += seconds * 1000
    },
  }
}
