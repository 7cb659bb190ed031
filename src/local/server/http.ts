import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ConfigurationError } from '../../errors.ts'
import type { LocalRequest } from '../operation.ts'

/** More than any operation of Cognito takes: a larger body is refused before it is read to its end. */
const longestBody = 4_000_000

/** A server that listens. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:9229`, without a slash at the end. */
  readonly url: string
  /** Takes no new requests, gives those that are being answered a second to finish, and cuts all others. */
  close(): Promise<void>
}

/** Where to listen, and what to do with requests. */
export interface HttpServerOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly handle: (request: LocalRequest) => Promise<Response>
  /** Told of what went wrong while a request was answered. */
  readonly report: (line: string) => void
}

/**
 * Listens. Clients that are slow with their headers or bodies are cut, connections are kept for the next request. Throws
 * ConfigurationError where the port is taken or the address is not one of this machine.
 */
export async function listen(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port } = options
  const limits = { requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 60_000, maxHeaderSize: 65_536 }
  const running = new Set<Promise<void>>()
  const server = createServer(limits, (request, response) => {
    const answering = answer(request, response, options)
    running.add(answering)
    void answering.finally(() => running.delete(answering))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(toListenError(error, host, port)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${address.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeIdleConnections()
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, 1000)
      })
      await Promise.race([Promise.allSettled(running), late])
      clearTimeout(timer)
      server.closeAllConnections()
      await closed
    },
  }
}

function toListenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigurationError(
        `port: ${port} on ${host} is in use; stop what listens there, or choose another port (0 for any free one).`,
      )
    case 'EACCES':
      return new ConfigurationError(`port: ${port} needs privileges; choose one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigurationError(`host: ${host} is not an address of this machine.`)
    default:
      return error
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('The client has gone.'))
  })
  try {
    const body = await readBody(request)
    if (body === undefined) return refuse(response, 413, 'The body is larger than 4 MB.')
    const url = readUrl(request)
    if (url === undefined) return refuse(response, 400, 'The request has no valid Host header.')
    const answered = await options.handle(toLocalRequest(request, url, body, gone.signal))
    await send(request, response, answered, gone.signal)
  } catch (error) {
    if (gone.signal.aborted || isCut(error)) {
      response.destroy()
      return
    }
    options.report(`500 ${toReport(error)}`)
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'The local AWS has failed; its log says how.')
  }
}

/** How a fault that cuts the connection shows. */
function isCut(error: unknown): boolean {
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)
}

/** Where it stands in our code helps nobody with what they can put right themselves. */
function toReport(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof ConfigurationError ? error.message : (error.stack ?? error.message)
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ message }))
}

/** Undefined where it is too long; the rest is left unread. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > longestBody) return undefined
  const decoder = new TextDecoder()
  let [text, length] = ['', 0]
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > longestBody) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The address as the client wrote it; also in full, as proxies are asked. */
function readUrl({ url = '/', headers }: IncomingMessage): URL | undefined {
  try {
    return url.startsWith('/') ? new URL(`http://${headers.host ?? 'localhost'}${url}`) : new URL(url)
  } catch {
    return undefined
  }
}

function toLocalRequest(
  { method = 'GET', headers, socket }: IncomingMessage,
  url: URL,
  body: string,
  signal: AbortSignal,
): LocalRequest {
  return {
    method,
    url: url.href,
    headers: {
      get(name) {
        const value = headers[name.toLowerCase()]
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
      },
    },
    signal,
    remoteAddress: socket.remoteAddress,
    text: async () => body,
  }
}

/** Sends an answer; one that is whole at once with its length, and any other as it comes. */
async function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Response,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, value] of headers) if (name !== 'set-cookie') response.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.statusCode = status
  if (body === null || method === 'HEAD') {
    response.end()
    return
  }
  const reader = body.getReader()
  signal.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true })
  const first = await reader.read()
  if (first.done) {
    response.end()
    return
  }
  const second = reader.read()
  const isWhole = await Promise.race([
    second.then(({ done }) => done),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ])
  if (isWhole) {
    response.setHeader('content-length', first.value.length)
    response.end(first.value)
    return
  }
  await write(response, first.value)
  for (let next = await second; !next.done; next = await reader.read()) await write(response, next.value)
  response.end()
}

/** Resolves when there is room for more. */
async function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (response.write(chunk) || response.destroyed) return
  await new Promise<void>((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}
