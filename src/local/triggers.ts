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

/** The triggers that decide about CUSTOM_AUTH, by their names in `LambdaConfig`. */
export interface LocalTriggers {
  readonly DefineAuthChallenge?: Trigger | undefined
  readonly CreateAuthChallenge?: Trigger | undefined
  readonly VerifyAuthChallengeResponse?: Trigger | undefined
}
