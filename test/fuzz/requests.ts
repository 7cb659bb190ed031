import { clientId } from '../support/issuer.ts'
import type { Random } from '../support/random.ts'

const methods = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'CONNECT',
  'FOO',
  'get',
]
const schemes = [
  ...Array(20).fill('Bearer '),
  'bearer ',
  'BEARER  ',
  'Bearer\t',
  'Bearer',
  'Basic ',
  '',
  'DPoP ',
  'Bearer ,',
]
const hosts = ['one.example', 'one.example', 'one.example', 'two.example', 'three.example']
const paths = ['/', '/posts', '/a%22%0d%0a', '/%ff', '//evil', '/..;/x', '/\u00fc']
const sites = ['same-origin', 'same-site', 'cross-site', 'none', '', 'SAME-ORIGIN']
const upgrades = ['websocket', 'WebSocket', 'h2c', 'websocket, h2c']
const odd = ['x', '%', '%FF', '"', '=', ';', ',', '\u00ff', ' ', '\t', 'x'.repeat(9000)]
const preflight: readonly (readonly [string, string])[] = [
  ['access-control-request-method', 'DELETE'],
  ['access-control-request-headers', 'authorization'],
]

/** Makes a request by chance. It may carry none, one or several of the tokens, in good places and bad ones. */
export function randomRequest(random: Random, tokens: readonly string[]): Request {
  const chance = (one: number) => random.below(one) === 0
  const host = random.pick(hosts)
  const url = `https://${host}${random.pick(paths)}${chance(5) ? `?access_token=${encodeURIComponent(random.pick(tokens))}` : ''}`
  const fields: (readonly [string, string])[] = []
  if (!chance(6))
    fields.push(['authorization', `${random.pick(schemes)}${random.pick(tokens)}${chance(15) ? random.pick(odd) : ''}`])
  if (chance(20)) fields.push(['authorization', `Bearer ${random.pick(tokens)}`])
  if (chance(2)) fields.push(['cookie', randomCookies(random, tokens)])
  if (chance(3)) fields.push(['origin', random.pick([`https://${host}`, 'https://evil.example', 'null', ''])])
  if (chance(3)) fields.push(['sec-fetch-site', random.pick(sites)])
  if (chance(8)) fields.push(['upgrade', random.pick(upgrades)])
  if (chance(2)) fields.push(['x-token', random.pick(tokens)])
  if (chance(10)) fields.push(...preflight)
  if (chance(10)) fields.push([random.pick(['x-forwarded-user', 'host', 'forwarded', 'accept']), random.pick(odd)])
  return { method: random.pick(methods), url: new URL(url).href, headers: headersOf(fields) } as Request
}

function randomCookies(random: Random, tokens: readonly string[]): string {
  const value = () => random.pick([...tokens, ...odd])
  const prefix = `CognitoIdentityServiceProvider.${clientId}`
  const pairs = [
    () => `t=${value()}`,
    () => `t=${encodeURIComponent(random.pick(tokens))}`,
    () => `${prefix}.LastAuthUser=${random.pick(['alice', 'bob', ...odd])}`,
    () => `${prefix}.alice.${random.pick(['accessToken', 'idToken', 'refreshToken'])}=${value()}`,
    () => `${random.pick(odd)}=${value()}`,
    () => random.pick(odd),
  ]
  return Array.from({ length: 1 + random.below(7) }, () => random.pick(pairs)()).join('; ')
}

/** Leaves out what no header field can carry. */
function headersOf(fields: readonly (readonly [string, string])[]): Headers {
  const headers = new Headers()
  for (const [name, value] of fields) {
    try {
      headers.append(name, value)
    } catch {}
  }
  return headers
}
