import { AwsV4Signer } from 'aws4fetch'
import type { Credentials } from './credentials.ts'
import type { Message } from './protocol.ts'

/** Makes the requests of one service, signed where credentials are given (AWS Signature Version 4). */
export interface Signer {
  request(message: Message, credentials: Credentials | undefined, signal: AbortSignal): Promise<Request>
  /** Takes the server's time for the right one. False where the clock was not off, or was corrected already. */
  correct(serverTime: number): boolean
}

/** AWS refuses signatures that are off by more than 5 minutes. In milliseconds. */
const TOLERANCE = 240_000

/** `url` is where the requests go. */
export function createSigner(service: string, url: string, region: string, now: () => number): Signer {
  let skew = 0
  // Keys derived of a secret and a day: values, which requests may share.
  const cache = new Map<string, ArrayBuffer>()
  return {
    async request(message, credentials, signal) {
      let init: RequestInit = message
      if (credentials) {
        if (cache.size > 9) cache.clear()
        const { accessKeyId, secretAccessKey, sessionToken = '' } = credentials
        const datetime = new Date(now() + skew).toISOString().replace(/[:-]|\.\d{3}/g, '')
        const keys = { accessKeyId, secretAccessKey, sessionToken }
        init = await new AwsV4Signer({ ...message, ...keys, url, service, region, datetime, cache }).sign()
      }
      return new Request(url, { ...init, redirect: 'manual', signal })
    },
    correct(serverTime) {
      const isOff = Math.abs(serverTime - now() - skew) > TOLERANCE
      if (isOff) skew = serverTime - now()
      return isOff
    },
  }
}
