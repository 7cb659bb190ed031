import {
  type CallOptions,
  type ClientOptions,
  createList,
  createWrite,
  isAwsError,
  type List,
  type Operation,
  type PoolCall,
} from '../aws/index.ts'
import { contains, fromWire, type Wire } from './wire.ts'

/** How users, groups, app clients and identity providers are read and written. */
export interface PoolResources {
  /**
   * Calls an operation. Its input is put together from our own terms, which the types cannot follow: the tests compare what
   * is sent with what the AWS SDK sends.
   */
  readonly send: (operation: Operation, input: object, options?: CallOptions) => Promise<Wire>
  /**
   * Sends a write that may be sent again. If its response is lost, `check` finds out whether it took effect: what it would
   * have answered, or something false. Throws the AwsError of outcome `unknown` where that cannot be found out in time.
   */
  write(
    operation: Operation,
    input: object,
    options: CallOptions | undefined,
    check: (options: CallOptions) => Promise<object | false | undefined>,
  ): Promise<Wire>
  /** The list that an operation answers; `items` is the member that holds them. */
  list<T>(
    operation: Operation,
    input: object,
    items: string,
    toItem: (wire: Wire) => T,
    options?: CallOptions,
    keep?: (item: T) => boolean,
  ): List<T>
}

/** `options` has the limits of calls that name none. */
export function createPoolResources(
  call: PoolCall,
  options: Pick<ClientOptions, 'retry' | 'now' | 'random' | 'sleep'>,
): PoolResources {
  const send = call as unknown as PoolResources['send']
  const write = createWrite(options)
  return {
    send,
    write: (operation, input, limits, check) =>
      write<Wire>(
        limits,
        (left) => send(operation, input, left),
        async (left) => ((await check(left)) || undefined) as Wire | undefined,
      ),
    list: (operation, input, items, toItem, limits, keep = Boolean) =>
      createList(operation, async ({ token, limit } = {}) => {
        const tokenName = operation === 'ListUsers' ? 'PaginationToken' : 'NextToken'
        const page = await send(operation, { ...input, [tokenName]: token, Limit: limit }, limits)
        const found = ((page[items] ?? []) as Wire[]).map(toItem).filter(keep)
        return { items: found, token: (page[tokenName] || undefined) as string | undefined }
      }),
  }
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
  { send, write }: PoolResources,
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

/** What is read, or undefined where it is not there: the error's code is a `…NotFoundException`. */
export function find<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: unknown) => {
    if (isAwsError(error) && error.code.endsWith('NotFoundException')) return undefined
    throw error
  })
}
