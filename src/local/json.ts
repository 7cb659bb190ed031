/** An object in the sense of JSON. */
export type JsonObject = { readonly [name: string]: unknown }

/** Whether `value` is an object in the sense of JSON: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An empty map by name. It has no prototype, so that `__proto__` and `constructor` are names like any other. */
export function createMap<T>(entries: Iterable<readonly [string, T]> = []): Record<string, T> {
  const map: Record<string, T> = Object.create(null)
  for (const [name, value] of entries) map[name] = value
  return map
}

/** Compares by UTF-16 code units, the same on every runtime and in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
