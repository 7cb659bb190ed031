import { ConfigurationError } from 'cognigate/sign-in'

/** What a request brings: texts, and the credential of a passkey as the browser gives it. */
export type Body = Readonly<Record<string, unknown>>

/** The JSON object of a request. Throws ConfigurationError for anything else, and for more than 64 kB. */
export async function readBody(request: Request): Promise<Body> {
  const isJson = request.headers.get('content-type')?.startsWith('application/json')
  const text = isJson ? await request.text() : ''
  const body: unknown = text.length > 65_536 ? undefined : parse(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('a JSON object')
  return body as Body
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A text of the body, empty where it is missing. */
export function textOf(body: Body, name: string): string {
  const value = Object.hasOwn(body, name) ? body[name] : ''
  if (typeof value !== 'string') throw invalid('texts')
  return value
}

function invalid(expected: string): ConfigurationError {
  return new ConfigurationError(`body: expected ${expected}.`)
}

/** Whether a request comes from the page itself. Browsers send one of the two headers with every POST, and scripts cannot set them. */
export function isOwn(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  return request.headers.get('origin') === new URL(request.url).origin
}

/** The value of a cookie, empty where it is missing. */
export function cookieOf(request: Request, name: string): string {
  const found = (request.headers.get('cookie') ?? '').split('; ').find((part) => part.startsWith(`${name}=`))
  return found?.slice(name.length + 1) ?? ''
}

/** A cookie of this host alone, which no script reads and no other site's request carries. */
export function keep(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`
}

export function drop(name: string): string {
  return keep(name, '', 0)
}

export function reply(body: object, cookies: readonly string[] = []): Response {
  const response = Response.json(body, { headers: { 'cache-control': 'no-store' } })
  for (const one of cookies) response.headers.append('set-cookie', one)
  return response
}

export function problem(status: number, code: string): Response {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return Response.json({ status, code }, { status, headers })
}
