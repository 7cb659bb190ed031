import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { LocalPool } from '../../src/local/index.ts'

/** A request as the AWS SDK hands it to its transport. */
interface SdkRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query?: Record<string, string | string[] | null> | undefined
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
}

/** Keys by which nobody is known. */
export const exampleCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }

/** How a client differs from one that speaks to the pool with the example's keys. */
export interface SdkOptions {
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined
  /** Default 1: nothing is tried again. */
  readonly maxAttempts?: number | undefined
}

/** How far the clock of a pool is ahead of the real one, in milliseconds, as the AWS SDK's clients take it. */
export function clockOf(pool: { readonly settings?: { now(): number } }): { systemClockOffset: number } {
  return { systemClockOffset: pool.settings === undefined ? 0 : pool.settings.now() - Date.now() }
}

/** The transport (`requestHandler`) of any client of the AWS SDK, by which its requests go to a local pool. */
export function sdkTransport(pool: Pick<LocalPool, 'fetch'>) {
  return { handle: async (request: SdkRequest) => ({ response: await answer(pool, request) }) }
}

/** The AWS SDK's own client, whose requests go to a local pool. */
export function createSdkClient(
  pool: Pick<LocalPool, 'region' | 'fetch'> & Partial<Pick<LocalPool, 'settings'>>,
  options: SdkOptions = {},
) {
  const { credentials = exampleCredentials, maxAttempts = 1 } = options
  return new CognitoIdentityProviderClient({
    region: pool.region,
    credentials,
    maxAttempts,
    requestHandler: sdkTransport(pool),
    ...clockOf(pool),
  })
}

async function answer(pool: Pick<LocalPool, 'fetch'>, request: SdkRequest) {
  const { method, protocol, hostname, path, query = {}, headers, body } = request
  const { host: _, ...rest } = headers
  const url = new URL(`${protocol}//${hostname}${path}`)
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) url.searchParams.append(name, one ?? '')
  }
  const response = await pool.fetch(new Request(url, { method, headers: rest, ...(body && { body }) }))
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  }
}
