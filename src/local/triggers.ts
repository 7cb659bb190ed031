import { isObject, type JsonObject } from './json.ts'
import { type Context, ServiceError } from './operation.ts'
import type { PoolState, UserState } from './state/index.ts'

/** An event as Cognito hands it to a Lambda function. The function fills in `response` and returns the event. */
export interface TriggerEvent {
  readonly version: string
  readonly region: string
  readonly userPoolId: string
  readonly userName: string
  readonly triggerSource: string
  readonly callerContext: { readonly awsSdkVersion: string; readonly clientId: string }
  readonly request: { readonly [name: string]: unknown }
  readonly response: { [name: string]: unknown }
}

/** A Lambda trigger as a plain function: the handler that is deployed at AWS can be given as it is. */
export type Trigger = (event: TriggerEvent) => TriggerEvent | Promise<TriggerEvent>

/** The pre-token-generation trigger, with the version of its event: `LambdaVersion` in `PreTokenGenerationConfig`. */
export interface TokenTrigger {
  readonly version: 'V1_0' | 'V2_0' | 'V3_0'
  readonly handler: Trigger
}

/** The triggers of a pool, by their names in `LambdaConfig`. */
export interface LocalTriggers {
  readonly DefineAuthChallenge?: Trigger | undefined
  readonly CreateAuthChallenge?: Trigger | undefined
  readonly VerifyAuthChallengeResponse?: Trigger | undefined
  /** Before users sign up or are created. May confirm them, and verify their address and number. */
  readonly PreSignUp?: Trigger | undefined
  /** After users have confirmed themselves, or a new password that they had forgotten. */
  readonly PostConfirmation?: Trigger | undefined
  /** Before a password is looked at. An error refuses the sign-in. */
  readonly PreAuthentication?: Trigger | undefined
  /** After a sign-in, before its tokens. An error refuses them. */
  readonly PostAuthentication?: Trigger | undefined
  /**
   * Before tokens are issued, renewals included. A function gets the event V1_0, which changes ID tokens and groups; the
   * versions V2_0 and V3_0 change access tokens and scopes too, V3_0 those of machines as well.
   */
  readonly PreTokenGeneration?: Trigger | TokenTrigger | undefined
  /** For users who are not there, when they sign in with a password that is sent, or have forgotten theirs. */
  readonly UserMigration?: Trigger | undefined
}

/** What a trigger is called with. */
export interface TriggerCall {
  /** Such as `PreSignUp_SignUp`. */
  readonly source: string
  readonly clientId: string
  readonly userName: string
  readonly request: JsonObject
  /** What `response` holds before the function fills it in. */
  readonly response?: JsonObject | undefined
  readonly version?: string | undefined
}

/**
 * Calls a trigger of the pool, and returns its response; undefined where there is none. Throws
 * UserLambdaValidationException where it fails, with its message as AWS shows it, and InvalidLambdaResponseException
 * where it returns no event.
 */
export async function callTrigger(
  name: keyof LocalTriggers,
  { userPoolId, region }: PoolState,
  { source, clientId, userName, request, response = {}, version = '1' }: TriggerCall,
  { triggers }: Pick<Context, 'triggers'>,
): Promise<JsonObject | undefined> {
  const given = triggers[userPoolId]?.[name]
  const trigger = typeof given === 'object' ? given.handler : given
  if (trigger === undefined) return undefined
  const event: TriggerEvent = {
    version,
    region,
    userPoolId,
    userName,
    triggerSource: source,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    request,
    response: { ...response },
  }
  let returned: unknown
  try {
    returned = await trigger(event)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ServiceError('UserLambdaValidationException', `${name} failed with error ${reason}.`)
  }
  const answer = isObject(returned) ? returned['response'] : undefined
  if (isObject(answer)) return answer
  throw new ServiceError('InvalidLambdaResponseException', 'Unrecognizable lambda output')
}

/** Whether the pool has this trigger. */
export function hasTrigger(
  name: keyof LocalTriggers,
  { userPoolId }: PoolState,
  { triggers }: Pick<Context, 'triggers'>,
): boolean {
  return triggers[userPoolId]?.[name] !== undefined
}

/** `userAttributes` of somebody who is in the directory: with the status. */
export function attributesFor({ attributes, status }: UserState): JsonObject {
  return { ...attributes, 'cognito:user_status': status }
}

/** The names of all triggers. */
export function triggerNames() {
  return [
    ...(['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse'] as const),
    ...(['PreSignUp', 'PostConfirmation', 'PreAuthentication', 'PostAuthentication'] as const),
    ...(['PreTokenGeneration', 'UserMigration'] as const),
  ]
}
