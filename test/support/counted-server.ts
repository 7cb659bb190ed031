import { createServer } from 'node:http'
import type { LocalServer } from '../../src/local/server/index.ts'

/** A request at a local AWS, before it has an effect or right after it; it is the `count`th of its operation, from 1. */
export interface CountedRequest {
  readonly operation: string
  readonly count: number
  readonly when: 'before' | 'after'
}

/** A local AWS over loopback that tells of each request, and waits for what it was told. */
export interface CountedServer {
  readonly url: string
  /** Replaced from test to test. */
  onRequest: (request: CountedRequest) => void | Promise<void>
  /** How often an operation was asked for since the last `reset`. */
  count(operation: string): number
  reset(): void
  close(): Promise<void>
}

/** Stands before a local server. Whoever is killed while a request is under way never sees its answer: its effect is there all the same. */
export async function startCountedServer(local: LocalServer): Promise<CountedServer> {
  const counts = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const body: Uint8Array[] = []
    for await (const part of request) body.push(part)
    const sent = Buffer.concat(body)
    // IAM and STS have it in a form.
    const target = request.headers['x-amz-target'] ?? /\bAction=(\w+)/.exec(sent.toString())?.[1]
    const operation = String(target).split('.').at(-1) ?? ''
    const count = (counts.get(operation) ?? 0) + 1
    counts.set(operation, count)
    await counted.onRequest({ operation, count, when: 'before' })
    const { host: _, connection: __, 'content-length': ___, ...rest } = request.headers
    const headers = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)])
    const url = `${local.url}${request.url}`
    const answer = await fetch(url, { method: 'POST', headers, body: sent }).catch(() => undefined)
    if (answer === undefined) return response.destroy()
    await counted.onRequest({ operation, count, when: 'after' })
    const { 'content-length': ____, ...more } = Object.fromEntries(answer.headers)
    response.writeHead(answer.status, more).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const counted: CountedServer = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    onRequest: () => {},
    count: (operation) => counts.get(operation) ?? 0,
    reset: () => counts.clear(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return counted
}
