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
      if (own.endsWith('Date')) return [own.startsWith('C') ? 'createdAt' : 'updatedAt', dateOf(value)]
      return [own.replace(/^./, (letter) => letter.toLowerCase()), isStructure(own) ? fromWire(value as Wire) : value]
    }),
  )
}

/** The other way round; `names` has what does not just begin with a capital letter. Undefined is left out. */
export function toWire(ours: object, names: { readonly [name: string]: string } = {}): Wire {
  const members: [string, unknown][] = Object.entries(ours).filter(([, value]) => value !== undefined)
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
function dateOf(value: unknown): Date | undefined {
  const text = `${value}`
  const date = new Date(/^[\d.]+$/.test(text) ? +text * 1000 : text)
  return Number.isNaN(+date) ? undefined : date
}

/** Whether `actual` has at least all that `wanted` has, members of members too. Undefined is nothing. */
export function contains(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === undefined || actual === wanted
  return Object.entries(wanted).every(([name, value]) => contains((actual as Wire | undefined)?.[name], value))
}
