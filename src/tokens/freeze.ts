/** Freezes a value and all that it holds. Without recursion, so that deep nesting cannot exhaust the stack. */
export function deepFreeze<T>(value: T): T {
  const seen = new Set<object>()
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    open.push(...Object.values(Object.freeze(next)))
  }
  return value
}
