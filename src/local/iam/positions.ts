/** A place in a text; lines and columns begin at 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Where something begins, and the place after its end. */
export interface Range {
  readonly start: Place
  readonly end: Place
}

/**
 * Where the statements of a policy stand in its text, in their order. The text is a policy that can be parsed: an object
 * whose member `Statement` is an object or a list of objects.
 */
export function findStatementRanges(text: string): readonly Range[] {
  const ranges: Range[] = []
  let [depth, opened, openedAt] = [0, 0, 0]
  let name: string | undefined
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/gs)) {
    if (mark.startsWith('"')) {
      // The first text of a member is its name.
      if (depth === 1) name ??= mark.slice(1, -1)
    } else if (mark === ',') {
      if (depth === 1) name = undefined
    } else if (mark === '{' || mark === '[') {
      depth += 1
      if (mark === '[' || name !== 'Statement' || opened > 0) continue
      opened = depth
      openedAt = index
    } else {
      if (depth === opened) {
        ranges.push({ start: placeOf(text, openedAt), end: placeOf(text, index + 1) })
        opened = 0
      }
      depth -= 1
    }
  }
  return ranges
}

function placeOf(text: string, index: number): Place {
  const before = text.slice(0, index)
  const lineAt = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: index - lineAt + 1 }
}
