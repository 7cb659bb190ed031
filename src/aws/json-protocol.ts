import { isJsonObject } from '../encoding.ts'
import type { Protocol } from './protocol.ts'

/** AWS's JSON 1.1 protocol. `target` stands before the operation in `X-Amz-Target`. */
export function jsonProtocol(target: string): Protocol {
  return {
    encode: (operation, input) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target + operation },
      body: JSON.stringify(input),
    }),
    decode: objectIn,
  }
}

/** The object that a JSON text is, an empty one where it is blank; undefined for anything else. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() || '{}')
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
