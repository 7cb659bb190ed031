import * as iam from '@aws-sdk/client-iam'

/** What an operation is given, right or wrong. */
export type Input = Record<string, unknown>

/** Calls of IAM by their names, so that inputs can be wrong. */
export interface Calls {
  send(operation: string, input: Input): Promise<unknown>
  /** The outcome of every call in turn: 'done', or the name and status of the refusal. */
  outcomes(...calls: [operation: string, input: Input][]): Promise<unknown[]>
}

/** Calls by the client that `clientOf` gives at the time. */
export function createCalls(clientOf: () => iam.IAMClient): Calls {
  const send = async (operation: string, input: Input): Promise<unknown> => {
    const Command = (iam as unknown as Record<string, new (input: unknown) => object>)[`${operation}Command`]
    if (Command === undefined) throw new Error(`no ${operation}Command`)
    return clientOf().send(new Command(input) as never)
  }
  return {
    send,
    async outcomes(...calls) {
      const found: unknown[] = []
      for (const [operation, input] of calls) {
        const settled = await send(operation, input).then(
          () => 'done',
          (error) => [error.name, error.$metadata.httpStatusCode],
        )
        found.push(settled)
      }
      return found
    },
  }
}
