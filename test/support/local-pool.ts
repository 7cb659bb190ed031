import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import type { LocalPool } from '../../src/local/index.ts'

/** Bytes that are the same in every run. */
export function createSeededBytes(seed = 1): (length: number) => Uint8Array {
  let state = seed
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
}

/** An Authorization header of the right form, by nobody. */
export function authorizationFor(region = 'eu-west-1', service = 'cognito-idp'): string {
  const credential = `AKIDEXAMPLE/20260101/${region}/${service}/aws4_request`
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
}

/** A call of the user-pool API. */
export function requestFor(pool: Pick<LocalPool, 'endpoint' | 'region'>, operation: string, input: unknown): Request {
  return new Request(`${pool.endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      authorization: authorizationFor(pool.region),
    },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  })
}

export type Json = Record<string, unknown>

/** The status and the decoded body of an operation on the pool; an empty body is undefined. */
export async function call(
  pool: LocalPool,
  operation: string,
  input: Json = {},
): Promise<{ status: number; body: Json | undefined }> {
  const response = await pool.fetch(requestFor(pool, operation, { UserPoolId: pool.settings.userPoolId, ...input }))
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** All pages of a list operation. */
export async function readPages(
  pool: LocalPool,
  operation: string,
  input: Json,
  [token, result]: [token: 'NextToken' | 'PaginationToken', result: 'Groups' | 'Users'],
): Promise<Json[][]> {
  const pages: Json[][] = []
  let next: unknown
  do {
    const { status, body } = await call(pool, operation, { ...input, [token]: next })
    if (status !== 200) throw new Error(`${operation} answered ${status}`)
    pages.push(itemsOf({ body }, result))
    next = body?.[token]
  } while (next !== undefined)
  return pages
}

/** The list that an answer holds. */
export function itemsOf({ body }: { body: Json | undefined }, result: 'Groups' | 'Users'): Json[] {
  const items = body?.[result]
  if (!Array.isArray(items)) throw new Error(`no ${result} in the answer`)
  return items
}

/** Header and claims of a token, unverified. */
export function decode(token: string): { header: Json; claims: Json } {
  return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) }
}

/** The public keys that a pool publishes. */
export async function readKeys(pool: LocalPool): Promise<JSONWebKeySet> {
  const response = await pool.fetch(new Request(`${pool.issuer}/.well-known/jwks.json`))
  return response.json() as Promise<JSONWebKeySet>
}
