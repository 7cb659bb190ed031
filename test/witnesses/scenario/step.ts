import type * as cognito from '@aws-sdk/client-cognito-identity-provider'

/** What a scenario runs against: a client of the AWS SDK and an empty pool. */
export interface Setting {
  readonly client: cognito.CognitoIdentityProviderClient
  readonly userPoolId: string
}

/** One step: what is done, and what Cognito answers, as far as it is the same in every run. */
export interface Step {
  readonly name: string
  readonly expected: unknown
  run(run: Run): Promise<unknown>
}

/** One run, and what its later steps need to know of the earlier ones. */
export interface Run extends Setting {
  /** Sends a command; a refusal by the service becomes `{ refused: name }`. */
  send(command: Command): Promise<unknown>
  readonly clients: Map<string, { readonly id: string; readonly secret: string | undefined }>
}

/** A command of the AWS SDK. */
export interface Command {
  readonly input: object
}
