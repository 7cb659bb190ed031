/** Freezes a value and all that it holds. Without recursion, so that deep nesting cannot exhaust the stack. */
export function deepFreeze<T>(value: T): T {
  const found = new Set<object>()
  const find = (inner: unknown) => {
    if (typeof inner === 'object' && inner !== null) found.add(inner)
  }
  find(value)
  // A Set goes on to what is added to it meanwhile.
  for (const next of found) Object.values(Object.freeze(next)).forEach(find)
  return value
}
