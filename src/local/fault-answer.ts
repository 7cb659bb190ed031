import type { FaultOptions } from './fault-options.ts'
import type { Codec } from './operation.ts'
import { ServiceError } from './service-error.ts'

/**
 * What a fault answers. Rejects where it cuts the connection; where it hangs, it settles only when the signal that
 * `signalOf` gives aborts.
 */
export async function answerFault(
  fault: FaultOptions,
  codec: Codec,
  requestId: string,
  signalOf: () => AbortSignal | undefined,
): Promise<Response> {
  if (fault.networkError === true) throw new TypeError('fetch failed')
  if (fault.hang === true) return hang(signalOf())
  if (fault.error !== undefined || (fault.status === undefined && fault.body === undefined && !fault.stream)) {
    const { error = 'InternalErrorException' } = fault
    const status = fault.status ?? (fault.error === undefined ? 500 : 400)
    const { message = 'A fault was ordered.' } = fault
    return withHeaders(codec.refuse(new ServiceError(error, message, status), requestId), fault.headers)
  }
  const { status = 200 } = fault
  return withHeaders(new Response(isBodiless(status) ? null : bodyOf(fault), { status }), fault.headers)
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function bodyOf(fault: FaultOptions): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = fault.body ?? ''
  const plain = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  if (fault.stream === undefined) return plain
  const chunk = typeof plain === 'string' ? new TextEncoder().encode(plain) : plain
  if (fault.stream === 'endless') return endless(chunk.length > 0 ? chunk : new Uint8Array([0x20]))
  return fault.stream === 'cut' ? cut(chunk) : stalled(chunk)
}

function endless(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk.slice())
    },
  })
}

function stalled(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      if (chunk.length > 0) controller.enqueue(chunk.slice())
    },
  })
}

function cut(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isSent = chunk.length === 0
  return new ReadableStream({
    pull(controller) {
      if (isSent) controller.error(new TypeError('terminated'))
      else controller.enqueue(chunk.slice())
      isSent = true
    },
  })
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

function withHeaders(response: Response, headers: FaultOptions['headers']): Response {
  for (const [name, value] of Object.entries(headers ?? {})) response.headers.set(name, value)
  return response
}
