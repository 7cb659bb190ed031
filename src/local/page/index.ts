import { ConfigurationError } from '../../errors.ts'
import { isLoopback } from '../hosts.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { LocalRequest } from '../operation.ts'
import type { World } from '../world.ts'
import { endpoints, PageError } from './endpoints.ts'
import { readPage } from './html.ts'

/**
 * Answers `GET /` with a page for people, and what stands below `/_cognigate/` for its script; undefined for all other requests. It
 * needs no credentials, so it only answers this machine: the host is a name of this machine (a site that has its own name point here
 * is refused), the origin of a script is the page's own, and nobody frames it.
 */
export async function answerPage(world: World, request: LocalRequest): Promise<Response | undefined> {
  const url = new URL(request.url)
  const { method, headers } = request
  const isPage = url.pathname === '/' && (method === 'GET' || method === 'HEAD') && isForPeople(url, headers)
  if (!isPage && !url.pathname.startsWith('/_cognigate/')) return undefined
  const reason = refusal(url, request, isPage)
  if (reason !== undefined) return answer(403, { message: reason })
  if (isPage) return readPage(method === 'HEAD')
  const name = `${method} ${url.pathname.slice('/_cognigate/'.length)}`
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined
  if (endpoint === undefined) return answer(404, { message: 'The page has nothing here.' })
  try {
    const input = method === 'GET' ? Object.fromEntries(url.searchParams) : await readInput(request)
    return answer(200, await endpoint(world, input))
  } catch (error) {
    if (error instanceof PageError) return answer(error.status, { code: error.code, message: error.message })
    if (error instanceof ConfigurationError) return answer(400, { message: error.message })
    throw error
  }
}

/** `GET /` is also how some clients call IAM and STS, with `Action` and a signature. */
function isForPeople(url: URL, headers: LocalRequest['headers']): boolean {
  const isAws = /\.(amazonaws\.com(\.cn)?|amazoncognito\.com)$/.test(url.hostname)
  return !isAws && !url.searchParams.has('Action') && headers.get('authorization') === null
}

/** Why a request is not answered; undefined where it is. */
function refusal(
  { hostname, host, protocol }: URL,
  { method, headers, remoteAddress }: LocalRequest,
  isPage: boolean,
): string | undefined {
  const isHere =
    isLoopback(hostname) && (remoteAddress === undefined || isLoopback(remoteAddress.replace(/^::ffff:/, '')))
  if (!isHere) return 'The page only answers this machine: open it as http://localhost or http://127.0.0.1.'
  const origin = headers.get('origin')
  if (origin !== null && origin !== `${protocol}//${host}`) return 'The page answers no other origin.'
  const site = headers.get('sec-fetch-site')
  const isNavigation =
    isPage && headers.get('sec-fetch-dest') !== 'iframe' && headers.get('sec-fetch-mode') === 'navigate'
  const isOwn = site === null || site === 'same-origin' || site === 'none' || isNavigation
  if (!isOwn) return 'The page answers no other site.'
  const isJson = headers.get('content-type')?.startsWith('application/json')
  if (method !== 'GET' && method !== 'HEAD' && !isJson) return 'Expected a JSON body, with its content type.'
  return undefined
}

async function readInput(request: LocalRequest): Promise<JsonObject> {
  try {
    const input: unknown = JSON.parse(await request.text())
    if (isObject(input)) return input
  } catch {}
  throw new ConfigurationError('The body: expected a JSON object.')
}

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
  })
}
