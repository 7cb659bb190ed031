import {
  type CallOptions,
  createList,
  isAwsError,
  type List,
  type Operation,
  type PoolCall,
  type RetryOptions,
} from '../aws/index.ts'
import { contains, fromWire, type Wire } from './wire.ts'

/**
 * Calls an operation by which the helpers do their work. Their inputs are put together of ours, which the types cannot
 * follow: the tests compare what is sent with what the AWS SDK sends.
 */
export type Send = (operation: Operation, input: object, options?: CallOptions) => Promise<Wire>

/** Looks whether a write took effect: what it would have answered, or something false. */
export type Look = (options: CallOptions) => Promise<object | undefined | false>

/** How the helpers call a pool. */
export interface Operator {
  readonly send: Send
  /**
   * Sends a write that may be sent again. Where its answer was lost, `look` says whether it took effect, and only if it
   * did not is it sent again. Throws the AwsError of outcome `unknown` where that cannot be found out in time.
   */
  write(operation: Operation, input: object, options: CallOptions | undefined, look: Look): Promise<Wire>
  /** The list that an operation answers; `items` is the member that holds them. */
  list<T>(
    operation: Operation,
    input: object,
    items: string,
    itemOf: (wire: Wire) => T,
    options?: CallOptions,
    keep?: (item: T) => boolean,
  ): List<T>
}

/** `retry` has the limits of calls that name none. */
export function createOperator(call: PoolCall, retry: RetryOptions | undefined, now = Date.now): Operator {
  const send = call as unknown as Send
  return {
    send,
    async write(operation, input, options, look) {
      const { attempts = 3, deadline = 20 } = { ...retry, ...options }
      const end = now() + deadline * 1000
      const left = () => (end - now()) / 1000
      for (let attempt = 1; ; attempt++) {
        try {
          return await send(operation, input, { ...options, deadline: left() })
        } catch (error) {
          if (!isAwsError(error) || error.outcome === 'failed') throw error
          const found = await look({ ...options, deadline: left() }).catch(() => {
            throw error
          })
          if (found) return found as Wire
          if (attempt >= attempts || left() <= 0) throw error
        }
      }
    },
    list: (operation, input, items, itemOf, options, keep = Boolean) =>
      createList(operation, async ({ token, limit } = {}) => {
        const tokenName = operation === 'ListUsers' ? 'PaginationToken' : 'NextToken'
        const page = await send(operation, { ...input, [tokenName]: token, Limit: limit }, options)
        const found = ((page[items] ?? []) as Wire[]).map(itemOf).filter(keep)
        return { items: found, token: (page[tokenName] || undefined) as string | undefined }
      }),
  }
}

/** What is read, or undefined where it is not there: the error's code is a `…NotFoundException`. */
export function find<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: unknown) => {
    if (isAwsError(error) && error.code.endsWith('NotFoundException')) return undefined
    throw error
  })
}

/** Something of the pool that has a name: read by one operation, written by others. */
export interface Resource<T> {
  /** As it is on the wire. */
  read(name: string, options?: CallOptions): Promise<Wire>
  /** In our terms. */
  get(name: string, options?: CallOptions): Promise<T>
  /** Writes it; took effect if `wanted` is what is read then. Default: all that was sent. */
  save(operation: Operation, input: Wire, options: CallOptions | undefined, wanted?: Wire): Promise<T>
}

/** `key` carries its name, and `member` holds it in what `operation` and the writes answer. */
export function createResource<T>(
  { send, write }: Operator,
  operation: Operation,
  key: string,
  member: string,
): Resource<T> {
  const read = async (name: unknown, options?: CallOptions) =>
    (await send(operation, { [key]: name }, options))[member] as Wire
  // Its members are AWS's promise, which nothing here can check.
  const ours = (wire: Wire) => fromWire(wire) as T
  return {
    read,
    get: async (name, options) => ours(await read(name, options)),
    async save(saving, input, options, wanted = input) {
      const answer = await write(saving, input, options, async (limits) => {
        const found = await find(read(input[key], limits))
        return contains(found, wanted) && { [member]: found }
      })
      return ours(answer[member] as Wire)
    },
  }
}
