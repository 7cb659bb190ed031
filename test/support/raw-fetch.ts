import { request } from 'node:http'

/** A request over HTTP with just these header fields: `fetch` of Node writes its own `Sec-Fetch-Mode`. Follows no redirect. */
export function rawFetch(url: URL, method: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, host: '127.0.0.1' }, async (incoming) => {
      const body: Uint8Array[] = []
      for await (const chunk of incoming) body.push(chunk)
      const answer = new Response(new Blob(body as BlobPart[]), { status: incoming.statusCode ?? 0 })
      for (const [name, values] of Object.entries(incoming.headersDistinct))
        for (const value of values ?? []) answer.headers.append(name, value)
      resolve(answer)
    })
    sent.on('error', reject).end()
  })
}
