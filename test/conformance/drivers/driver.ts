/** A command of the AWS SDK, as what to call with which input. */
export interface Command {
  readonly input: object
}

/** The lists that a scenario leafs through, and what names their items. */
export type Leafed = 'users' | 'groups'

/** How a scenario speaks to a pool: what one client makes of it. */
export interface Driver {
  readonly userPoolId: string
  /** What a command answers, as it is on the wire; a refusal by the service becomes `{ refused: name }`. */
  send(command: Command): Promise<unknown>
  /** The names on each page of a list. */
  pages(list: Leafed, limit?: number): AsyncIterable<readonly string[]>
}

/** What stands for the name of a refusal where an answer is not what the protocol says. */
export const unreadable = 'unreadable'
