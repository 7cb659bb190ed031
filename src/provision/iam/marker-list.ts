import { createList, type List } from '../../aws/index.ts'
import type { Paged, Position } from './operations.ts'
import { malformed } from './writer.ts'

/** A list that is read by `Marker` and `MaxItems`. Iterating throws AwsError where it is cut off without a marker. */
export function createMarkerList<A extends Paged, T>(
  operation: string,
  read: (position: Position) => Promise<A>,
  itemsIn: (answer: A) => readonly T[] | undefined,
): List<T> {
  return createList(operation, async ({ token, limit } = {}) => {
    const answer = await read({ Marker: token, MaxItems: limit })
    if (answer.IsTruncated && !answer.Marker) throw malformed(operation)
    return { items: itemsIn(answer) ?? [], token: answer.IsTruncated ? answer.Marker : undefined }
  })
}
