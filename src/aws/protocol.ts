/** What a call sends. */
export interface Message {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a service's calls are put into words. */
export interface Protocol {
  encode(operation: string, input: object): Message
  /**
   * The members that an answer holds, an output's where it is `ok`, else an error's `code` and `message`. Undefined where
   * it holds none: cut off, or a proxy's page.
   */
  decode(body: string, response: Response, operation: string): Record<string, unknown> | undefined
}
