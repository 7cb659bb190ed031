import { AwsV4Signer } from 'aws4fetch'
import type { Credentials } from './credentials.ts'

/** Makes the requests of one service, signed where credentials are given (AWS Signature Version 4). */
export interface Signer {
  request(operation: string, body: string, credentials: Credentials | undefined, signal: AbortSignal): Promise<Request>
  /** Takes the server's time for the right one. False where the clock was not off, or was corrected already. */
  correct(serverTime: number): boolean
}

/** AWS refuses signatures that are off by more than 5 minutes. In milliseconds. */
const TOLERANCE = 240_000

/** `target` stands before the operation in `X-Amz-Target`. */
export function createSigner(service: string, target: string, url: string, region: string, now: () => number): Signer {
  let skew = 0
  let cache = new Map<string, ArrayBuffer>()
  let cacheOf: Credentials | undefined
  return {
    async request(operation, body, credentials, signal) {
      let headers: HeadersInit = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target + operation,
      }
      if (credentials) {
        // A key is derived of a secret and a day, and of no use after either.
        if (cacheOf !== credentials || cache.size > 1) cache = new Map()
        cacheOf = credentials
        const { accessKeyId, secretAccessKey, sessionToken } = credentials
        const datetime = new Date(now() + skew).toISOString().replace(/[:-]|\.\d{3}/g, '')
        const signing = { method: 'POST', url, headers, body, service, region, datetime, cache }
        const signer = new AwsV4Signer({
          ...signing,
          accessKeyId,
          secretAccessKey,
          ...(sessionToken && { sessionToken }),
        })
        headers = (await signer.sign()).headers
      }
      return new Request(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    },
    correct(serverTime) {
      const isOff = Math.abs(serverTime - now() - skew) > TOLERANCE
      if (isOff) skew = serverTime - now()
      return isOff
    },
  }
}
