import { AwsV4Signer } from 'aws4fetch'

/** Who signs, for what, and when. */
export interface Signing {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly service: string
  readonly region: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A request with a Signature Version 4 by aws4fetch in place of whatever signature it had. */
export async function signRequest(request: Request, signing: Signing): Promise<Request> {
  const { at, sessionToken, ...rest } = signing
  const headers = new Headers(request.headers)
  for (const name of ['authorization', 'x-amz-date', 'x-amz-security-token']) headers.delete(name)
  const body = request.method === 'GET' ? undefined : await request.text()
  const signer = new AwsV4Signer({
    ...rest,
    ...(sessionToken !== undefined && { sessionToken }),
    method: request.method,
    url: request.url,
    headers,
    ...(body !== undefined && { body }),
    datetime: new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, ''),
  })
  const { method, url, headers: signed } = await signer.sign()
  return new Request(url, { method, headers: signed, ...(body !== undefined && { body }) })
}
