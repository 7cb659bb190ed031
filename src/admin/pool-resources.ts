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
      write(
        limits,
        (left) => send(operation, input, left),
        check as (left: CallOptions) => Promise<Wire | false | undefined>,
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
  /** Writes it. The write took effect if `desired` is read back. Default: all that was sent. */
  save(operation: Operation, input: Wire, options: CallOptions | undefined, desired?: Wire): Promise<T>
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
  // Answers are not checked against their types.
  const decode = (wire: Wire) => fromWire(wire) as T
  return {
    read,
    get: async (name, options) => decode(await read(name, options)),
    async save(saving, input, options, desired = input) {
      const answer = await write(saving, input, options, async (limits) => {
        const found = await find(read(input[key], limits))
        return contains(found, desired) && { [member]: found }
      })
      return decode(answer[member] as Wire)
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

/** An object as it is on the wire. */
export type Wire = { readonly [name: string]: unknown }

/** A wire type in our spelling: members begin with a small letter. Only for types without members of free names. */
export type Camel<T> = T extends readonly unknown[] | string | number | boolean | undefined
  ? T
  : { readonly [K in keyof T as Uncapitalize<K & string>]: Camel<T[K]> }

/**
 * A group, a user, a client or a provider of the wire in our spelling: without what its name says twice, with dates as
 * `createdAt` and `updatedAt`. Maps of free names are left alone.
 */
export function fromWire(wire: Wire = {}): Wire {
  const members = Object.entries(wire).filter(([name]) => name !== 'UserPoolId')
  return Object.fromEntries(
    members.map(([name, value]) => {
      const own = name.replace(/^(Group|Provider|Idp|User)(?=[A-Z])/, '')
      if (own.endsWith('Date')) return [own.startsWith('C') ? 'createdAt' : 'updatedAt', parseDate(value)]
      return [own.replace(/^./, (letter) => letter.toLowerCase()), isStructure(own) ? fromWire(value as Wire) : value]
    }),
  )
}

/** The other way round. `names` has the members whose names differ by more than a capital letter. Undefined is left out. */
export function toWire(given: object, names: { readonly [name: string]: string } = {}): Wire {
  const members: [string, unknown][] = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    members.map(([name, value]) => {
      const wire = names[name] ?? name.replace(/^./, (letter) => letter.toUpperCase())
      return [wire, isStructure(wire) ? toWire(value as Wire) : value]
    }),
  )
}

/** The members of app clients whose own members are named by AWS. */
function isStructure(name: string): boolean {
  return /(Configuration|Units|Rotation)$/.test(name)
}

/** A date of the wire: seconds since the epoch, as a number or as text, or an ISO 8601 text. */
function parseDate(value: unknown): Date | undefined {
  const text = `${value}`
  const date = new Date(/^[\d.]+$/.test(text) ? +text * 1000 : text)
  return Number.isNaN(+date) ? undefined : date
}

/** Whether `actual` has at least all that `wanted` has, members of members too. Undefined is nothing. */
export function contains(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === undefined || actual === wanted
  return Object.entries(wanted).every(([name, value]) => contains((actual as Wire | undefined)?.[name], value))
}
